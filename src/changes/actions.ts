import { setImmediate } from 'node:timers/promises'
import { sql } from 'kysely'
import { recordAudit } from '../audit/record.ts'
import { findAuditEntry, findRepeated } from '../audit/repeat.ts'
import type { Deps } from '../deps.ts'
import { revokeMandatesOfLeaving } from '../dues/collect/mandates.ts'
import { lockDues } from '../dues/ledger/ledger.ts'
import { AppError, type Problem } from '../errors.ts'
import { decodeMemberCursor, encodeMemberCursor, memberScopeOf } from '../members/actions.ts'
import { type MemberScope, memberFilters, memberFilterTables } from '../members/filters.ts'
import type { NoticeKind } from '../members/notices.ts'
import { findSchemeRules, lockMemberList, lockMemberWrites, splitIntoChunks } from '../members/store.ts'
import { findTags, writeTags } from '../members/tags/store.ts'
import { requireUsableList } from '../members/views/actions.ts'
import { costCents } from '../message/price.ts'
import { type Actor, actorName, authorize } from '../permissions.ts'
import { findTimeZone } from '../platform/database/time-zone.ts'
import { inScheme, type Tx } from '../platform/db.ts'
import type { MemberStatus } from '../schema.ts'
import { isSame } from '../settings/rules.ts'
import type {
  BulkChange,
  BulkPreview,
  BulkResult,
  ChangeMembers,
  ChangeView,
  PreviewedChange,
} from './contract.ts'
import { changedFields } from './fields.ts'
import { composeNotices, listReasonProblems, noticeTimes, planNotices, segmentNotice } from './notices.ts'
import { openChange } from './record.ts'
import {
  countNotified,
  countOtherMembers,
  findMemberChange,
  listChangedMembers,
  listChangeRows,
  listFieldsOfEdits,
  listFirstNames,
  listRemoved,
  mayAccessChange,
  toChangeView,
} from './store.ts'
import { tagNote } from './tags/actions.ts'

const TEXTS_AT_ONCE = 250

type ChangeDeps = Pick<Deps, 'db' | 'now' | 'newId' | 'config' | 'mailer' | 'jobs'>

/** The statuses that each action starts from, and the one that it leads to. */
const transitions: Readonly<
  Record<'suspend' | 'resume' | 'leave', { from: readonly MemberStatus[]; to: MemberStatus }>
> = {
  suspend: { from: ['active'], to: 'suspended' },
  resume: { from: ['suspended'], to: 'active' },
  leave: { from: ['pending', 'active', 'suspended'], to: 'left' },
}

/**
 * Applies one action to many members, in one transaction that can be undone for a day. Members whose alerts end or resume are
 * notified by SMS and mail; mandates of members who leave are revoked. Members that the action does not apply to are skipped
 * and counted. A trade chamber reaches only members of its trades and cannot move one to another trade. The same request with the
 * same id again changes nothing, and is answered with the change that the first one made.
 * @throws AppError `invalid_input` for a trade or a tag that the scheme does not have, for a missing reason, or for a reason that does
 * not fit an SMS; `list_changed` if the filters match another number of members than was shown; `not_found` for a group that the
 * actor may not use; `id_taken`, also if the change of the first request is undone
 */
export async function changeMembers(
  deps: ChangeDeps,
  actor: Actor,
  schemeId: string,
  request: BulkChange,
): Promise<BulkResult> {
  authorize(actor, 'member.change', schemeId)
  const { id, action, members } = request
  const now = deps.now()
  return inScheme(deps.db, schemeId, async (tx) => {
    const repeated = await findRepeatedChange(tx, actor, schemeId, request)
    if (repeated !== undefined) {
      return {
        change: await viewChange(tx, schemeId, repeated.id, now),
        skipped: sizeOf(members) - repeated.updated,
      }
    }
    await lockMemberList(tx, schemeId)
    if (action.kind === 'leave') await lockDues(tx, schemeId)
    // Other writers of members or contacts wait here, so that the members read now are the ones changed.
    await lockMemberWrites(tx, schemeId)
    const { concerned, skipped } = await chooseMembers(tx, deps, actor, schemeId, { action, members })
    if (concerned.length === 0) return { change: null, skipped }
    const note = await noteOf(tx, schemeId, action)
    const ids = concerned.map(({ id }) => id)
    const change = await openChange(tx, deps, schemeId, {
      id,
      kind: action.kind,
      actor,
      note,
    })
    await change.before(tx, ids)
    for (const part of splitIntoChunks(ids)) await writeAction(tx, schemeId, part, action, change.at)
    await change.after(tx, { touched: ids, created: [] })
    await change.finish(tx)
    if (isNotified(action)) {
      const memberIds = membersToNotify(concerned).map(({ id }) => id)
      await planNotices(tx, deps, schemeId, { changeId: change.id, kind: action.kind, memberIds })
    }
    await recordAudit(tx, schemeId, now, {
      actor: actorName(actor),
      action: `member.${action.kind}`,
      subject: `member-change:${change.id}`,
      details: { members: ids.length, skipped, ...detailsOf(action) },
    })
    if (action.kind === 'leave')
      await revokeMandatesOfLeaving(tx, deps, schemeId, {
        by: actorName(actor),
        ...(isNotified(action) && { notify: deps }),
        memberIds: ids,
        at: change.at,
      })
    return { change: await viewChange(tx, schemeId, change.id, now), skipped }
  })
}

