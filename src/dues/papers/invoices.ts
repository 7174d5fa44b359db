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
import { lockDues, takeNumbers, today } from '../ledger/ledger.ts'
import { creditorName, invoiceNumber, paymentReference } from '../rules.ts'
import { findDuesSettings, findPayer, findWaivedOfYear, listMemberYears } from '../store.ts'
import { drawInvoice } from './invoice-pdf.ts'
import type { ReceiptId } from './receipts.ts'

type InvoiceDeps = Pick<Deps, 'db' | 'now'>

/**
 * Issues the invoice of a member's dues for a year, under the next number of the current year. An invoice is issued once: the same
 * request again returns the first.
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
  const known = await tx
    .selectFrom('duesInvoices')
    .select(['year', 'no'])
    .where('schemeId', '=', schemeId)
    .where('memberId', '=', memberId)
    .where('duesYear', '=', year)
    .executeTakeFirst()
  if (known !== undefined) return nameOf(schemeId, known)
  const scheme = await findSchemeWithChamber(tx, schemeId)
  const settings = await findDuesSettings(tx, schemeId)
  const member = await findPayer(tx, schemeId, memberId)
  const called = (await listMemberYears(tx, schemeId, [memberId])).find((one) => one.year === year)
  if (scheme === undefined || settings === undefined || member === undefined) throw new AppError('not_found')
  if (called === undefined || called.amountCents === 0) throw new AppError('not_found')
  // A waived sum is left out: shown as paid, it would be an expense that the member never had.
  const amountCents = called.amountCents - (await findWaivedOfYear(tx, schemeId, called))
  if (amountCents === 0) throw new AppError('invoice_waived', { values: { year } })
  const { address, siret, iban, bic, vat, vatNumber, vatReason } = settings.creditor
  const problems: Problem[] = []
  const missing = (field: string) =>
    problems.push({ code: 'invoice.missing', path: `creditor.${field}`, values: { field } })
  if (siret === '') missing('siret')
  if (address === '') missing('address')
  if (vat === '' || problems.length > 0) {
    if (vat === '') missing('vat')
    throw new AppError('invoice_incomplete', { problems })
  }
  const issuedOn = await today(tx, deps, schemeId)
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
    paidCents: amountCents - called.remainingCents,
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

const nameOf = (schemeId: string, { year, no }: { readonly year: number; readonly no: number }) => ({
  year,
  no,
  number: invoiceNumber(schemeId, year, no),
})

/** Lists the invoices of a member by the year of the dues. */
export async function listInvoices(
  tx: Tx,
  schemeId: string,
  memberId: string,
): Promise<ReadonlyMap<number, ReceiptName>> {
  const rows = await tx
    .selectFrom('duesInvoices')
    .select(['year', 'no', 'duesYear'])
    .where('schemeId', '=', schemeId)
    .where('memberId', '=', memberId)
    .execute()
  return new Map(rows.map(({ duesYear, ...row }) => [duesYear, nameOf(schemeId, row)]))
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
