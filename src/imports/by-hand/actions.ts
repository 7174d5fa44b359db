import { recordAudit } from '../../audit/record.ts'
import { findRepeated } from '../../audit/repeat.ts'
import type { ChangeView, MemberSaved } from '../../changes/contract.ts'
import { answerCauseOf, keepSettledCorrection } from '../../changes/corrections.ts'
import { openChange } from '../../changes/record.ts'
import { countNotified, findMemberChange, toChangeView } from '../../changes/store.ts'
import { planWelcome } from '../../changes/welcome.ts'
import type { Deps } from '../../deps.ts'
import { AppError, type Problem } from '../../errors.ts'
import { getMember, memberScopeOf } from '../../members/actions.ts'
import { clearContactNumbers, deleteContact } from '../../members/contacts.ts'
import { settleCorrection } from '../../members/corrections/corrections.ts'
import type { MemberScope } from '../../members/filters.ts'
import { type FoundContact, type FoundMember, findMember } from '../../members/found.ts'
import { optInAgain } from '../../members/numbers/actions.ts'
import { listOptedOut } from '../../members/opt-out/opted-out.ts'
import { parseInseeCode, parsePostalCode } from '../../members/rules.ts'
import {
  findStoredMember,
  insertContacts,
  insertMembers,
  lockMemberList,
  lockMemberWrites,
  setPaperCharter,
  updateContacts,
  updateMembers,
} from '../../members/store.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { readRowFacts } from '../import/check/facts.ts'
import { applyTyped, type EditedFields, EMPTY, type TypedBusiness } from './business.ts'
import { MAX_PEOPLE, type MemberEdit, type NewMember, type TypedContact } from './contract.ts'
import {
  asUneditedPerson,
  type CheckedPerson,
  checkPeople,
  isSamePerson,
  NO_PEOPLE,
  type PeoplePlan,
  planPeople,
} from './people.ts'
import { findAddition, findCreation, findSiretHolder, listTakenContactIds } from './store.ts'

export type ByHandDeps = Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'mailer'>

/**
 * Adds a member with its people, by the rules of a row of a list, as a change that can be undone for a day. A number that another
 * business has is accepted: `checkMember` reports it. `welcome` plans its notice, which an undo before it leaves withdraws. The same
 * request again, after a lost answer, is answered as the first one.
 * @throws AppError `invalid_input` with every problem; `id_taken` if the id is of another member, the member has other values by now, or
 * its creation was undone;
 * `import_running`, `undo_running`
 */
export async function createMember(
  deps: ByHandDeps,
  actor: Actor,
  schemeId: string,
  { id, contacts, welcome, ...typed }: NewMember,
): Promise<MemberSaved> {
  const only = memberScopeOf(authorize(actor, 'member.change', schemeId))
  const change = await inScheme(deps.db, schemeId, async (tx) => {
    await lockToEdit(tx, schemeId)
    const earlier = await findRepeated(tx, schemeId, {
      id,
      creator: actorName(actor),
      find: () => findCreation(tx, schemeId, id),
      isSame: ({ undoneAt, exists }) => exists && undoneAt === null,
      creatorOf: ({ by }) => by,
    })
    if (earlier !== undefined) {
      const found = await findEditable(tx, schemeId, only, id)
      const { after, people } = await planEdit(tx, schemeId, only, found, {
        typed,
        contacts,
        now: deps.now(),
      })
      // A postal code that was not typed was taken from the commune.
      const postalCode = after.postalCode ?? found.fields.postalCode
      if (!isUnchanged({ ...found, after: { ...after, postalCode }, people })) throw new AppError('id_taken')
      return earlier.changeId === null ? null : viewChange(tx, deps, schemeId, earlier.changeId)
    }
    const facts = await readFacts(tx, schemeId, only, typed, deps.now())
    const { fields, problems } = applyTyped(EMPTY, typed, facts)
    const { people, problems: ofPeople } = checkPeople(contacts, [])
    problems.push(...(await listSiretProblems(tx, schemeId, only, { id, siret: fields.siret })), ...ofPeople)
    problems.push(...(await listIdProblems(tx, schemeId, people)))
    if (problems.length > 0) throw new AppError('invalid_input', { problems })
    const plan = planPeople(id, people, [], await listOptedOutOf(tx, schemeId, people))
    const made = await openChange(tx, deps, schemeId, { kind: 'create', actor, note: fields.name })
    await insertMembers(tx, schemeId, [{ id, ...fields, status: 'active' }], made.at)
    if (fields.charterOn !== null) await setPaperCharter(tx, schemeId, id, fields.charterOn)
    await insertContacts(tx, schemeId, plan.added)
    await made.after(tx, { touched: [], created: [id] })
    await made.finish(tx)
    await recordAudit(tx, schemeId, made.at, {
      actor: actorName(actor),
      action: 'member.create',
      subject: `member:${id}`,
      details: {
        change: made.id,
        trade: fields.trade,
        commune: fields.communeCode,
        contacts: plan.added.length,
      },
    })
    if (welcome !== null)
      await planWelcome(tx, deps, schemeId, { changeId: made.id, channel: welcome, actor })
    return viewChange(tx, deps, schemeId, made.id)
  })
  return { member: await getMember(deps, actor, schemeId, id), change }
}

