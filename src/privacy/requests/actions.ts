import { sql } from 'kysely'
import { findAuditActor, recordAudit } from '../../audit/record.ts'
import { findRepeated } from '../../audit/repeat.ts'
import type { Deps } from '../../deps.ts'
import { AppError, type Problem } from '../../errors.ts'
import { recordMemberAccess } from '../../members/accesses.ts'
import { lockMemberList } from '../../members/store.ts'
import { DAY_MS } from '../../message/clock.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { findDay } from '../../platform/database/time-zone.ts'
import { acrossSchemes, inScheme, type Tx } from '../../platform/db.ts'
import { eraseMembers } from '../retention/erase.ts'
import { createNameMatcher } from '../retention/words.ts'
import type {
  AnswerDataRequest,
  DataRequestList,
  DataRequestQuery,
  DataRequestView,
  ErasurePreview,
  NewDataRequest,
} from './contract.ts'
import { countTraces, eraseSubject, findErasure, listSamePeople, unclearErasureError } from './erasure.ts'
import { listNamed, listOpenRequests, lockRequests } from './open.ts'

type RequestDeps = Pick<Deps, 'db' | 'now' | 'newId'>
/** Requests of one answer. */
const SHOWN = 200

/** Lists requests about personal data: open ones by deadline, then answered ones, latest first. */
export async function listDataRequests(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  { offset }: DataRequestQuery = { offset: 0 },
): Promise<DataRequestList> {
  authorize(actor, 'request.manage', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    const requests = await readRequests(tx, schemeId, { offset })
    const { total } = await tx
      .selectFrom('dataRequests')
      .select((eb) => eb.fn.countAll<string>().as('total'))
      .where('schemeId', '=', schemeId)
      .executeTakeFirstOrThrow()
    const ids = requests.flatMap(({ member }) => (member === null ? [] : [member.id]))
    await recordMemberAccess(tx, actor, schemeId, { what: 'request', memberIds: ids, now: deps.now() })
    return { requests, total: Number(total) }
  })
}

/**
 * Enters a request about personal data, due within a month (GDPR article 12.3). The same request with the same id again
 * changes nothing.
 * @throws AppError `invalid_input`: nobody named, received later than today or over a year ago; `not_found`: the member;
 * `id_taken`
 */
export async function enterDataRequest(
  deps: RequestDeps,
  actor: Actor,
  schemeId: string,
  input: NewDataRequest,
): Promise<DataRequestView> {
  authorize(actor, 'request.manage', schemeId)
  const { kind, memberId, person, via, receivedOn } = input
  const today = await inScheme(deps.db, schemeId, (tx) => findDay(tx, schemeId, deps.now()))
  const problems: Problem[] = []
  if (memberId === undefined && person === '') problems.push({ code: 'request.nobody', path: 'person' })
  if (receivedOn > today) problems.push({ code: 'request.tomorrow', path: 'receivedOn' })
  if (Date.parse(today) - Date.parse(receivedOn) > 366 * DAY_MS)
    problems.push({ code: 'request.old', path: 'receivedOn' })
  if (problems.length > 0) throw new AppError('invalid_input', { problems })
  const id = input.id ?? deps.newId()
  const by = actorName(actor)
  return inScheme(deps.db, schemeId, async (tx) => {
    const repeated = await findRepeated(tx, schemeId, {
      id: input.id,
      creator: by,
      find: async (one) => (await readRequests(tx, schemeId, { id: one }))[0],
      isSame: (row) =>
        row.kind === kind &&
        (row.member?.id ?? undefined) === memberId &&
        row.person === person &&
        row.via === via &&
        row.receivedOn === receivedOn,
      creatorOf: (row) =>
        findAuditActor(tx, schemeId, { action: 'request.enter', subject: `request:${row.id}` }),
    })
    if (repeated !== undefined) return repeated
    await lockRequests(tx, schemeId)
    if (memberId !== undefined) await needMember(tx, schemeId, memberId)
    await sql`
      insert into data_requests (scheme_id, id, kind, member_id, person, via, received_on, due_on, created_at, created_by)
      values (${schemeId}, ${id}::uuid, ${kind}, ${memberId ?? null}::uuid, ${person}, ${via}, ${receivedOn}::date,
        (${receivedOn}::date + interval '1 month')::date, ${deps.now()}, ${by})`.execute(tx)
    const request = await needRequest(tx, schemeId, id)
    await recordAudit(tx, schemeId, deps.now(), {
      actor: by,
      action: 'request.enter',
      subject: `request:${id}`,
      details: { kind, dueOn: request.dueOn, ...(memberId === undefined ? {} : { member: memberId }) },
    })
    return request
  })
}