/** Applies an action to members, as many as one statement takes. */
async function writeAction(
  tx: Tx,
  schemeId: string,
  ids: readonly string[],
  action: Action,
  at: Date,
): Promise<void> {
  if (action.kind === 'tags') return writeTags(tx, schemeId, ids, action)
  const set =
    action.kind === 'trade' ? sql`trade = ${action.trade}` : sql`status = ${transitions[action.kind].to}`
  // A member is removed by this change while its last update has the time of it (`listRemoved`).
  await sql`update members set ${set}, updated_at = ${at}
    where scheme_id = ${schemeId} and id = any (${ids}::uuid[])`.execute(tx)
}

async function viewChange(tx: Tx, schemeId: string, id: string, now: Date): Promise<ChangeView> {
  const row = await findMemberChange(tx, schemeId, id)
  if (row === undefined) throw new AppError('internal')
  const counts = await countNotified(tx, schemeId, [id], now)
  return toChangeView(row, now, counts.get(id))
}

/** Returns how many members a request names. */
const sizeOf = (members: BulkChange['members']) =>
  'ids' in members ? new Set(members.ids).size : members.count

/** Finds the change that an earlier request with the same id made. @throws AppError `id_taken` */
async function findRepeatedChange(
  tx: Tx,
  actor: Actor,
  schemeId: string,
  { id, action, members }: BulkChange,
) {
  const repeated = await findRepeated(tx, schemeId, {
    id,
    creator: actorName(actor),
    find: async (id) => {
      const change = await findMemberChange(tx, schemeId, id)
      if (change === undefined) return undefined
      const about = { action: `member.${action.kind}`, subject: `member-change:${id}` }
      const details = (await findAuditEntry(tx, schemeId, about))?.details
      const foreign = 'ids' in members ? await countOtherMembers(tx, schemeId, id, members.ids) : 0
      return { change, details, foreign, note: await noteOf(tx, schemeId, action) }
    },
    isSame: ({ change, details = {}, foreign, note }) =>
      change.kind === action.kind &&
      (action.kind === 'tags' || change.note === note) &&
      change.undoneAt === null &&
      change.undoingAt === null &&
      foreign === 0 &&
      isSame(details, {
        members: change.updated,
        skipped: sizeOf(members) - change.updated,
        ...detailsOf(action),
      }),
    creatorOf: ({ change }) => change.by,
  })
  return repeated?.change
}

type Action = BulkChange['action']

/** Tells whether members are notified that the action ends or resumes their alerts. */
function isNotified(action: Action): action is Extract<Action, { kind: NoticeKind }> {
  if (action.kind === 'trade' || action.kind === 'tags') return false
  return action.kind !== 'leave' || action.notify !== false
}

/** Returns what the list of changes says of an action: its reason, its trade, its tags by name. */
async function noteOf(tx: Tx, schemeId: string, action: Action): Promise<string | null> {
  switch (action.kind) {
    case 'trade':
      return action.trade
    case 'resume':
      return null
    case 'tags': {
      const tags = await findTags(tx, schemeId)
      const named = (ids: readonly string[]) => tags.filter(({ id }) => ids.includes(id))
      return tagNote({ added: named(action.add), removed: named(action.remove) })
    }
    default:
      return action.reason
  }
}

function detailsOf(action: Action): Record<string, unknown> {
  switch (action.kind) {
    case 'trade':
      return { trade: action.trade }
    case 'tags':
      return { add: action.add, remove: action.remove }
    case 'resume':
      return action.reopen === true ? { reopen: true } : {}
    case 'leave':
      return action.notify === false ? { notify: false } : {}
    default:
      return {}
  }
}

