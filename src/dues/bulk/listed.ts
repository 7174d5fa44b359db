import { sql } from 'kysely'
import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { formatMessage } from '../../i18n/format.ts'
import type { Tx } from '../../platform/db.ts'
import { findToday } from '../ledger/ledger.ts'
import { reversePayment, writePayments } from '../ledger/payments.ts'
import type { NotifyDeps } from '../reminders/notify.ts'
import { suspendUnpaidMembers } from '../reminders/suspensions.ts'
import { listCampaignYears, listCollecting, listMemberYears, listPayers } from '../store.ts'
import type { ListedPayments } from './contract.ts'
import { judgeListed, type ListedDues, type ListedResult, settleYears } from './listed-rules.ts'

/** The dues that a row of a list says are paid. */
export interface ListedRow extends ListedDues {
  readonly line: number
  /** Null: the list adds the member. */
  readonly memberId: string | null
}

/**
 * Returns what is left to record for each payment, in that order. Of several rows about one member only the first counts; the
 * others are as recorded. A row may bring several payments, the oldest year first.
 */
export async function judgeListedRows(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  rows: readonly ListedRow[],
): Promise<ListedResult[]> {
  const ids = [...new Set(rows.flatMap(({ memberId }) => memberId ?? []))]
  const campaigns = await listCampaignYears(tx, schemeId)
  const years = Map.groupBy(await listMemberYears(tx, schemeId, ids), ({ memberId }) => memberId)
  const collecting = await listCollecting(tx, schemeId, ids)
  const returned = await listReturned(tx, schemeId, ids)
  const received = await listReceived(tx, schemeId, ids)
  const day = await findToday(tx, deps, schemeId)
  const seen = new Map<string, number>()
  return rows.map(({ memberId, ...listed }) => {
    const id = memberId ?? ''
    if (memberId !== null && (seen.get(id) ?? listed.line) !== listed.line) return 'recorded'
    seen.set(id, listed.line)
    const result = judgeListed(listed, {
      campaigns,
      years: years.get(id) ?? [],
      isNew: memberId === null,
      isCollecting: collecting.has(id),
      returnedIn: returned.get(id) ?? null,
      received: received.get(id) ?? NOTHING,
      today: day,
    })
    // The next payment of the row is judged as if this one were recorded.
    if (typeof result === 'object' && 'cents' in result)
      years.set(id, settleYears(years.get(id) ?? [], result.cents))
    return result
  })
}

const NOTHING: ReadonlyMap<string, number> = new Map()

/** Given members `kept_id`, each with the members `id` that were merged into it. */
const withMerged = (schemeId: string, memberIds: readonly string[]) => sql`
  select id, id as kept_id from members where scheme_id = ${schemeId} and id = any (${memberIds}::uuid[])
  union all
  select id, merged_into from members where scheme_id = ${schemeId} and merged_into = any (${memberIds}::uuid[])`

/**
 * Returns the latest year of dues that came back, by member: of a cancelled payment (a cheque that bounced, a mistake), a refund or
 * a returned debit, however it was recorded. Payments of a list that were undone together may come again.
 */
async function listReturned(
  tx: Tx,
  schemeId: string,
  memberIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const undone = [formatMessage('fr', 'payments.listUndone'), formatMessage('fr', 'payments.undone')]
  const { rows } = await sql<{ memberId: string; year: number }>`
    with m as (${withMerged(schemeId, memberIds)})
    select r.member_id, max(r.year)::int as year from (
      select m.kept_id as member_id, extract(year from greatest(p.received_on, p.cancelled_at::date)) as year
      from dues_payments p join m on m.id = p.member_id
      left join dues_payment_batches b on b.scheme_id = p.scheme_id and b.id = p.batch_id
      where p.scheme_id = ${schemeId} and p.cancelled_at is not null
        and not (b.list is not null and b.undone_at is not null and p.cancel_reason = any (${undone}::text[])) is true
      union all
      select m.kept_id, extract(year from f.paid_on) from dues_refunds f join m on m.id = f.member_id
      where f.scheme_id = ${schemeId} and f.cancelled_at is null
      union all
      select m.kept_id, (y ->> 'year')::int from dues_debits d join m on m.id = d.member_id
      cross join lateral jsonb_array_elements(d.years) y
      where d.scheme_id = ${schemeId} and d.state = 'returned') r
    group by r.member_id`.execute(tx)
  return new Map(rows.map(({ memberId, year }) => [memberId, year]))
}

