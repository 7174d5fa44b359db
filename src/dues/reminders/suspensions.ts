import { sql } from 'kysely'
import { recordAudits } from '../../audit/record.ts'
import { changeStatus, lockMemberWrites } from '../../members/store.ts'
import { withdrawMessages } from '../../outbox/store.ts'
import type { Tx } from '../../platform/db.ts'
import { findToday } from '../ledger/ledger.ts'
import { remainingDues, reopenSuspensions } from '../store.ts'
import { causeOf, type NotifyDeps, notifyMembers } from './notify.ts'

/** The actor name of the dues rule in the audit log. */
export const DUES_RULE = 'system:dues'

/**
 * Reactivates members that the rule suspended once they have no overdue amount, and notifies them. The caller holds
 * `lockDues`; it runs in the transaction of their payment or of the withdrawn campaign.
 * @param withdrawn the campaign that was withdrawn: the text then mentions no payment
 * @returns the members that were reactivated
 */
export async function reactivateSettledMembers(
  tx: Tx,
  deps: NotifyDeps,
  schemeId: string,
  memberIds: readonly string[],
  withdrawn?: { readonly year: number; readonly dueOn: string },
): Promise<string[]> {
  const day = await findToday(tx, deps, schemeId)
  const of =
    withdrawn === undefined
      ? sql`(select year, due_on from dues d where d.scheme_id = s.scheme_id and d.member_id = s.member_id
          order by due_on < ${day}::date desc, year desc limit 1)`
      : sql`(select ${withdrawn.year}::int as year, ${withdrawn.dueOn}::date as due_on)`
  const { rows } = await sql<{ memberId: string; name: string; year: number; dueOn: string }>`
    select s.member_id, m.name, d.year, d.due_on from dues_suspensions s
    join members m on m.scheme_id = s.scheme_id and m.id = s.member_id and m.status = 'suspended'
    cross join lateral ${of} d
    where s.scheme_id = ${schemeId} and s.restored_at is null and s.member_id = any (${memberIds}::uuid[])
      and not exists (select from (${remainingDues(schemeId, memberIds)}) r
        where r.member_id = s.member_id and r.remaining_cents > 0 and r.due_on < ${day}::date)`.execute(tx)
  if (rows.length === 0) return []
  const back = rows.map(({ memberId }) => memberId)
  const at = deps.now()
  await lockMemberWrites(tx, schemeId)
  await changeStatus(tx, schemeId, back, { from: 'suspended', to: 'active', at })
  await sql`update dues_suspensions set restored_at = ${at}
    where scheme_id = ${schemeId} and member_id = any (${back}::uuid[]) and restored_at is null`.execute(tx)
  await notifyMembers(tx, deps, schemeId, {
    by: DUES_RULE,
    settings: { sms: true },
    notices: rows.map((row) => ({
      ...row,
      kind: 'restored',
      amountCents: 0,
      isWithdrawn: withdrawn !== undefined,
    })),
  })
  await recordAudits(
    tx,
    schemeId,
    rows.map(({ memberId, year }) => ({
      at,
      actor: DUES_RULE,
      action: 'dues.restore',
      subject: `member:${memberId}`,
      details: { year },
    })),
  )
  return back
}

/**
 * Suspends members again that the given payments had reactivated, once these are reversed and an overdue amount is left: the
 * suspension is reopened. A notice of its end that has not been sent is withdrawn; members that received one are notified of
 * the suspension. Members that another payment or the chamber reactivated since stay active. The caller holds `lockDues`, and
 * recorded the payments and the end of the suspension at the same instant.
 */
export async function suspendUnpaidMembers(
  tx: Tx,
  deps: NotifyDeps,
  schemeId: string,
  paymentIds: readonly string[],
): Promise<void> {
  const rows = await listReactivatedUnpaid(tx, deps, schemeId, paymentIds)
  if (rows.length === 0) return
  const ids = rows.map(({ memberId }) => memberId)
  const at = deps.now()
  await lockMemberWrites(tx, schemeId)
  const back = new Set(await changeStatus(tx, schemeId, ids, { from: 'active', to: 'suspended', at }))
  const suspended = rows.filter(({ memberId }) => back.has(memberId))
  const since = new Date(Math.min(...suspended.map(({ restoredAt }) => restoredAt.getTime())))
  await reopenSuspensions(tx, schemeId, [...back], since)
  const notified = await withdrawRestoredNotices(tx, schemeId, suspended, at)
  await notifyMembers(tx, deps, schemeId, {
    by: DUES_RULE,
    settings: { sms: true },
    notices: suspended
      .filter(({ memberId }) => notified.has(memberId))
      .map((row) => ({ ...row, kind: 'suspended' as const })),
  })
  await recordAudits(
    tx,
    schemeId,
    suspended.map(({ memberId, year }) => ({
      at,
      actor: DUES_RULE,
      action: 'dues.suspend',
      subject: `member:${memberId}`,
      details: { year },
    })),
  )
}

