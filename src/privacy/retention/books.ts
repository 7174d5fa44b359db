import { sql } from 'kysely'
import type { Tx } from '../../platform/db.ts'

/** Years that books are kept after the end of theirs: Code de commerce, L123-22. */
const BOOK_YEARS = 10

/** The first day of the oldest year whose books are still kept, 2028-01-01: what stands before it names nobody any more. */
export function booksBefore(today: string): string {
  return `${Number(today.slice(0, 4)) - BOOK_YEARS}-01-01`
}

/**
 * Empties books whose time is over of what names people, as the owner: entries of the ledger of how the member was called and
 * why it was let off, receipts of whom they were for, payments and refunds of their reference and why. Amounts,
 * numbers and days stay: balances and the order of numbers stand on them. A batch of each at most.
 * @returns the scheme of each row
 */
export async function emptyBooks(tx: Tx, before: string, batch: number): Promise<{ schemeId: string }[]> {
  await sql`select set_config('tocsin.books_before', ${before}, true)`.execute(tx)
  const { rows: entries } = await sql<{ schemeId: string }>`
    update ledger_entries e set member = '', piece = case when e.kind = 'waiver' then '' else e.piece end
    where (scheme_id, no) in (
      select scheme_id, no from ledger_entries where member <> '' and entered_on < ${before}::date limit ${batch})
    returning scheme_id`.execute(tx)
  const { rows: receipts } = await sql<{ schemeId: string }>`
    update dues_receipts r set facts = jsonb_set(
      r.facts || '{"member": null, "reference": ""}', '{cancels}',
      case when r.facts->'cancels' = 'null' then 'null' else r.facts->'cancels' || '{"reason": ""}' end)
      || case when r.facts->'refund' is null then '{}'::jsonb
        else jsonb_build_object('refund', r.facts->'refund' || '{"reason": ""}') end
    where (scheme_id, year, no) in (
      select scheme_id, year, no from dues_receipts
      where facts->'member' <> 'null'::jsonb and year < extract(year from ${before}::date) limit ${batch})
    returning scheme_id`.execute(tx)
  const { rows: payments } = await sql<{ schemeId: string }>`
    update dues_payments p set reference = '', outside_id = null, cancel_reason = case when p.cancel_reason is null then null else '' end
    where (scheme_id, id) in (
      select scheme_id, id from dues_payments
      where received_on < ${before}::date and coalesce(cancelled_at, received_on) < ${before}::date
        and (reference <> '' or cancel_reason <> '' or outside_id is not null) limit ${batch})
    returning scheme_id`.execute(tx)
  const { rows: refunds } = await sql<{ schemeId: string }>`
    update dues_refunds p set reference = '', reason = '', cancel_reason = case when p.cancel_reason is null then null else '' end
    where (scheme_id, id) in (
      select scheme_id, id from dues_refunds
      where paid_on < ${before}::date and coalesce(cancelled_at, paid_on) < ${before}::date
        and (reference <> '' or reason <> '' or cancel_reason <> '') limit ${batch})
    returning scheme_id`.execute(tx)
  return [...entries, ...receipts, ...payments, ...refunds]
}
