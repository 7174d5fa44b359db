import { sql } from 'kysely'
import { digestOf, millisecondsSql, type SealKind } from '../audit/seals.ts'

/** The entries of the books with their lines. The name in them, which its retention empties, is left out. */
export const ledgerSeals: SealKind = {
  kind: 'ledger',
  facts: sql`
    select e.scheme_id, e.no::text as id, e.written_at as at, '' as note,
      ${digestOf(
        sql`e.entered_on`,
        sql`e.kind`,
        sql`e.member_id`,
        sql`case when e.kind = 'waiver' then '' else e.piece end`,
        millisecondsSql(sql`e.written_at`),
        sql`e.written_by`,
        sql`e.year`,
        sql`(select jsonb_agg(jsonb_build_array(l.account, l.member_id, l.debit_cents, l.credit_cents) order by l.line)
          from ledger_lines l where l.scheme_id = e.scheme_id and l.no = e.no)`,
      )} as digest
    from ledger_entries e`,
  keptDays: () => null,
}

/** Payments: amount, day, way and member. */
export const paymentSeals: SealKind = {
  kind: 'payments',
  facts: sql`
    select p.scheme_id, p.id::text as id, p.recorded_at as at, '' as note,
      ${digestOf(
        sql`p.member_id`,
        sql`p.way`,
        sql`p.amount_cents`,
        sql`p.received_on`,
        sql`p.entry_no`,
        millisecondsSql(sql`p.recorded_at`),
        sql`p.recorded_by`,
      )} as digest
    from dues_payments p`,
  keptDays: () => null,
}

/** Cancelled payments: the time, the actor, and the entry of the books that cancels. */
export const cancellationSeals: SealKind = {
  kind: 'cancelled_payments',
  facts: sql`
    select p.scheme_id, p.id::text as id, p.cancelled_at as at, '' as note,
      ${digestOf(millisecondsSql(sql`p.cancelled_at`), sql`p.cancelled_by`, sql`p.cancel_entry_no`)} as digest
    from dues_payments p where p.cancelled_at is not null`,
  keptDays: () => null,
}