/** Sums the valid payments of members, by day. */
async function listReceived(
  tx: Tx,
  schemeId: string,
  memberIds: readonly string[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, number>>> {
  const { rows } = await sql<{ memberId: string; receivedOn: string; cents: number }>`
    with m as (${withMerged(schemeId, memberIds)})
    select m.kept_id as member_id, p.received_on, sum(p.amount_cents)::int as cents
    from dues_payments p join m on m.id = p.member_id
    where p.scheme_id = ${schemeId} and p.cancelled_at is null group by m.kept_id, p.received_on`.execute(tx)
  return new Map(
    [...Map.groupBy(rows, ({ memberId }) => memberId)].map(([id, days]) => [
      id,
      new Map(days.map(({ receivedOn, cents }) => [receivedOn, cents])),
    ]),
  )
}

/** A payment that a list brings and the ledger lacks. */
export interface ListedPayment {
  readonly memberId: string
  readonly line: number
  readonly on: string | null
  readonly amountCents: number
}

/** Lists the payments that are left to record of rows of a list. The caller holds `lockDues`. */
export async function findListedDue(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  rows: readonly ListedRow[],
): Promise<ListedPayment[]> {
  if (rows.length === 0) return []
  const results = await judgeListedRows(tx, deps, schemeId, rows)
  return rows.flatMap(({ memberId, line, on }, i) => {
    const result = results[i]
    return memberId !== null && typeof result === 'object' && 'cents' in result
      ? [{ memberId, line, on, amountCents: result.cents }]
      : []
  })
}

/**
 * Records payments of a list, with their receipts, in the caller's transaction and under `lockDues`. All those of an import are
 * one batch, which has the id of its change. The caller then reactivates the members that they settled
 * (`reactivateSettledMembers`), at the same instant.
 */
export async function recordListed(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'newId'>,
  schemeId: string,
  due: readonly ListedPayment[],
  of: ListedPayments & { readonly batchId: string; readonly list: string; readonly by: string },
): Promise<void> {
  if (due.length === 0) return
  const ids = due.map(({ memberId }) => memberId)
  const members = new Map((await listPayers(tx, schemeId, ids)).map((member) => [member.id, member]))
  const { batchId, list, by, way } = of
  await tx
    .insertInto('duesPaymentBatches')
    .values({ schemeId, id: batchId, recordedAt: deps.now(), recordedBy: by, list })
    .onConflict((conflict) => conflict.columns(['schemeId', 'id']).doNothing())
    .execute()
  const written = await writePayments(
    tx,
    deps,
    schemeId,
    by,
    due.map(({ memberId, line, on, amountCents }) => ({
      ...{ member: members.get(memberId)!, way, amountCents, batchId, outsideId: null },
      receivedOn: on ?? of.receivedOn,
      reference: formatMessage('fr', 'payments.ofList', { list: shorten(list), line: String(line) }),
    })),
  )
  if (way === 'cheque')
    await sql`insert into dues_cheques (scheme_id, payment_id)
      select ${schemeId}, unnest(${written.map(({ id }) => id)}::uuid[])`.execute(tx)
}

/** The most letters of a file name that the reference of a payment holds. */
const MAX_NAME = 50
const shorten = (name: string) => (name.length > MAX_NAME ? `${name.slice(0, MAX_NAME - 1)}…` : name)

/** Records the payments of an import in the audit log, once it is finished. */
export async function auditListed(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  { batchId, by }: { readonly batchId: string; readonly by: string },
): Promise<void> {
  const { payments, amountCents } = await sumListed(tx, schemeId, batchId)
  if (payments === 0) return
  await recordAudit(tx, schemeId, deps.now(), {
    actor: by,
    action: 'dues.payments',
    subject: `payments:${batchId}`,
    details: { payments, amountCents, fromList: true },
  })
}

/** Sums the valid payments of a batch. */
export async function sumListed(
  tx: Tx,
  schemeId: string,
  batchId: string,
): Promise<{ readonly payments: number; readonly amountCents: number }> {
  const { rows } = await sql<{ payments: number; amountCents: number }>`
    select count(*)::int as payments, coalesce(sum(amount_cents), 0)::int as amount_cents from dues_payments
    where scheme_id = ${schemeId} and batch_id = ${batchId}::uuid and cancelled_at is null`.execute(tx)
  return rows[0]!
}

/** Payments that are reversed in one transaction: each is an entry and a paper. */
const REVERSED = 10

/**
 * Reverses some payments of an undone import, under `lockDues`: those that were refunded in part or whose cheque is on a deposit
 * slip stay. Members that they reactivated are suspended again.
 * @returns whether none is left to reverse
 */
export async function reverseListed(
  tx: Tx,
  deps: NotifyDeps,
  schemeId: string,
  { batchId, by }: { readonly batchId: string; readonly by: string },
): Promise<boolean> {
  const batch = await tx
    .selectFrom('duesPaymentBatches')
    .select('undoneAt')
    .where('schemeId', '=', schemeId)
    .where('id', '=', batchId)
    .where('list', 'is not', null)
    .executeTakeFirst()
  if (batch === undefined) return true
  const { rows } = await sql<{ id: string; memberId: string }>`
    select p.id, p.member_id from dues_payments p
    left join dues_cheques c on c.scheme_id = p.scheme_id and c.payment_id = p.id
    where p.scheme_id = ${schemeId} and p.batch_id = ${batchId}::uuid and p.cancelled_at is null and c.deposit_id is null
      and not exists (select from dues_refunds r where r.scheme_id = p.scheme_id and r.payment_id = p.id
        and r.cancelled_at is null)
    order by p.entry_no limit ${REVERSED}`.execute(tx)
  const reason = formatMessage('fr', 'payments.listUndone')
  for (const { id: payment, memberId: member } of rows)
    await reversePayment(tx, deps, schemeId, { by, reason }, { member, payment })
  if (rows.length > 0)
    await suspendUnpaidMembers(
      tx,
      deps,
      schemeId,
      rows.map(({ id }) => id),
    )
  if (rows.length === REVERSED) return false
  if (batch.undoneAt !== null) return true
  await tx
    .updateTable('duesPaymentBatches')
    .set({ undoneAt: deps.now(), undoneBy: by })
    .where('schemeId', '=', schemeId)
    .where('id', '=', batchId)
    .execute()
  return true
}