/**
 * Shows whom and what granting an erasure request would erase, and what is found of them. It erases nothing.
 * @throws AppError `not_found`; `wrong_state` when it is answered or not about an erasure; `invalid_input` for other contacts
 */
export async function previewErasure(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  { id, ...chosen }: { readonly id: string } & Pick<AnswerDataRequest, 'erase' | 'contacts'>,
): Promise<ErasurePreview> {
  authorize(actor, 'request.manage', schemeId)
  // Runs across schemes, as the erasure does: a contact signs in once for all of them.
  return acrossSchemes(deps.db, async (tx) => {
    const request = await needRequest(tx, schemeId, id)
    if (request.state !== 'open' || request.kind !== 'erasure') throw new AppError('wrong_state')
    const memberId = request.member === null ? null : await findKept(tx, schemeId, request.member.id)
    const { candidates, subject } = await findErasure(
      tx,
      schemeId,
      { memberId, person: request.person },
      chosen,
    )
    const { rows: members } = await sql<{ id: string; name: string; contacts: number }>`
      select m.id, m.name, (select count(*)::int from contacts c where c.scheme_id = m.scheme_id and c.member_id = m.id) as contacts
      from members m where m.scheme_id = ${schemeId} and m.id = any (${candidates.map((one) => one.memberId)}::uuid[])`.execute(
      tx,
    )
    const byId = new Map(members.map((member) => [member.id, member]))
    await recordMemberAccess(tx, actor, schemeId, {
      what: 'request',
      memberIds: [...byId.keys()],
      now: deps.now(),
    })
    return {
      candidates: candidates.map(({ id: contact, person, memberId: of }) => ({
        id: contact,
        person,
        member: { id: of, name: byId.get(of)?.name ?? '' },
        isLast: byId.get(of)?.contacts === 1,
      })),
      erase: subject === undefined ? null : subject.isWhole ? 'member' : 'people',
      contacts: [...(subject?.contactIds ?? [])],
      keys: subject === undefined ? [] : [...subject.phones, ...subject.mails],
      found: subject === undefined || subject.isWhole ? {} : await countTraces(tx, subject),
    }
  })
}

/**
 * Answers a request. Granting an erasure carries it out at once and irreversibly. When it is about a member as a whole, the member
 * leaves, everything that identifies it is removed, from its earlier requests and from this answer too, and pending deliveries to it
 * are withdrawn. When it is about one of its contacts, or about a person who is no member, what is found of this person is
 * removed, and the member stays. The audit record holds the proof: `data.erase` when there was something to erase, else an ordinary
 * answer.
 * @throws AppError `not_found`; `wrong_state` when it is already answered; `invalid_input` when it is refused without a reason,
 * when the person to erase has another open request, or when the requester is none of the contacts of the member and the user did
 * not choose
 */
export async function answerDataRequest(
  deps: RequestDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  { outcome, answer, erase, contacts }: AnswerDataRequest,
): Promise<DataRequestView> {
  authorize(actor, 'request.manage', schemeId)
  if (outcome === 'refused' && answer === '')
    throw new AppError('invalid_input', { problems: [{ code: 'request.why', path: 'answer' }] })
  // Runs across schemes, since an erasure covers data that the chamber cannot see.
  return acrossSchemes(deps.db, async (tx) => {
    await lockRequests(tx, schemeId)
    const request = await needRequest(tx, schemeId, id)
    if (request.state !== 'open') throw new AppError('wrong_state')
    if (request.kind === 'erasure' && outcome === 'done') {
      await grantErasure(tx, deps, actor, schemeId, { request, answer, chosen: { erase, contacts } })
    } else {
      await answerOnly(tx, deps, actor, schemeId, { request, outcome, answer })
    }
    return needRequest(tx, schemeId, id)
  })
}

