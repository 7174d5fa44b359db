import { sql } from 'kysely'
import type { Deps } from '../../deps.ts'
import { dayInParis } from '../../platform/day.ts'
import type { Tx } from '../../platform/db.ts'
import type { LedgerAccount, LedgerKind } from '../../schema.ts'

/** Whoever moves money of a scheme goes alone until the transaction ends: what is owed is read, then settled. */
export async function lockDues(tx: Tx, schemeId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('dues:' || ${schemeId}, 0))`.execute(tx)
}

/**
 * Takes the next numbers of a series, without holes: others wait for the end of this transaction, and a transaction that
 * fails gives them back.
 * @param name `ledger`, or `receipts-YEAR` @returns the first of them
 */
export async function takeNumbers(tx: Tx, schemeId: string, name: string, count: number): Promise<number> {
  const { rows } = await sql<{ last: number }>`
    insert into dues_counters as known (scheme_id, name, last) values (${schemeId}, ${name}, ${count})
    on conflict (scheme_id, name) do update set last = known.last + excluded.last
    returning last`.execute(tx)
  return rows[0]!.last - count + 1
}

/** One movement between the account of a member and another one. */
export interface Movement {
  readonly kind: LedgerKind
  /** The day that it counts for. */
  readonly enteredOn: string
  readonly memberId: string
  /** How the member is called now. */
  readonly member: string
  /** What it stands on: the year of a campaign, a receipt. */
  readonly piece: string
  /** Positive: the member owes more; negative: less. */
  readonly owesCents: number
  readonly against: Exclude<LedgerAccount, 'receivable'>
  /** Of a waiver: the year that it lets off; absent: whatever is owed. */
  readonly year?: number
}

/**
 * Writes movements, each an entry of two lines that balance, by one statement a table.
 * @returns the number of the first entry; they follow each other in the order given
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
    select ${schemeId}, no, "enteredOn", kind, "memberId", member, piece, year, ${now()}, ${by}
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
  return first
}

/** What some members owe over all years, in cents; below 0: paid in advance. Those without any entry are missing. */
export async function balancesOf(
  tx: Tx,
  schemeId: string,
  memberIds: readonly string[],
): Promise<Map<string, number>> {
  const { rows } = await sql<{ memberId: string; cents: number }>`
    select member_id, sum(debit_cents - credit_cents)::int as cents from ledger_lines
    where scheme_id = ${schemeId} and member_id = any (${memberIds}::uuid[]) group by member_id`.execute(tx)
  return new Map(rows.map(({ memberId, cents }) => [memberId, cents]))
}

export async function balanceOf(tx: Tx, schemeId: string, memberId: string): Promise<number> {
  return (await balancesOf(tx, schemeId, [memberId])).get(memberId) ?? 0
}

/** Today in France, as the ledger dates what is written now. */
export function today({ now }: Pick<Deps, 'now'>): string {
  return dayInParis(now())
}
