import { sql } from 'kysely'
import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { AppError, type Problem } from '../../errors.ts'
import { formatMessage } from '../../i18n/format.ts'
import { recordMemberAccess } from '../../members/accesses.ts'
import { memberScopeOf } from '../../members/actions.ts'
import { type Actor, actorName, authorize, authorizeOwn, type ShopId } from '../../permissions.ts'
import { inScheme, inShop, type Tx } from '../../platform/db.ts'
import { findSchemeWithChamber } from '../../schemes/store.ts'
import { readAloneLine } from '../../settings/alone.ts'
import type { InvoiceFacts, NewInvoice, ReceiptName } from '../contract.ts'
import { findToday, lockDues, takeNumbers } from '../ledger/ledger.ts'
import { creditorName, invoiceNumber, missingForInvoices, paymentReference } from '../rules.ts'
import { findDuesSettings, findPayer, findWaivedOfYear, listMemberYears, type YearRow } from '../store.ts'
import { drawInvoice } from './invoice-pdf.ts'
import type { ReceiptId } from './receipts.ts'

type InvoiceDeps = Pick<Deps, 'db' | 'now'>

/**
 * Issues the invoice of a member's dues for a year, under the next number of the current year. An invoice is issued once: the same
 * request again returns the first. After a credit note, what is called again is invoiced again.
 * @throws AppError `invoice_incomplete` with every setting of the creditor that is missing; `invoice_waived` if all of it is
 * waived; `not_found` if nothing is called for the year, also for a chamber of another trade
 */
export async function issueInvoice(
  deps: InvoiceDeps,
  actor: Actor,
  schemeId: string,
  memberId: string,
  { year }: NewInvoice,
): Promise<ReceiptName> {
  const { trades } = memberScopeOf(authorize(actor, 'dues.manage', schemeId))
  return inScheme(deps.db, schemeId, async (tx) => {
    const member = await findPayer(tx, schemeId, memberId)
    if (member === undefined || trades?.includes(member.trade) === false) throw new AppError('not_found')
    return writeInvoice(tx, deps, schemeId, { memberId, year, by: actorName(actor) })
  })
}

/** Does the same for a contact of the shop. @throws the same errors, `not_found` for another member's shop */
export async function issueOwnInvoice(
  deps: InvoiceDeps,
  actor: Actor,
  of: ShopId,
  { year }: NewInvoice,
): Promise<ReceiptName> {
  const { schemeId, memberId, name } = authorizeOwn(actor, 'own.read', of)
  return inScheme(deps.db, schemeId, (tx) => writeInvoice(tx, deps, schemeId, { memberId, year, by: name }))
}

async function writeInvoice(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  { memberId, year, by }: { readonly memberId: string; readonly year: number; readonly by: string },
): Promise<ReceiptName> {
  // Payments wait, so that what is settled is what the invoice says; so does another invoice, for its number.
  await lockDues(tx, schemeId)
  const issued = (await listOpenInvoices(tx, schemeId, [memberId])).filter((one) => one.duesYear === year)
  const invoicedCents = issued.reduce((sum, { openCents }) => sum + openCents, 0)
  const scheme = await findSchemeWithChamber(tx, schemeId)
  const settings = await findDuesSettings(tx, schemeId)
  const member = await findPayer(tx, schemeId, memberId)
  const called = (await listMemberYears(tx, schemeId, [memberId])).find((one) => one.year === year)
  const billableCents = called === undefined ? 0 : await findBillable(tx, schemeId, called)
  const known = issued.at(-1)
  if (known !== undefined && invoicedCents >= billableCents) return nameOf(schemeId, known)
  if (scheme === undefined || settings === undefined || member === undefined) throw new AppError('not_found')
  if (called === undefined || called.amountCents === 0) throw new AppError('not_found')
  const amountCents = billableCents - invoicedCents
  if (amountCents === 0) throw new AppError('invoice_waived', { values: { year } })
  const { address, siret, iban, bic, vat, vatNumber, vatReason } = settings.creditor
  const problems = missingForInvoices(settings.creditor).map(
    (field): Problem => ({
      ...{ code: 'invoice.missing', path: `creditor.${field}`, values: { field } },
    }),
  )
  if (vat === '' || problems.length > 0) throw new AppError('invoice_incomplete', { problems })
  const issuedOn = await findToday(tx, deps, schemeId)
  const issuedIn = Number(issuedOn.slice(0, 4))
  const no = await takeNumbers(tx, schemeId, `invoices-${issuedIn}`, 1)
  const name = nameOf(schemeId, { year: issuedIn, no })
  const facts: InvoiceFacts = {
    number: name.number,
    issuedOn,
    seller: {
      name: creditorName(settings, scheme),
      ...{ address, siret, vat, vatNumber },
      vatReason: vatReason || formatMessage('fr', `invoice.vat.${vat}`),
    },
    member: { name: member.name, siret: member.siret, address: member.address, town: member.communeName },
    year,
    label: formatMessage('fr', 'invoice.label', { year: String(year), scheme: scheme.name }),
    amountCents,
    // Payments settle the earlier invoices of the year first.
    paidCents: Math.max(0, amountCents - called.remainingCents),
    dueOn: called.dueOn,
    reference: paymentReference(schemeId, memberId),
    ...{ iban, bic },
  }
  await tx
    .insertInto('duesInvoices')
    .values({
      ...{ schemeId, year: issuedIn, no, memberId, duesYear: year },
      facts: JSON.stringify(facts),
      issuedAt: deps.now(),
      issuedBy: by,
    })
    .execute()
  await recordAudit(tx, schemeId, deps.now(), {
    actor: by,
    action: 'invoice.issue',
    subject: `member:${memberId}`,
    details: { number: name.number, year, amountCents },
  })
  return name
}