/**
 * Edits a member and its people: only the given values change, as a change that can be undone for a day. Sent again after a lost
 * answer, it changes nothing more. Unlike `correctNumber`, it asks for no confirmation of a landline, a foreign number or a number
 * of another member: the form shows these by `checkMember` before the user saves.
 * @throws AppError `member_changed` if it was changed since the version that the user saw; `member_left`; `invalid_input` with every
 * problem; `too_many_people`; `not_found`, also for a merged member or one of another trade; `import_running`, `undo_running`
 */
export async function editMember(
  deps: ByHandDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  { version, contacts, answersRequest, ...typed }: MemberEdit,
): Promise<MemberSaved> {
  const only = memberScopeOf(authorize(actor, 'member.change', schemeId))
  const change = await inScheme(deps.db, schemeId, async (tx) => {
    await lockToEdit(tx, schemeId)
    const found = await findEditable(tx, schemeId, only, id)
    const edit = await planEdit(tx, schemeId, only, found, { typed, contacts, now: deps.now() })
    return writeEdit(tx, deps, actor, schemeId, { ...found, ...edit, version, answersRequest })
  })
  return { member: await getMember(deps, actor, schemeId, id), change }
}

/**
 * Adds a person to a member, last in order. The same request again, after a lost answer, is answered as the first one. It never edits a
 * person:
 * without a version it could overwrite the edit of another user.
 * @throws AppError as `editMember`, except `member_changed`; `too_many_people`; `invalid_input` with `id_taken` if another person
 * has the id, or this one with other values
 */
export async function addContact(
  deps: ByHandDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  contact: TypedContact,
): Promise<MemberSaved> {
  const only = memberScopeOf(authorize(actor, 'member.change', schemeId))
  const change = await inScheme(deps.db, schemeId, async (tx) => {
    await lockToEdit(tx, schemeId)
    const found = await findEditable(tx, schemeId, only, id)
    const { fields: after, stored, member } = found
    const known = stored.find((one) => one.id === contact.id)
    if (known !== undefined)
      return findRepeatedAddition(tx, deps, actor, schemeId, { memberId: id, known, contact })
    if (stored.length >= MAX_PEOPLE)
      throw new AppError('too_many_people', { values: { maximum: MAX_PEOPLE } })
    const people = await checkAddition(tx, schemeId, contact, stored)
    const all = [...stored.map(asUneditedPerson), ...people]
    const plan = planPeople(id, all, stored, await listOptedOutOf(tx, schemeId, people))
    return writeEdit(tx, deps, actor, schemeId, { ...found, after, people: plan, version: member.version })
  })
  return { member: await getMember(deps, actor, schemeId, id), change }
}

/**
 * Answers an addition that was asked again. @returns its change; null if the person came otherwise, with the same values
 * @throws AppError `invalid_input` with `id_taken` if the person has other values, or another user added it
 */
async function findRepeatedAddition(
  tx: Tx,
  deps: ByHandDeps,
  actor: Actor,
  schemeId: string,
  { memberId, known, contact }: { memberId: string; known: FoundContact; contact: TypedContact },
): Promise<ChangeView | null> {
  const addition = await findAddition(tx, schemeId, { memberId, contactId: contact.id })
  const isOfUser = addition === undefined || addition.by === actorName(actor)
  if (!isOfUser || !isSamePerson(contact, known))
    throw new AppError('invalid_input', { problems: [{ code: 'id_taken', path: 'id' }] })
  return addition === undefined ? null : viewChange(tx, deps, schemeId, addition.changeId)
}