/** Computes which members a change would affect now, and the notices that it would send. @throws as `changeMembers` */
export async function previewChange(
  deps: ChangeDeps,
  actor: Actor,
  schemeId: string,
  { action, members }: PreviewedChange,
): Promise<BulkPreview> {
  authorize(actor, 'member.change', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    const { concerned, skipped } = await chooseMembers(tx, deps, actor, schemeId, { action, members })
    const notified = !isNotified(action)
      ? null
      : await previewNotices(tx, deps, schemeId, action.kind, {
          members: membersToNotify(concerned),
          reason: action.kind === 'resume' ? null : action.reason,
        })
    return { members: concerned.length, skipped, notified }
  })
}

async function previewNotices(
  tx: Tx,
  deps: ChangeDeps,
  schemeId: string,
  kind: NoticeKind,
  { members, reason }: { readonly members: readonly ChosenMember[]; readonly reason: string | null },
): Promise<BulkPreview['notified']> {
  const notices = await composeNotices(
    tx,
    deps,
    schemeId,
    members.map(({ id, name }) => ({ memberId: id, name, kind, reason })),
  )
  const { smsPriceMillicents } = await tx
    .selectFrom('schemes')
    .select('smsPriceMillicents')
    .where('id', '=', schemeId)
    .executeTakeFirstOrThrow()
  let messages = 0
  let parts = 0
  for (const [i, notice] of notices.entries()) {
    // Composing ten thousand texts takes half a second of processor time: yielding keeps alerts from waiting for it.
    if (i % TEXTS_AT_ONCE === 0) await setImmediate()
    const { phones } = notice
    if (phones.length === 0) continue
    messages += phones.length
    parts += phones.length * segmentNotice(notice).parts.length
  }
  const first = notices.find(({ phones }) => phones.length > 0)
  const { mail, sms } = noticeTimes(deps.now(), await findTimeZone(tx, schemeId))
  return {
    sms: {
      messages,
      parts,
      costCents: costCents(parts, smsPriceMillicents),
      example: first === undefined ? null : segmentNotice(first).parts.join(''),
    },
    mails: notices.reduce((sum, { addresses }) => sum + addresses.length, 0),
    unnotified: notices.filter(({ phones, addresses }) => phones.length + addresses.length === 0).length,
    mailsAt: mail.toISOString(),
    smsAt: sms.toISOString(),
  }
}

interface ChosenMember {
  readonly id: string
  readonly name: string
  readonly status: MemberStatus
  readonly trade: string
  readonly tags: readonly string[]
}

/** Pending members never received an alert, so there is nothing to notify them of. */
const membersToNotify = (members: readonly ChosenMember[]) =>
  members.filter(({ status }) => status !== 'pending')

/** Lists the selected members that an action applies to. @throws AppError as `changeMembers` */
async function chooseMembers(
  tx: Tx,
  deps: ChangeDeps,
  actor: Actor,
  schemeId: string,
  { action, members }: PreviewedChange,
): Promise<{ concerned: ChosenMember[]; skipped: number }> {
  const only = memberScopeOf(authorize(actor, 'member.change', schemeId))
  if ('filter' in members) await requireUsableList(tx, actor, schemeId, members.filter)
  const problems: Problem[] = []
  if (action.kind === 'trade') {
    const scheme = await findSchemeRules(tx, schemeId)
    const admitted = only.trades ?? scheme?.trades ?? []
    if (!admitted.includes(action.trade) || scheme?.trades.includes(action.trade) === false) {
      problems.push({ code: 'unknown_trade', path: 'action.trade', values: { code: action.trade } })
    }
  } else if (action.kind === 'tags') {
    problems.push(...(await listTagProblems(tx, schemeId, action)))
  } else if (action.kind !== 'resume') {
    if (action.reason === '') problems.push({ code: 'input.required', path: 'action.reason' })
    else problems.push(...(await listReasonProblems(tx, deps, schemeId, action.kind, action.reason)))
  }
  if (problems.length > 0) throw new AppError('invalid_input', { problems })

  const chosen = await listChosen(tx, schemeId, members, only)
  if ('filter' in members && chosen.length !== members.count) {
    throw new AppError('list_changed', { values: { shown: members.count, found: chosen.length } })
  }
  const reopened =
    action.kind === 'resume' && action.reopen === true
      ? await listRemoved(
          tx,
          schemeId,
          chosen.filter(({ status }) => status === 'left').map(({ id }) => id),
        )
      : new Set<string>()
  const concerned = chosen.filter((member) => {
    if (action.kind === 'trade') return member.trade !== action.trade
    if (action.kind === 'tags') return isTagged(action, member)
    return transitions[action.kind].from.includes(member.status) || reopened.has(member.id)
  })
  return { concerned, skipped: sizeOf(members) - concerned.length }
}

