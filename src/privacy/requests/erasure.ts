import { AppError } from '../../errors.ts'
import type { Tx } from '../../platform/db.ts'
import { sectionsFor } from '../file/sections.ts'
import {
  type Candidate,
  isNamed,
  keysIn,
  listContactsOf,
  listContactsWith,
  type Subject,
  strangerOf,
  subjectOf,
} from '../file/subject.ts'
import { erasePeople } from '../retention/erase.ts'
import { createWholeNameMatcher } from '../retention/words.ts'
import type { AnswerDataRequest, DataRequestView, ErasedTraces, Traces } from './contract.ts'
import { listNamed } from './open.ts'
import { TRACE_SECTIONS } from './sections.ts'

/** The people, or the member, that the answer to an erasure request erases. */
export interface Erasure {
  /** Contacts that can be erased while their members stay. */
  readonly candidates: readonly Candidate[]
  /** Undefined: the request does not say whether it is about the member or about one of its contacts. */
  readonly subject: Subject | undefined
}

/**
 * Finds whom an erasure request is about. A member without a named requester goes whole. A named requester who is one of several
 * contacts is erased alone; one who is none of them is decided by the user, since the rest of the shop must not go by mistake.
 * @param chosen by the user
 * @throws AppError `invalid_input`: the choice does not fit the request
 */
export async function findErasure(
  tx: Tx,
  schemeId: string,
  { memberId, person }: { readonly memberId: string | null; readonly person: string },
  { erase, contacts: ids = [] }: Pick<AnswerDataRequest, 'erase' | 'contacts'>,
): Promise<Erasure> {
  const keys = keysIn(person)
  const chosenOf = (candidates: readonly Candidate[]) =>
    erase === 'people' ? requireChosen(candidates, ids) : undefined
  if (memberId === null) {
    const candidates = await listContactsWith(tx, schemeId, keys)
    const chosen = chosenOf(candidates)
    if (erase === 'member') throw unclearErasureError()
    return { candidates, subject: strangerOf(schemeId, keys, chosen ?? candidates) }
  }
  const memberIds = (await listNamed(tx, schemeId, [memberId])).get(memberId)?.ids ?? [memberId]
  const candidates = await listContactsOf(tx, schemeId, memberIds)
  const chosen = chosenOf(candidates)
  const whole = subjectOf({ schemeId, memberIds, contacts: candidates, isWhole: true }, {})
  const only = (contacts: readonly Candidate[]) =>
    subjectOf({ schemeId, memberIds, contacts, isWhole: false }, {})
  if (chosen?.length === 0) throw unclearErasureError()
  if (chosen !== undefined) return { candidates, subject: only(chosen) }
  if (person === '' || erase === 'member') return { candidates, subject: whole }
  const asking = candidates.filter((contact) => isNamed(person, contact))
  // Nothing is left to choose from where the member was erased since.
  if (candidates.length === 0 && (await isErased(tx, schemeId, memberId)))
    return { candidates, subject: whole }
  if (asking.length === 0) return { candidates, subject: undefined }
  return { candidates, subject: asking.length === candidates.length ? whole : only(asking) }
}

/** @throws AppError `invalid_input` when a chosen contact is none of the candidates */
function requireChosen(candidates: readonly Candidate[], ids: readonly string[]): readonly Candidate[] {
  const chosen = candidates.filter(({ id }) => ids.includes(id))
  if (chosen.length < new Set(ids).size) throw unclearErasureError()
  return chosen
}

async function isErased(tx: Tx, schemeId: string, memberId: string): Promise<boolean> {
  const member = await tx
    .selectFrom('members')
    .select('erasedAt')
    .where('schemeId', '=', schemeId)
    .where('id', '=', memberId)
    .executeTakeFirst()
  return member?.erasedAt !== null
}

/** Returns the refusal of an erasure that does not say whom it is about. */
export function unclearErasureError(): AppError {
  return new AppError('invalid_input', { problems: [{ code: 'request.whom', path: 'contacts' }] })
}

/** Data that the erasure of people keeps whole, though the file no longer finds it once the contact is deleted. */
const KEPT_WHOLE: readonly (keyof Traces)[] = ['alerts', 'acts']

/** Counts what the file of a subject who is no whole member has, by section, without requests: they prove the answers. */
export async function countTraces(tx: Tx, subject: Subject): Promise<Traces> {
  const counts: Traces = {}
  for (const { name, read, isOfNoScheme } of sectionsFor(subject)) {
    const section = TRACE_SECTIONS.find((one) => one === name)
    if (section === undefined) continue
    const rows = await read(tx, isOfNoScheme === true ? { ...subject, ...subject.held } : subject)
    if (rows.length > 0) counts[section] = rows.length
  }
  return counts
}

/** Erases people whose members stay. @returns what was erased, and what is kept by law or since another contact has it too */
export async function eraseSubject(
  tx: Tx,
  deps: Parameters<typeof erasePeople>[1],
  subject: Subject,
): Promise<ErasedTraces> {
  const found = await countTraces(tx, subject)
  await erasePeople(tx, deps, subject)
  const left = await countTraces(tx, subject)
  const erased: Traces = {}
  const kept: Traces = {}
  for (const name of TRACE_SECTIONS) {
    const count = found[name] ?? 0
    const stays = KEPT_WHOLE.includes(name) ? count : Math.min(count, left[name] ?? 0)
    if (stays > 0) kept[name] = stays
    if (count > stays) erased[name] = count - stays
  }
  return { erased, kept }
}

/**
 * Lists the other open erasure requests that the erasure of people answers: entered for them, or for no member but with one of their
 * numbers or addresses.
 * @throws AppError `invalid_input` when an open request about data that would be erased waits, or one by their name, who may be
 * someone else
 */
export async function listSamePeople(
  tx: Tx,
  { id }: Pick<DataRequestView, 'id'>,
  { schemeId, memberIds, people, phones, mails }: Subject,
): Promise<string[]> {
  const open = await tx
    .selectFrom('dataRequests')
    .select(['id', 'kind', 'person', 'memberId'])
    .where('schemeId', '=', schemeId)
    .where('state', '=', 'open')
    .where('id', '<>', id)
    .orderBy('id')
    .execute()
  const keys = { shops: [], sirets: [], addresses: [], phones, mails }
  const hasKey = createWholeNameMatcher({ ...keys, people: [] })
  const hasName = createWholeNameMatcher({ ...keys, people: memberIds.length === 0 ? [] : people })
  const theirs = open.filter(
    ({ memberId, person }) => (memberId === null || memberIds.includes(memberId)) && hasName(person),
  )
  if (theirs.some(({ kind, memberId }) => kind !== 'erasure' && memberId !== null))
    throw new AppError('invalid_input', { problems: [{ code: 'request.other_open' }] })
  if (
    theirs.some(({ kind, person, memberId }) => kind !== 'erasure' || (memberId === null && !hasKey(person)))
  )
    throw new AppError('invalid_input', { problems: [{ code: 'request.same_person' }] })
  return theirs.map((one) => one.id)
}