/** @throws AppError `invalid_input` with every problem of a person that is added, at the fields of its own form */
async function checkAddition(
  tx: Tx,
  schemeId: string,
  contact: TypedContact,
  stored: Editable['stored'],
): Promise<CheckedPerson[]> {
  const { people, problems } = checkPeople([contact], [])
  problems.push(...(await listIdProblems(tx, schemeId, people)))
  const number = people[0]?.phone?.e164
  if (number !== undefined && stored.some(({ mobile }) => mobile === number))
    problems.push({ code: 'contact.phone_taken', path: 'contacts.0.phone' })
  if (problems.length > 0) {
    const own = problems.map(({ path, ...problem }) => ({
      ...problem,
      path: path?.split('.').at(-1) ?? 'phone',
    }))
    throw new AppError('invalid_input', { problems: own })
  }
  return people
}

/** Waits for other changes of the list: each can be undone, so they run one at a time. */
export async function lockToEdit(tx: Tx, schemeId: string): Promise<void> {
  await lockMemberList(tx, schemeId)
  await lockMemberWrites(tx, schemeId)
}

export interface Editable {
  readonly member: FoundMember
  readonly fields: EditedFields
  readonly stored: readonly (FoundMember['contacts'][number] & { readonly position: number })[]
}

/** @throws AppError `not_found`, `member_left` */
export async function findEditable(
  tx: Tx,
  schemeId: string,
  only: MemberScope,
  id: string,
): Promise<Editable> {
  const row = await findStoredMember(tx, schemeId, id)
  const member = row === undefined ? undefined : await findMember(tx, schemeId, id)
  if (row === undefined || member === undefined || only.trades?.includes(row.trade) === false)
    throw new AppError('not_found')
  // An edit would change the date of the last change, which is the day on which it left: its data are kept from that day on.
  if (row.status === 'left') throw new AppError('member_left', { values: { name: row.name } })
  const { contacts, ...fields } = row
  const positions = new Map(contacts.map((one) => [one.id, one.position]))
  const stored = member.contacts.map((one) => ({ ...one, position: positions.get(one.id) ?? 0 }))
  return { member, fields, stored }
}

/** @throws AppError `invalid_input` with every problem; `too_many_people` */
export async function planEdit(
  tx: Tx,
  schemeId: string,
  only: MemberScope,
  { fields: before, stored }: Editable,
  {
    typed,
    contacts,
    now,
  }: {
    readonly typed: TypedBusiness
    readonly contacts: readonly TypedContact[] | undefined
    readonly now: Date
  },
): Promise<{ readonly after: EditedFields; readonly people: PeoplePlan }> {
  const { id, status } = before
  const facts = await readFacts(tx, schemeId, only, { commune: before.communeCode, ...typed }, now)
  const { fields, problems } = applyTyped(before, typed, facts)
  if (fields.siret !== before.siret)
    problems.push(...(await listSiretProblems(tx, schemeId, only, { id, siret: fields.siret })))
  let people: PeoplePlan = NO_PEOPLE
  if (contacts !== undefined) {
    if (contacts.length > Math.max(MAX_PEOPLE, stored.length))
      throw new AppError('too_many_people', { values: { maximum: MAX_PEOPLE } })
    const checked = checkPeople(contacts, stored)
    problems.push(...checked.problems, ...(await listIdProblems(tx, schemeId, checked.people)))
    people = planPeople(id, checked.people, stored, await listOptedOutOf(tx, schemeId, checked.people))
  }
  if (problems.length > 0) throw new AppError('invalid_input', { problems })
  return { after: { ...fields, id, status }, people }
}

