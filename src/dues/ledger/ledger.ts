import { sql } from 'kysely'
import type { Deps } from '../../deps.ts'
import { findDay } from '../../platform/database/time-zone.ts'
import type { Tx } from '../../platform/db.ts'
import type { LedgerAccount, LedgerKind } from '../../schema.ts'

/**
 * Makes movements of money of a scheme run one at a time until the transaction ends, so that balances read now stay true
 * while they are settled.
 */
export async function lockDues(tx: Tx, schemeId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('dues:' || ${schemeId}, 0))`.execute(tx)
}

/**
 * Takes the next numbers of a series without gaps: others wait until this transaction ends, and a failed transaction releases
 * them.
 * @param name `ledger`, or `receipts-YEAR` @returns the first number
 */
export async function takeNumbers(tx: Tx, schemeId: string, name: string, count: number): Promise<number> {
  const { rows } = await sql<{ last: number }>`
    insert into dues_counters as known (scheme_id, name, last) values (${schemeId}, ${name}, ${count})
    on conflict (scheme_id, name) do update set last = known.last + excluded.last
    returning last`.execute(tx)
  return rows[0]!.last - count + 1
}

/** A movement between the account of a member and another account. */
export interface Movement {
  readonly kind: LedgerKind
  /** The day that it counts for. */
  readonly enteredOn: string
  readonly memberId: string
  /** The member's current name. */
  readonly member: string
  /** The supporting document: the year of a campaign, or a receipt. */
  readonly piece: string
  /** Positive if the member owes more, negative if less. */
  readonly owesCents: number
  readonly against: Exclude<LedgerAccount, 'receivable'>
  /** Waivers and their cancellations only: the year that it applies to; absent if it applies to anything owed. */
  readonly year?: number
  /** Whether the waiver is of a merge, not of the chamber. */
  readonly ofMerge?: boolean
}

/**
 * Writes movements, each an entry of two balancing lines, with one statement per table. What is waived for a year, or no longer
 * waived, is noted at the dues of that year.
 * @returns the number of the first entry; the others follow in the given order
 */
export async function writeMovements(
  tx: Tx,
  { now }: Pick<Deps, 'now'>,
  schemeId: string,
  by: string,
  movements: readonly Movement[],
): Promise<number> {
  if (movements.length === 0) return 0
  const first = await takeNumbers(tx, schemeId, 'ledger', movements.length)
  const rows = movements.map(({ owesCents, ...movement }, i) => ({
    ...movement,
    no: first + i,
    cents: Math.abs(owesCents),
    more: owesCents > 0,
  }))
  await sql`
    insert into ledger_entries (scheme_id, no, entered_on, kind, member_id, member, piece, year, written_at, written_by)
    select ${schemeId}, no, "enteredOn", kind, "memberId", member, piece, case when kind = 'waiver' then year end, ${now()}, ${by}
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      as m (no integer, "enteredOn" date, kind text, "memberId" uuid, member text, piece text, year smallint)`.execute(
    tx,
  )
  await sql`
    insert into ledger_lines (scheme_id, no, line, account, member_id, debit_cents, credit_cents)
    select ${schemeId}, no, 1, 'receivable', "memberId", case when more then cents else 0 end, case when more then 0 else cents end
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as m (no integer, "memberId" uuid, cents integer, more boolean)
    union all
    select ${schemeId}, no, 2, against, null, case when more then 0 else cents end, case when more then cents else 0 end
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as m (no integer, against text, cents integer, more boolean)`.execute(
    tx,
  )
  await noteWaivers(tx, schemeId, movements)
  return first
}

async function noteWaivers(tx: Tx, schemeId: string, movements: readonly Movement[]): Promise<void> {
  const parts = movements.flatMap(({ memberId, year, ofMerge = false, owesCents }) =>
    year === undefined ? [] : [{ memberId, year, cents: -owesCents, merged: ofMerge ? -owesCents : 0 }],
  )
  if (parts.length === 0) return
  // Called again after its campaign was withdrawn, a year has less to note than a cancelled waiver had.
  await sql`
    update dues d set waived_cents = greatest(0, d.waived_cents + w.cents),
      merged_cents = least(greatest(0, d.waived_cents + w.cents), greatest(0, d.merged_cents + w.merged))
    from (
      select "memberId" as member_id, year, sum(cents)::int as cents, sum(merged)::int as merged
      from jsonb_to_recordset(${JSON.stringify(parts)}::jsonb) as p ("memberId" uuid, year smallint, cents integer, merged integer)
      group by 1, 2) w
    where d.scheme_id = ${schemeId} and d.member_id = w.member_id and d.year = w.year`.execute(tx)
}

/**
 * Returns what the given members owe over all years, in cents; negative if paid in advance. Members without entries are
 * absent.
 */
export async function findBalances(
  tx: Tx,
  schemeId: string,
  memberIds: readonly string[],
): Promise<Map<string, number>> {
  const { rows } = await sql<{ memberId: string; cents: number }>`
    select member_id, sum(debit_cents - credit_cents)::int as cents from ledger_lines
    where scheme_id = ${schemeId} and member_id = any (${memberIds}::uuid[]) group by member_id`.execute(tx)
  return new Map(rows.map(({ memberId, cents }) => [memberId, cents]))
}

export async function findBalance(tx: Tx, schemeId: string, memberId: string): Promise<number> {
  return (await findBalances(tx, schemeId, [memberId])).get(memberId) ?? 0
}

/** Returns today's date in the scheme, which dates new ledger entries. */
export function findToday(tx: Tx, { now }: Pick<Deps, 'now'>, schemeId: string): Promise<string> {
  return findDay(tx, schemeId, now())
}
