import { setImmediate } from 'node:timers/promises'
import { sql } from 'kysely'
import { recordAudit } from '../audit/record.ts'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { wordsOf } from '../i18n/mail.ts'
import { memberScopeOf } from '../members/actions.ts'
import { isWithinTrades, type MemberScope } from '../members/store.ts'
import { type Actor, actorName, authorize } from '../permissions.ts'
import { inScheme, type Tx } from '../platform/db.ts'
import { findTimeZone } from '../platform/time-zone.ts'
import type { ChangeView, Welcome, WelcomePreview } from './contract.ts'
import { composeNotices, noticeTimes, planNotices, segmentNotice } from './notices.ts'
import { type ChangeRow, countNotified, findChange, mayAccessChange, toChangeView } from './store.ts'

type WelcomeDeps = Pick<Deps, 'db' | 'now' | 'config' | 'mailer'>
export type WelcomeChannel = Welcome['channel']

/** Texts composed between two pauses, as for other notices. */
const TEXTS_AT_ONCE = 500

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
  return inScheme(deps.db, schemeId, async (tx) => {
    const change = await findAddition(tx, schemeId, changeId)
    if (!mayAccessChange(change, reach, actor)) throw new AppError('not_found')
    const members = await listUnwelcomed(tx, schemeId, changeId, memberScopeOf(reach))
    const { smsPriceMillicents, texts } = await tx
      .selectFrom('schemes')
      .select(['smsPriceMillicents', 'texts'])
      .where('id', '=', schemeId)
      .executeTakeFirstOrThrow()
    const notices = await composeNotices(
      tx,
      deps,
      schemeId,
      members.map(({ id, name }) => ({ memberId: id, name, kind: 'welcome', reason: null })),
    )
    let parts = 0
    for (const [i, notice] of notices.entries()) {
      if (i % TEXTS_AT_ONCE === 0) await setImmediate()
      if (notice.phones.length > 0) parts += notice.phones.length * segmentNotice(notice).parts.length
    }
    const byPhone = notices.filter(({ phones }) => phones.length > 0)
    const byMail = notices.filter(({ addresses }) => addresses.length > 0)
    const [first] = byPhone
    const [mail] = byMail
    const times = noticeTimes(deps.now(), await findTimeZone(tx, schemeId))
    return {
      members: members.length,
      sms: {
        members: byPhone.length,
        messages: byPhone.reduce((sum, { phones }) => sum + phones.length, 0),
        costCents: Math.ceil((parts * smsPriceMillicents) / 1000),
        example: first === undefined ? null : segmentNotice(first).parts.join(''),
        at: times.sms.toISOString(),
      },
      mail: {
        members: byMail.length,
        messages: byMail.reduce((sum, { addresses }) => sum + addresses.length, 0),
        example: mail === undefined ? null : wordsOf('fr', mail.mail.template, mail.mail.values, texts).body,
        at: times.mail.toISOString(),
      },
    }
  })
}

/**
 * Plans one notice, by SMS or by mail, for each member that an import or the form added, is active, and has none yet. Numbers that
 * are opted out get no SMS. The notices leave a few minutes later; undoing the change before withdraws them.
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
  return inScheme(deps.db, schemeId, async (tx) => {
    // Two calls at once plan one notice.
    await sql`select from member_changes where scheme_id = ${schemeId} and id = ${changeId}::uuid for update`.execute(
      tx,
    )
    const change = await findAddition(tx, schemeId, changeId)
    if (!mayAccessChange(change, reach, actor)) throw new AppError('not_found')
    const only = memberScopeOf(reach)
    const found = (await listUnwelcomed(tx, schemeId, changeId, only)).length
    if (found !== members) throw new AppError('list_changed', { values: { shown: members, found } })
    await planWelcome(tx, deps, schemeId, { changeId, channel, actor, only })
    const now = deps.now()
    const counts = await countNotified(tx, schemeId, [changeId], now)
    return toChangeView(change, now, counts.get(changeId))
  })
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
    only = {},
  }: {
    readonly changeId: string
    readonly channel: WelcomeChannel
    readonly actor: Actor
    readonly only?: MemberScope
  },
): Promise<void> {
  const memberIds = (await listUnwelcomed(tx, schemeId, changeId, only)).map(({ id }) => id)
  if (memberIds.length === 0) return
  await planNotices(tx, deps, schemeId, { changeId, kind: 'welcome', memberIds, channels: [channel] })
  await recordAudit(tx, schemeId, deps.now(), {
    actor: actorName(actor),
    action: 'member.welcome',
    subject: `member-change:${changeId}`,
    details: { channel, members: memberIds.length },
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

async function findAddition(tx: Tx, schemeId: string, id: string): Promise<ChangeRow> {
  const change = await findChange(tx, schemeId, id)
  if (change?.kind !== 'import' && change?.kind !== 'create') throw new AppError('not_found')
  if (change.unfinished) throw new AppError('import_running')
  if (change.undoneAt !== null || change.undoingAt !== null) throw new AppError('change_undone')
  return change
}

/** Lists the active members in scope that a change added and that neither got a welcome nor wait for one. */
async function listUnwelcomed(
  tx: Tx,
  schemeId: string,
  changeId: string,
  only: MemberScope,
): Promise<{ readonly id: string; readonly name: string }[]> {
  const { rows } = await sql<{ id: string; name: string }>`
    select m.id, m.name from member_change_rows r join members m on m.scheme_id = r.scheme_id and m.id = r.member_id
    where r.scheme_id = ${schemeId} and r.change_id = ${changeId}::uuid and r.created and m.status = 'active'
      and m.erased_at is null and m.merged_into is null and ${isWithinTrades(only)}
      and not exists (
        select from member_notices n where n.scheme_id = m.scheme_id and n.member_id = m.id and n.kind = 'welcome'
          and n.withdrawn_at is null and (n.sent_at is null or n.messages > 0))
    order by m.id`.execute(tx)
  return rows
}