interface ReactivatedUnpaid {
  readonly memberId: string
  readonly name: string
  readonly restoredAt: Date
  /** The oldest overdue year, its due day and what is left of it. */
  readonly year: number
  readonly dueOn: string
  readonly amountCents: number
}

/** Lists active members whose last suspension ended with one of the given payments, and which have an overdue amount. */
async function listReactivatedUnpaid(
  tx: Tx,
  deps: NotifyDeps,
  schemeId: string,
  paymentIds: readonly string[],
): Promise<ReactivatedUnpaid[]> {
  const ended = await sql<{ memberId: string; name: string; restoredAt: Date }>`
    select distinct s.member_id, m.name, s.restored_at from dues_payments p
    join dues_suspensions s on s.scheme_id = p.scheme_id and s.member_id = p.member_id and s.restored_at = p.recorded_at
    join members m on m.scheme_id = s.scheme_id and m.id = s.member_id and m.status = 'active'
    where p.scheme_id = ${schemeId} and p.id = any (${paymentIds}::uuid[])
      and s.suspended_at = (select max(l.suspended_at) from dues_suspensions l
        where l.scheme_id = s.scheme_id and l.member_id = s.member_id)
      and not exists (select from member_change_rows r
        join member_changes c on c.scheme_id = r.scheme_id and c.id = r.change_id
        where r.scheme_id = s.scheme_id and r.member_id = s.member_id and c.kind = 'resume' and c.at >= s.restored_at
          and r.undoing is distinct from 'restored')`.execute(tx)
  if (ended.rows.length === 0) return []
  const ids = ended.rows.map(({ memberId }) => memberId)
  const day = await findToday(tx, deps, schemeId)
  const owed = await sql<Pick<ReactivatedUnpaid, 'memberId' | 'year' | 'dueOn' | 'amountCents'>>`
    select distinct on (r.member_id) r.member_id, r.year, r.due_on, r.remaining_cents as amount_cents
    from (${remainingDues(schemeId, ids)}) r where r.remaining_cents > 0 and r.due_on < ${day}::date
    order by r.member_id, r.year`.execute(tx)
  const overdue = new Map(owed.rows.map((row) => [row.memberId, row]))
  return ended.rows.flatMap((row) => {
    const its = overdue.get(row.memberId)
    return its === undefined ? [] : [{ ...row, ...its }]
  })
}

/** Withdraws unsent notices of the end of suspensions. @returns the members that received one, or a part of it */
async function withdrawRestoredNotices(
  tx: Tx,
  schemeId: string,
  ended: readonly Pick<ReactivatedUnpaid, 'memberId' | 'restoredAt'>[],
  at: Date,
): Promise<Set<string>> {
  const restoredAt = new Map(ended.map((row) => [row.memberId, row.restoredAt.getTime()]))
  const written = await tx
    .selectFrom('duesNotices')
    .select(['id', 'memberId', 'messages', 'at'])
    .where('schemeId', '=', schemeId)
    .where('kind', '=', 'restored')
    .where('memberId', '=', sql<string>`any (${[...restoredAt.keys()]}::uuid[])`)
    .execute()
  const notices = written.filter((notice) => notice.at.getTime() === restoredAt.get(notice.memberId))
  const causes = notices.map(({ id }) => causeOf(id))
  const withdrawn = Map.groupBy(await withdrawMessages(tx, schemeId, causes, at), (cause) => cause)
  const isSent = ({ id, messages }: (typeof notices)[number]) =>
    messages > (withdrawn.get(causeOf(id))?.length ?? 0)
  const unsent = notices.filter((notice) => !isSent(notice)).map(({ id }) => id)
  await sql`delete from dues_notices where scheme_id = ${schemeId} and id = any (${unsent}::uuid[])`.execute(
    tx,
  )
  return new Set(notices.filter(isSent).map(({ memberId }) => memberId))
}
