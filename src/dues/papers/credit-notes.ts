import { sql } from 'kysely'
import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { formatMessage } from '../../i18n/format.ts'
import type { Tx } from '../../platform/db.ts'
import type { CreditNoteView, InvoiceFacts } from '../contract.ts'
import { findToday, takeNumbers } from '../ledger/ledger.ts'
import { findWaivedOfYear, listMemberYears } from '../store.ts'
import { listOpenInvoices, nameOf, type OpenInvoice } from './invoices.ts'

/** Reasons for correcting an invoice, as its credit note states them. */
const REASONS = {
  withdrawn: 'invoice.credit.withdrawn',
  waived: 'invoice.credit.waived',
  merged: 'invoice.credit.merged',
} as const

/**
 * Issues credit notes for invoices that ask for more than is still called: their dues were withdrawn, waived or merged since. Each
 * refers to its invoice and has the next number of the series of invoices (CGI, article 289 I 5). The caller holds `lockDues`.
 * @returns how many were issued
 */
export async function correctInvoices(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  {
    memberIds,
    by,
    why,
  }: { readonly memberIds: readonly string[]; readonly by: string; readonly why: keyof typeof REASONS },
): Promise<number> {
  const open = await listOpenInvoices(tx, schemeId, memberIds)
  if (open.length === 0) return 0
  const years = await listMemberYears(tx, schemeId, [...new Set(open.map(({ memberId }) => memberId))])
  const credits: { readonly invoice: OpenInvoice; readonly cents: number }[] = []
  for (const ofYear of Map.groupBy(open, ({ memberId, duesYear }) => `${memberId} ${duesYear}`).values()) {
    const { memberId, duesYear } = ofYear[0]!
    const called = years.find((one) => one.memberId === memberId && one.year === duesYear)
    const billableCents =
      called === undefined ? 0 : called.amountCents - (await findWaivedOfYear(tx, schemeId, called))
    let excess = ofYear.reduce((sum, { openCents }) => sum + openCents, 0) - billableCents
    for (const invoice of ofYear.toReversed()) {
      const cents = Math.min(invoice.openCents, excess)
      if (cents <= 0) break
      excess -= cents
      credits.push({ invoice, cents })
    }
  }
  if (credits.length === 0) return 0
  const issuedOn = await findToday(tx, deps, schemeId)
  const issuedIn = Number(issuedOn.slice(0, 4))
  const first = await takeNumbers(tx, schemeId, `invoices-${issuedIn}`, credits.length)
  // The chamber's own reason may not be meant for the shop, and is not printed.
  const reason = formatMessage('fr', REASONS[why])
  const notes = credits.map(({ invoice, cents }, i) => {
    const { number } = nameOf(schemeId, { year: issuedIn, no: first + i })
    const facts: InvoiceFacts = {
      ...invoice.facts,
      ...{ number, issuedOn, amountCents: cents, paidCents: 0, iban: '', bic: '' },
      corrects: { number: invoice.facts.number, issuedOn: invoice.facts.issuedOn, reason },
    }
    return {
      ...{ no: first + i, memberId: invoice.memberId, duesYear: invoice.duesYear, facts },
      ...{ correctsYear: invoice.year, correctsNo: invoice.no },
    }
  })
  await sql`
    insert into dues_invoices (scheme_id, year, no, member_id, dues_year, facts, issued_at, issued_by, corrects_year, corrects_no)
    select ${schemeId}, ${issuedIn}, no, "memberId", "duesYear", facts, ${deps.now()}, ${by}, "correctsYear", "correctsNo"
    from jsonb_to_recordset(${JSON.stringify(notes)}::jsonb) as n (no integer, "memberId" uuid, "duesYear" smallint, facts jsonb,
      "correctsYear" smallint, "correctsNo" integer)`.execute(tx)
  for (const { memberId, duesYear, facts } of notes)
    await recordAudit(tx, schemeId, deps.now(), {
      actor: by,
      action: 'invoice.credit',
      subject: `member:${memberId}`,
      details: {
        ...{
          number: facts.number,
          invoice: facts.corrects?.number,
          year: duesYear,
          amountCents: facts.amountCents,
        },
      },
    })
  return notes.length
}

/** Lists the credit notes of members, latest first, at most 100. */
export async function listCreditNotes(
  tx: Tx,
  schemeId: string,
  memberIds: readonly string[],
): Promise<CreditNoteView[]> {
  const rows = await tx
    .selectFrom('duesInvoices')
    .select(['year', 'no', 'duesYear', 'facts', 'correctsYear', 'correctsNo'])
    .where('schemeId', '=', schemeId)
    .where('memberId', 'in', [...memberIds])
    .where('correctsNo', 'is not', null)
    .orderBy('year', 'desc')
    .orderBy('no', 'desc')
    .limit(100)
    .execute()
  return rows.map(({ year, no, duesYear, facts, correctsYear, correctsNo }) => ({
    duesYear,
    amountCents: facts.amountCents,
    issuedOn: facts.issuedOn,
    reason: facts.corrects?.reason ?? '',
    paper: nameOf(schemeId, { year, no }),
    invoice: nameOf(schemeId, { year: correctsYear ?? 0, no: correctsNo ?? 0 }),
  }))
}