/** Stores an answer that erases nothing. */
async function answerOnly(
  tx: Tx,
  deps: RequestDeps,
  actor: Actor,
  schemeId: string,
  {
    request: { id, kind, member },
    outcome,
    answer,
  }: Pick<AnswerDataRequest, 'outcome' | 'answer'> & { readonly request: DataRequestView },
): Promise<void> {
  await writeAnswer(tx, deps, actor, schemeId, { ids: [id], outcome, answer, erased: null, traces: null })
  await recordAudit(tx, schemeId, deps.now(), {
    actor: actorName(actor),
    action: 'request.answer',
    subject: `request:${id}`,
    details: { kind, outcome, ...(member === null ? {} : { member: member.id }) },
  })
}

/** Erases what a request is about, then answers it and the requests that the same answer closes. */
async function grantErasure(
  tx: Tx,
  deps: RequestDeps,
  actor: Actor,
  schemeId: string,
  {
    request,
    answer,
    chosen,
  }: {
    readonly request: DataRequestView
    readonly answer: string
    readonly chosen: Pick<AnswerDataRequest, 'erase' | 'contacts'>
  },
): Promise<void> {
  const { id, kind, person } = request
  const outcome = 'done'
  const memberId = request.member === null ? null : await findKeptMember(tx, schemeId, request.member.id)
  const { subject } = await findErasure(tx, schemeId, { memberId, person }, chosen)
  if (subject === undefined) throw unclearErasureError()
  const wholeMember = subject.isWhole ? memberId : null
  const same =
    wholeMember === null
      ? await listSamePeople(tx, request, subject)
      : await listSame(tx, schemeId, request, wholeMember)
  // Read before the names that it looks for are erased.
  const namesRequester = await createRequesterMatcher(tx, schemeId, [person, ...subject.people], memberId)
  const erased =
    wholeMember === null
      ? 0
      : (await eraseMembers(tx, deps, [{ schemeId, id: wholeMember }], deps.now())).length
  const traces = subject.isWhole ? null : await eraseSubject(tx, deps, subject)
  await writeAnswer(tx, deps, actor, schemeId, {
    ids: [id, ...same],
    outcome,
    answer: namesRequester(answer) ? '' : answer,
    erased,
    traces,
  })
  const hasErased = erased > 0 || Object.keys(traces?.erased ?? {}).length > 0
  await recordAudit(tx, schemeId, deps.now(), {
    actor: actorName(actor),
    action: hasErased ? 'data.erase' : 'request.answer',
    subject: `request:${id}`,
    details: {
      kind,
      outcome,
      ...(memberId === null ? {} : { member: memberId }),
      erased,
      ...(traces !== null && hasErased && { records: traces.erased }),
    },
  })
}

/**
 * Lists the other erasure requests of a member that the same answer closes: entered for the member, or for no member but with its
 * number, address or SIRET.
 * @throws AppError `invalid_input` when the member has an open request about data that would be erased, or when a person with the
 * name of one of its contacts does, who may be someone else
 */
async function listSame(
  tx: Tx,
  schemeId: string,
  { id, person }: Pick<DataRequestView, 'id' | 'person'>,
  memberId: string,
): Promise<string[]> {
  const open = (await listOpenRequests(tx, schemeId, [memberId], [person])).get(memberId) ?? []
  const others = open.filter((one) => one.id !== id)
  if (others.some(({ kind, by }) => by === 'member' && kind !== 'erasure'))
    throw new AppError('invalid_input', { problems: [{ code: 'request.other_open' }] })
  if (others.some(({ kind, by }) => by === 'name' || kind !== 'erasure'))
    throw new AppError('invalid_input', { problems: [{ code: 'request.same_person' }] })
  return others.map((one) => one.id)
}