async function listTagProblems(
  tx: Tx,
  schemeId: string,
  { add, remove }: Extract<Action, { kind: 'tags' }>,
): Promise<Problem[]> {
  if (add.length + remove.length === 0) return [{ code: 'input.required', path: 'action.add' }]
  const tags = new Set(
    (await findTags(tx, schemeId)).flatMap((tag) => (tag.removedAt === null ? tag.id : [])),
  )
  return add.every((id) => tags.has(id)) ? [] : [{ code: 'tag.unknown', path: 'action.add' }]
}

/** Tells whether the action changes the tags of a member; the data of those who left stay as they are. */
function isTagged(
  { add, remove }: Extract<Action, { kind: 'tags' }>,
  { status, tags }: ChosenMember,
): boolean {
  const isMissing = (id: string) => !tags.includes(id) && !remove.includes(id)
  return status !== 'left' && (add.some(isMissing) || remove.some((id) => tags.includes(id)))
}

async function listChosen(
  tx: Tx,
  schemeId: string,
  members: BulkChange['members'],
  only: MemberScope,
): Promise<ChosenMember[]> {
  const filter = 'filter' in members ? members.filter : {}
  const named = 'ids' in members ? sql`and m.id = any (${members.ids}::uuid[])` : sql``
  const { rows } = await sql<ChosenMember>`
    select m.id, m.name, m.status, m.trade, m.tags from ${memberFilterTables(filter)}
    where ${memberFilters(schemeId, filter, only)} ${named} order by m.id`.execute(tx)
  return rows
}

const LISTED = 200

/** Lists the latest bulk changes, newest first; a trade chamber sees only its own. */
export async function listMemberChanges(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
): Promise<ChangeView[]> {
  const reach = authorize(actor, 'member.change', schemeId)
  const by = reach.scope === 'trades' ? actorName(actor) : undefined
  return inScheme(deps.db, schemeId, async (tx) => {
    const rows = await listChangeRows(tx, schemeId, { by, limit: LISTED })
    const now = deps.now()
    const counts = await countNotified(
      tx,
      schemeId,
      rows.map(({ id }) => id),
      now,
    )
    const names = await listFirstNames(
      tx,
      schemeId,
      rows.map(({ id }) => id),
      memberScopeOf(reach),
    )
    const edits = rows.filter(({ kind }) => kind === 'edit').map(({ id }) => id)
    const fields = await listFieldsOfEdits(tx, schemeId, edits)
    return rows.map((row) =>
      toChangeView(row, now, counts.get(row.id), { names: names.get(row.id), fields: fields.get(row.id) }),
    )
  })
}

const MEMBERS_LISTED = 100

/**
 * Lists the members that a change touched, by name, one page at a time; for a trade chamber, those still of its trades.
 * @throws AppError `not_found`, also for a trade chamber if another user made the change; `invalid_input` for an `after` that no page
 * returned
 */
export async function listChangeMembers(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
  id: string,
  { after }: { readonly after?: string | undefined },
): Promise<ChangeMembers> {
  const reach = authorize(actor, 'member.change', schemeId)
  const position = after === undefined ? undefined : decodeMemberCursor(after)
  return inScheme(deps.db, schemeId, async (tx) => {
    const change = await findMemberChange(tx, schemeId, id)
    if (change === undefined || !mayAccessChange(change, reach, actor)) throw new AppError('not_found')
    const page = { after: position, limit: MEMBERS_LISTED + 1, only: memberScopeOf(reach) }
    const rows = await listChangedMembers(tx, schemeId, id, page)
    const shown = rows.slice(0, MEMBERS_LISTED)
    const last = shown.at(-1)
    return {
      members: shown.map(({ searchName: _, before, after, ...member }) => ({
        ...member,
        fields: before === null || after === null ? null : changedFields(before, after),
      })),
      next: rows.length > MEMBERS_LISTED && last !== undefined ? encodeMemberCursor(last) : null,
    }
  })
}
