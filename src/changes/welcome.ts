import { setImmediate } from 'node:timers/promises'
import { sql } from 'kysely'
import { recordAudit } from '../audit/record.ts'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { wordsOf } from '../i18n/mail.ts'
import { memberScopeOf } from '../members/actions.ts'
import { isWithinTrades, type MemberScope } from '../members/filters.ts'
import { costCents } from '../message/price.ts'
import { type Actor, actorName, authorize } from '../permissions.ts'
import { findTimeZone } from '../platform/database/time-zone.ts'
import { inScheme, type Tx } from '../platform/db.ts'
import type { ChangeView, Welcome, WelcomePreview } from './contract.ts'
import { composeNotices, noticeTimes, planNotices, segmentNotice } from './notices.ts'
import {
  countNotified,
  findMemberChange,
  type MemberChangeRow,
  mayAccessChange,
  toChangeView,
} from './store.ts'

type WelcomeDeps = Pick<Deps, 'db' | 'now' | 'config' | 'mailer'>
export type WelcomeChannel = Welcome['channel']

/** Members of one transaction, as for other notices. */
const AT_ONCE = 500
/** The id before those of all members. */
const FIRST_ID = '00000000-0000-0000-0000-000000000000'

/**
 * Shows what the members that the chamber added, by an import or by hand, would be sent, by SMS or by mail, and what the SMS cost: why they are in the list
 * and how to leave it (GDPR, article 14).
 * @throws AppError as `welcomeMembers`
 */
export async function previewWelcome(
  deps: WelcomeDeps,
  actor: Actor,
  schemeId: string,
  changeId: string,
): Promise<WelcomePreview> {
  const reach = authorize(actor, 'member.change', schemeId)
  const only = memberScopeOf(reach)
  const { scheme, times } = await inScheme(deps.db, schemeId, async (tx) => {
    const change = await findAddition(tx, schemeId, changeId)
    if (!mayAccessChange(change, reach, actor)) throw new AppError('not_found')
    const scheme = await tx
      .selectFrom('schemes')
      .select(['smsPriceMillicents', 'texts'])
      .where('id', '=', schemeId)
      .executeTakeFirstOrThrow()
    return { scheme, times: noticeTimes(deps.now(), await findTimeZone(tx, schemeId)) }
  })
  let members = 0
  let parts = 0
  let smsExample: string | null = null
  let mailExample: string | null = null
  const sms = { members: 0, messages: 0 }
  const mail = { members: 0, messages: 0 }
  // Thousands of texts in one transaction would hold the one connection of the embedded database.
  for (let after = FIRST_ID, isOver = false; !isOver; await setImmediate()) {
    const notices = await inScheme(deps.db, schemeId, async (tx) => {
      const some = await listUnwelcomed(tx, schemeId, changeId, { only, after, limit: AT_ONCE })
      members += some.length
      isOver = some.length < AT_ONCE
      after = some.at(-1)?.id ?? after
      return composeNotices(
        tx,
        deps,
        schemeId,
        some.map(({ id, name }) => ({ memberId: id, name, kind: 'welcome', reason: null })),
      )
    })
    for (const notice of notices) {
      const { phones, addresses } = notice
      if (phones.length > 0) {
        const segments = segmentNotice(notice).parts
        smsExample ??= segments.join('')
        parts += phones.length * segments.length
        sms.members++
        sms.messages += phones.length
      }
      if (addresses.length > 0) {
        mailExample ??= wordsOf('fr', notice.mail.template, notice.mail.values, scheme.texts).body
        mail.members++
        mail.messages += addresses.length
      }
    }
  }
  return {
    members,
    sms: {
      ...sms,
      costCents: costCents(parts, scheme.smsPriceMillicents),
      example: smsExample,
      at: times.sms.toISOString(),
    },
    mail: { ...mail, example: mailExample, at: times.mail.toISOString() },
  }
}

/**
 * Plans one notice, by SMS or by mail, for each member that an import or the form added, is active, and has none yet, some hundreds
 * in a transaction. Numbers that are opted out get no SMS. The notices leave a few minutes later; undoing the change before
 * withdraws them. After a stop of the program, another call plans the rest.
 * @throws AppError `not_found`, also for a change that adds no member, and for a trade chamber if another user made it;
 * `import_running`, `change_undone`; `list_changed` if the number of members is not the one that was shown
 */
export async function welcomeMembers(
  deps: WelcomeDeps,
  actor: Actor,
  schemeId: string,
  changeId: string,
  { channel, members }: Welcome,
): Promise<ChangeView> {
  const reach = authorize(actor, 'member.change', schemeId)
  const only = memberScopeOf(reach)
  /** Works on the change in a transaction, one at a time: two calls at once plan one notice for a member. */
  const withChange = <T>(work: (tx: Tx, change: MemberChangeRow) => Promise<T>) =>
    inScheme(deps.db, schemeId, async (tx) => {
      await sql`select from member_changes where scheme_id = ${schemeId} and id = ${changeId}::uuid for update`.execute(
        tx,
      )
      const change = await findAddition(tx, schemeId, changeId)
      if (!mayAccessChange(change, reach, actor)) throw new AppError('not_found')
      return work(tx, change)
    })
  const of = { changeId, channel, only }
  let after = await withChange(async (tx) => {
    const found = await countUnwelcomed(tx, schemeId, changeId, only)
    if (found !== members) throw new AppError('list_changed', { values: { shown: members, found } })
    await auditWelcome(tx, deps, schemeId, { changeId, channel, actor, members })
    // The first part is planned with the count, so that another call at once finds another number.
    return planSomeWelcomes(tx, deps, schemeId, { ...of, after: FIRST_ID })
  })
  while (after !== undefined) {
    await setImmediate()
    const from = after
    after = await withChange((tx) => planSomeWelcomes(tx, deps, schemeId, { ...of, after: from }))
  }
  return withChange(async (tx, change) => {
    const now = deps.now()
    const counts = await countNotified(tx, schemeId, [changeId], now)
    return toChangeView(change, now, counts.get(changeId))
  })
}