/** An invoice of which something is left after its credit notes. */
export interface OpenInvoice {
  readonly year: number
  readonly no: number
  readonly memberId: string
  readonly duesYear: number
  readonly facts: InvoiceFacts
  readonly openCents: number
}

/** Lists the invoices of members that no credit note has fully taken off, in the order of their numbers. */
export async function listOpenInvoices(
  tx: Tx,
  schemeId: string,
  memberIds: readonly string[],
): Promise<OpenInvoice[]> {
  const { rows } = await sql<OpenInvoice>`
    select i.* from (
      select i.year, i.no, i.member_id, i.dues_year, i.facts, (i.facts->>'amountCents')::int - coalesce((
        select sum((c.facts->>'amountCents')::int) from dues_invoices c
        where c.scheme_id = i.scheme_id and c.corrects_year = i.year and c.corrects_no = i.no), 0)::int as open_cents
      from dues_invoices i
      where i.scheme_id = ${schemeId} and i.member_id = any (${memberIds}::uuid[]) and i.corrects_no is null) i
    where i.open_cents > 0 order by i.year, i.no`.execute(tx)
  return rows
}

export const nameOf = (schemeId: string, { year, no }: { readonly year: number; readonly no: number }) => ({
  year,
  no,
  number: invoiceNumber(schemeId, year, no),
})

/** Lists the valid invoices of a member by the year of the dues, in the order of their numbers, with what they still ask for. */
export async function listInvoices(
  tx: Tx,
  schemeId: string,
  memberId: string,
): Promise<ReadonlyMap<number, { readonly names: readonly ReceiptName[]; readonly openCents: number }>> {
  const rows = await listOpenInvoices(tx, schemeId, [memberId])
  return new Map(
    [...Map.groupBy(rows, ({ duesYear }) => duesYear)].map(([duesYear, own]) => [
      duesYear,
      {
        names: own.map(({ year, no }) => nameOf(schemeId, { year, no })),
        openCents: own.reduce((sum, { openCents }) => sum + openCents, 0),
      },
    ]),
  )
}

/** Returns what can be invoiced of a year: a waived sum is left out; shown as paid, it would be an expense that the member never had. */
export async function findBillable(tx: Tx, schemeId: string, called: YearRow): Promise<number> {
  return called.amountCents - (await findWaivedOfYear(tx, schemeId, called))
}

function findInvoice(tx: Tx, schemeId: string, { year, no }: ReceiptId) {
  return tx
    .selectFrom('duesInvoices')
    .select(['facts', 'issuedAt', 'memberId'])
    .where('schemeId', '=', schemeId)
    .where('year', '=', year)
    .where('no', '=', no)
    .executeTakeFirst()
}

/** Returns an invoice as Factur-X. @throws AppError `not_found`, also for a chamber of another trade */
export async function getInvoice(
  deps: InvoiceDeps,
  actor: Actor,
  schemeId: string,
  id: ReceiptId,
): Promise<Buffer> {
  const { trades } = memberScopeOf(authorize(actor, 'dues.read', schemeId))
  const { found, alone } = await inScheme(deps.db, schemeId, async (tx) => {
    const invoice = await findInvoice(tx, schemeId, id)
    const member = invoice && (await findPayer(tx, schemeId, invoice.memberId))
    if (invoice === undefined || (trades !== undefined && !trades.includes(member?.trade ?? '')))
      throw new AppError('not_found')
    await recordMemberAccess(tx, actor, schemeId, {
      ...{ what: 'receipt', memberIds: [invoice.memberId], now: deps.now() },
    })
    return { found: invoice, alone: await readAloneLine(tx, schemeId, 'fr') }
  })
  return draw(found, alone)
}

/** Returns an invoice of the contact's own shop. @throws AppError `not_found` for another member's shop */
export async function getOwnInvoice(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  of: ShopId,
  id: ReceiptId,
): Promise<Buffer> {
  const shop = authorizeOwn(actor, 'own.read', of)
  const found = await inShop(deps.db, shop, (tx) => findInvoice(tx, shop.schemeId, id))
  const alone = await inScheme(deps.db, shop.schemeId, (tx) => readAloneLine(tx, shop.schemeId, 'fr'))
  return draw(found, alone)
}

/** @throws AppError `not_found`, also after the retention period (ten years) */
function draw(found: Awaited<ReturnType<typeof findInvoice>>, alone: string | undefined): Promise<Buffer> {
  if (found === undefined || found.facts.member === null) throw new AppError('not_found')
  return drawInvoice({ ...found.facts, member: found.facts.member }, { at: found.issuedAt, alone })
}