/** Writes an edit. @returns the change; null if nothing changes @throws AppError `member_changed` */
export async function writeEdit(
  tx: Tx,
  deps: ByHandDeps,
  actor: Actor,
  schemeId: string,
  edit: Editable & PlannedEdit & { readonly version: string; readonly answersRequest?: string | undefined },
): Promise<ChangeView | null> {
  if (isUnchanged(edit)) return null
  const { member, fields: before, after, people } = edit
  const { id } = before
  const changedFields = listChangedFields(edit)
  const { added, changed, removed } = people
  if (edit.version !== member.version) throw new AppError('member_changed', { values: { name: before.name } })
  const change = await openChange(tx, deps, schemeId, { kind: 'edit', actor, note: after.name })
  await change.before(tx, [id])
  await updateMembers(tx, schemeId, [after], change.at)
  if (changedFields.includes('charterOn')) await setPaperCharter(tx, schemeId, id, after.charterOn)
  const settling = { changeId: change.id, memberId: id }
  const settled = await settleCorrection(tx, deps, schemeId, id, {
    values: after,
    at: change.at,
    by: actorName(actor),
    answers: edit.answersRequest,
    cause: answerCauseOf(settling),
  })
  if (settled !== undefined) await keepSettledCorrection(tx, schemeId, settling, settled)
  for (const contactId of removed) await deleteContact(tx, { schemeId, memberId: id, contactId })
  await clearContactNumbers(tx, schemeId, people.cleared)
  if (changed.length > 0) await updateContacts(tx, schemeId, changed)
  if (added.length > 0) await insertContacts(tx, schemeId, added)
  for (const contact of people.optedIn) await optInAgain(tx, deps, actor, schemeId, { member: id, contact })
  await change.after(tx, { touched: [id], created: [] })
  await change.finish(tx)
  // The audit record names what changed, and holds neither the values nor any number.
  await recordAudit(tx, schemeId, change.at, {
    actor: actorName(actor),
    action: 'member.edit',
    subject: `member:${id}`,
    details: {
      change: change.id,
      fields: changedFields,
      contacts: {
        added: added.length,
        changed: changed.length,
        removed: removed.length,
        numbers: people.numbers,
      },
    },
  })
  return viewChange(tx, deps, schemeId, change.id)
}

/** An edit as it was planned. */
type PlannedEdit = Pick<Editable, 'fields'> & { readonly after: EditedFields; readonly people: PeoplePlan }

function listChangedFields({ fields: before, after }: Pick<PlannedEdit, 'fields' | 'after'>) {
  return EDITED.filter((field) => after[field] !== before[field])
}

function isUnchanged(edit: PlannedEdit): boolean {
  const { added, changed, removed } = edit.people
  return listChangedFields(edit).length + added.length + changed.length + removed.length === 0
}

const EDITED = [
  'name',
  'siret',
  'naf',
  'naf2025',
  'trade',
  'communeCode',
  'address',
  'postalCode',
  'joinedOn',
  'charterOn',
  'latitude',
  'longitude',
] as const

async function viewChange(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  id: string,
): Promise<ChangeView> {
  const row = await findMemberChange(tx, schemeId, id)
  if (row === undefined) throw new AppError('internal')
  const now = deps.now()
  return toChangeView(row, now, (await countNotified(tx, schemeId, [id], now)).get(id))
}

function readFacts(
  tx: Tx,
  schemeId: string,
  only: MemberScope,
  { commune, postalCode }: TypedBusiness,
  now: Date,
) {
  const code = parseInseeCode(commune ?? '')
  const postal = parsePostalCode(postalCode ?? '')
  const wanted = {
    codes: code === undefined ? [] : [code],
    names: [],
    postalCodes: postal === undefined ? [] : [postal],
  }
  return readRowFacts(tx, schemeId, only, wanted, now)
}

/** Lists the problem of a SIRET that another member has. That member is named only if the user manages its trade. */
async function listSiretProblems(
  tx: Tx,
  schemeId: string,
  only: MemberScope,
  { id, siret }: { readonly id: string; readonly siret: string | null },
): Promise<Problem[]> {
  const holder = siret === null ? undefined : await findSiretHolder(tx, schemeId, siret, id)
  if (holder === undefined) return []
  const isShown = only.trades?.includes(holder.trade) ?? true
  const values = isShown
    ? { known: 'yes', name: holder.name, status: holder.status }
    : { known: 'no', name: '', status: '' }
  return [{ code: 'member.siret_known', path: 'siret', values }]
}

/** Lists the problems of new people whose id is of an existing contact. */
async function listIdProblems(
  tx: Tx,
  schemeId: string,
  people: readonly CheckedPerson[],
): Promise<Problem[]> {
  const added = people.filter(({ known }) => known === undefined).map(({ id }) => id)
  const taken = await listTakenContactIds(tx, schemeId, added)
  return taken.map((id) => ({
    code: 'id_taken',
    path: `contacts.${people.findIndex((one) => one.id === id)}.id`,
  }))
}

function listOptedOutOf(tx: Tx, schemeId: string, people: readonly CheckedPerson[]) {
  return listOptedOut(
    tx,
    schemeId,
    people.flatMap(({ phone }) => phone?.e164 ?? []),
  )
}