interface WelcomeOf {
  readonly changeId: string
  readonly channel: WelcomeChannel
  readonly only: MemberScope
}

/** Plans the notices of a part of the members, after the one with the given id. @returns the last id; undefined once none is left */
async function planSomeWelcomes(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  { changeId, channel, only, after }: WelcomeOf & { readonly after: string },
): Promise<string | undefined> {
  const some = await listUnwelcomed(tx, schemeId, changeId, { only, after, limit: AT_ONCE })
  const memberIds = some.map(({ id }) => id)
  await planNotices(tx, deps, schemeId, { changeId, kind: 'welcome', memberIds, channels: [channel] })
  return some.length < AT_ONCE ? undefined : memberIds.at(-1)
}

/** Plans the notices of an import or a member added by hand in the caller's transaction, as `welcomeMembers` says, and records it. */
export async function planWelcome(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  {
    changeId,
    channel,
    actor,
  }: Pick<WelcomeOf, 'changeId' | 'channel'> & {
    readonly actor: Actor
  },
): Promise<void> {
  const members = await countUnwelcomed(tx, schemeId, changeId, {})
  if (members === 0) return
  for (let after: string | undefined = FIRST_ID; after !== undefined; )
    after = await planSomeWelcomes(tx, deps, schemeId, { changeId, channel, only: {}, after })
  await auditWelcome(tx, deps, schemeId, { changeId, channel, actor, members })
}

async function auditWelcome(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  {
    changeId,
    channel,
    actor,
    members,
  }: Pick<WelcomeOf, 'changeId' | 'channel'> & { readonly actor: Actor; readonly members: number },
): Promise<void> {
  if (members === 0) return
  await recordAudit(tx, schemeId, deps.now(), {
    actor: actorName(actor),
    action: 'member.welcome',
    subject: `member-change:${changeId}`,
    details: { channel, members },
  })
}

/** Withdraws the notices of a change to members that its undo deletes, unless they were written. */
export async function withdrawWelcome(
  tx: Tx,
  { now }: Pick<Deps, 'now'>,
  schemeId: string,
  changeId: string,
  memberIds: readonly string[],
): Promise<void> {
  await sql`
    update member_notices set withdrawn_at = ${now()}
    where scheme_id = ${schemeId} and change_id = ${changeId}::uuid and kind = 'welcome' and member_id = any (${memberIds}::uuid[])
      and sent_at is null and withdrawn_at is null`.execute(tx)
}

async function findAddition(tx: Tx, schemeId: string, id: string): Promise<MemberChangeRow> {
  const change = await findMemberChange(tx, schemeId, id)
  if (change?.kind !== 'import' && change?.kind !== 'create') throw new AppError('not_found')
  if (change.unfinished) throw new AppError('import_running')
  if (change.undoneAt !== null || change.undoingAt !== null) throw new AppError('change_undone')
  return change
}

/** SQL: the active members `m` in scope that a change added and that neither got a welcome nor wait for one. */
const unwelcomed = (schemeId: string, changeId: string, only: MemberScope) => sql`
  from member_change_rows r join members m on m.scheme_id = r.scheme_id and m.id = r.member_id
  where r.scheme_id = ${schemeId} and r.change_id = ${changeId}::uuid and r.created and m.status = 'active'
    and m.erased_at is null and m.merged_into is null and ${isWithinTrades(only)}
    and not exists (
      select from member_notices n where n.scheme_id = m.scheme_id and n.member_id = m.id and n.kind = 'welcome'
        and n.withdrawn_at is null and (n.sent_at is null or n.messages > 0))`

async function countUnwelcomed(
  tx: Tx,
  schemeId: string,
  changeId: string,
  only: MemberScope,
): Promise<number> {
  const { rows } = await sql<{ members: number }>`
    select count(*)::int as members ${unwelcomed(schemeId, changeId, only)}`.execute(tx)
  return rows[0]?.members ?? 0
}

/** Lists some of the members that `unwelcomed` selects, by id. */
async function listUnwelcomed(
  tx: Tx,
  schemeId: string,
  changeId: string,
  of: { readonly only: MemberScope; readonly after: string; readonly limit: number },
): Promise<{ readonly id: string; readonly name: string }[]> {
  const { rows } = await sql<{ id: string; name: string }>`
    select m.id, m.name ${unwelcomed(schemeId, changeId, of.only)} and r.member_id > ${of.after}::uuid
    order by r.member_id limit ${of.limit}`.execute(tx)
  return rows
}