/** Returns a predicate: an answer names the requester or the member, in which case its text is not kept after an erasure. */
async function createRequesterMatcher(
  tx: Tx,
  schemeId: string,
  asking: readonly string[],
  memberId: string | null,
): Promise<(answer: string) => boolean> {
  const named = memberId === null ? undefined : (await listNamed(tx, schemeId, [memberId])).get(memberId)
  const { people = [], ...known } = named ?? { shops: [], sirets: [], addresses: [], phones: [], mails: [] }
  const isNamed = createNameMatcher(
    { ...known, people: [...asking, ...people] },
    { words: new Set(), names: new Set() },
  )
  return (answer) => isNamed(answer, true)
}

/** Returns the member into which it was merged since, or the member itself, under the lock of the member list. */
async function findKeptMember(tx: Tx, schemeId: string, memberId: string): Promise<string> {
  await lockMemberList(tx, schemeId)
  return findKept(tx, schemeId, memberId)
}

async function findKept(tx: Tx, schemeId: string, memberId: string): Promise<string> {
  const { mergedInto } = await tx
    .selectFrom('members')
    .select('mergedInto')
    .where('schemeId', '=', schemeId)
    .where('id', '=', memberId)
    .executeTakeFirstOrThrow()
  return mergedInto ?? memberId
}

async function writeAnswer(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  actor: Actor,
  schemeId: string,
  {
    ids,
    outcome,
    answer,
    erased,
    traces,
  }: Pick<AnswerDataRequest, 'outcome' | 'answer'> &
    Pick<DataRequestView, 'erased' | 'traces'> & { readonly ids: readonly string[] },
): Promise<void> {
  await tx
    .updateTable('dataRequests')
    .set({
      state: outcome,
      answer,
      erased,
      traces: traces === null ? null : JSON.stringify(traces),
      decidedAt: deps.now(),
      decidedBy: actorName(actor),
      ...(erased === null ? {} : { person: '' }),
    })
    .where('schemeId', '=', schemeId)
    .where('id', 'in', ids)
    .execute()
}

async function needMember(tx: Tx, schemeId: string, memberId: string): Promise<void> {
  const member = await tx
    .selectFrom('members')
    .select('id')
    .where('schemeId', '=', schemeId)
    .where('id', '=', memberId)
    .where('erasedAt', 'is', null)
    .executeTakeFirst()
  if (member === undefined) throw new AppError('not_found')
}

async function needRequest(tx: Tx, schemeId: string, id: string): Promise<DataRequestView> {
  const [request] = await readRequests(tx, schemeId, { id })
  if (request === undefined) throw new AppError('not_found')
  return request
}

async function readRequests(
  tx: Tx,
  schemeId: string,
  { id, offset = 0 }: { readonly id?: string; readonly offset?: number },
): Promise<DataRequestView[]> {
  const { rows } = await sql<
    Omit<DataRequestView, 'member' | 'decidedAt'> & {
      memberId: string | null
      memberName: string | null
      decidedAt: Date | null
    }
  >`
    select r.id, r.kind, r.member_id, m.name as member_name, r.person, r.via, r.received_on::text as received_on,
      r.due_on::text as due_on, r.state, r.answer, r.decided_at, r.erased, r.traces
    from data_requests r left join members m on m.scheme_id = r.scheme_id and m.id = r.member_id
    where r.scheme_id = ${schemeId} ${id === undefined ? sql`` : sql`and r.id = ${id}::uuid`}
    order by r.state <> 'open', case when r.state = 'open' then r.due_on end, r.decided_at desc, r.id
    limit ${SHOWN} offset ${offset}`.execute(tx)
  return rows.map(({ memberId, memberName, decidedAt, ...request }) => ({
    ...request,
    member: memberId === null ? null : { id: memberId, name: memberName ?? '' },
    decidedAt: decidedAt?.toISOString() ?? null,
  }))
}
