import { sql } from 'kysely'
import { readSealedJson } from '../../cipher/marked.ts'
import { listLinesNaming } from '../../dues/forget.ts'
import type { Tx } from '../../platform/db.ts'
import { findOthers } from '../retention/others.ts'
import { createWholeNameMatcher } from '../retention/words.ts'
import { type Row, rowsOf, type Section } from './section.ts'
import type { Subject } from './subject.ts'

/** The dues and payments of a business. */
export const MONEY: readonly Section[] = [
  {
    name: 'dues',
    tables: ['dues'],
    columns: {
      year: [30, 'text'],
      amountCents: [40, 'euros'],
      waivedCents: [40, 'euros'],
      dueOn: [40, 'day'],
    },
    read: rowsOf(
      ({ scheme, business }) => sql<Row>`
        select year, amount_cents, waived_cents, due_on::text as due_on, assessed_at from dues
        where scheme_id = ${scheme} and member_id = ${business} order by year`,
    ),
  },
  {
    name: 'payments',
    tables: ['dues_payments', 'dues_cheques', 'dues_refunds'],
    columns: {
      day: [24, 'day'],
      kind: [32, { words: 'file.payment' }],
      way: [28, { words: 'receipt.way' }],
      amountCents: [24, 'euros'],
      reference: [30, 'text'],
      drawer: [22, 'text'],
      reason: [28, 'text'],
    },
    read: rowsOf(
      ({ scheme, business }) => sql<Row>`
        select received_on::text as day, case when cancelled_at is null then 'payment' else 'cancelled' end as kind, way, amount_cents,
          reference, outside_id, cancelled_at, cancel_reason as reason, bank, drawer
        from dues_payments p left join dues_cheques c on c.scheme_id = p.scheme_id and c.payment_id = p.id
        where p.scheme_id = ${scheme} and p.member_id = ${business}
        union all
        select paid_on::text, case when cancelled_at is null then 'refund' else 'refund_cancelled' end, way, amount_cents, reference,
          null, cancelled_at, concat_ws(' · ', nullif(reason, ''), cancel_reason), null, null
        from dues_refunds where scheme_id = ${scheme} and member_id = ${business} order by 1`,
    ),
  },
  {
    name: 'receipts',
    tables: ['dues_receipts', 'dues_invoices', 'ledger_entries'],
    columns: { year: [30, 'text'], no: [30, 'text'], issuedAt: [50, 'moment'] },
    read: rowsOf(
      ({ scheme, business }) => sql<Row>`
        select year, no, issued_at, facts from dues_receipts
        where scheme_id = ${scheme} and member_id = ${business}
        union all
        select year, no, issued_at, facts from dues_invoices
        where scheme_id = ${scheme} and member_id = ${business} order by year, no`,
    ),
  },
  {
    name: 'notices',
    tables: ['dues_notices'],
    columns: {
      at: [34, 'moment'],
      year: [18, 'text'],
      kind: [50, { words: 'own.csv.notice' }],
      note: [70, 'text'],
    },
    read: rowsOf(
      ({ scheme, business }) => sql<Row>`
        select at, year, kind, in_person, note, reached_at from dues_notices
        where scheme_id = ${scheme} and member_id = ${business} order by at`,
    ),
  },
  {
    name: 'mandates',
    tables: ['dues_mandates', 'dues_debits', 'dues_debit_files', 'dues_debit_file_versions'],
    columns: {
      reference: [36, 'text'],
      holder: [40, 'text'],
      iban: [52, 'text'],
      signedAt: [22, 'day'],
      revokedAt: [22, 'day'],
    },
    read: rowsOf(
      ({ scheme, business, isOfTrades }) => sql<Row>`
        select reference, holder, case when ${isOfTrades} then '… ' || iban_end else iban end as iban, signed_name, signed_at, used_at, revoked_at, (
          select coalesce(jsonb_agg(jsonb_build_object('amountCents', d.amount_cents, 'state', d.state, 'on', f.collect_on)
            order by f.no), '[]')
          from dues_debits d join dues_debit_files f on f.scheme_id = d.scheme_id and f.id = d.file_id
          where d.scheme_id = m.scheme_id and d.mandate_id = m.id) as debits
        from dues_mandates m where m.scheme_id = ${scheme} and m.member_id = ${business} order by signed_at`,
    ),
  },
  {
    name: 'transfers',
    tables: ['dues_statement_entries'],
    columns: { bookedOn: [26, 'day'], amountCents: [26, 'euros'], payer: [50, 'text'], text: [68, 'text'] },
    read: async (tx, subject) => {
      const { schemeId, isWhole, isOfTrades } = subject
      const memberIds = isWhole ? subject.memberIds : []
      const naming = isOfTrades ? [] : await listLinesNaming(tx, schemeId, await nameMatcher(tx, subject))
      // A transfer that was recorded for another member is about that one.
      const undecided = naming.flatMap(({ id, paymentId }) => (paymentId === null ? [id] : []))
      const { rows } = await sql<{
        bookedOn: string
        amountCents: number
        state: string
        details: { name: string; text: string } | string | null
      }>`
        select e.booked_on::text as booked_on, e.amount_cents, e.state, e.details from dues_statement_entries e
        left join dues_payments p on p.scheme_id = e.scheme_id and p.id = e.payment_id
        where e.scheme_id = ${schemeId} and (p.member_id = any (${memberIds}::uuid[]) or e.id = any (${undecided}::uuid[]))
        order by e.booked_on, e.id`.execute(tx)
      return rows.map(({ details, ...row }) => {
        const written = details === null ? null : readSealedJson(details)
        return { ...row, payer: written?.name ?? null, text: written?.text ?? null }
      })
    },
  },
]

/** Returns a predicate: a text of the bank names the subject by a number, an address, or a whole name that nobody else has. */
async function nameMatcher(tx: Tx, subject: Subject): Promise<(text: string) => boolean> {
  const { schemeId, memberIds, isWhole, people, phones, mails } = subject
  const shops = isWhole
    ? await tx
        .selectFrom('members')
        .select(['searchName', 'siret'])
        .where('schemeId', '=', schemeId)
        .where('id', 'in', [...memberIds])
        .execute()
    : []
  const named = {
    shops: shops.map(({ searchName }) => searchName),
    sirets: shops.flatMap(({ siret }) => siret ?? []),
    addresses: [],
    people,
    phones,
    mails,
  }
  return createWholeNameMatcher(named, (await findOthers(tx, schemeId, named, memberIds)).names)
}
