import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { formatMessage } from '../i18n/format.ts'
import { dayIn, yearIn } from '../message/clock.ts'
import type { ShopId } from '../permissions.ts'
import { type Actor, authorizeOwn } from '../permissions.ts'
import { findTimeZone } from '../platform/database/time-zone.ts'
import { inScheme, inShop, type Tx } from '../platform/db.ts'
import type { DuesSettings } from '../schemes/contract.ts'
import { findSchemeWithChamber } from '../schemes/store.ts'
import { readAloneLine } from '../settings/alone.ts'
import { buildAccountView } from './actions.ts'
import type { OwnDues } from './contract.ts'
import { drawIssuedReceipt, findReceipt, type ReceiptId } from './papers/receipts.ts'
import { computeFee, creditorName, missingForInvoices, paymentReference } from './rules.ts'
import { findCollecting, findCurrentFee, findDuesSettings } from './store.ts'

export type OwnDuesDeps = Pick<Deps, 'db' | 'now' | 'config' | 'cards'>

/** Tells whether direct debits are possible: the creditor has an account and an identifier. */
export function offersDebit({ creditor }: DuesSettings): boolean {
  return creditor.iban !== '' && creditor.sepaId !== ''
}

/** Builds the text of the mandate, in French, the language of the scheme's law. */
export function mandateText(creditor: { readonly name: string; readonly sepaId: string }): string {
  return formatMessage('fr', 'mandate.text', creditor)
}

/**
 * Returns what a shop owes and paid, and how it can pay, for its contacts. @throws AppError `not_found` for another member's
 * shop
 */
export async function getOwnDues(deps: OwnDuesDeps, actor: Actor, of: ShopId): Promise<OwnDues> {
  const shop = authorizeOwn(actor, 'own.read', of)
  const { schemeId, memberId } = shop
  const { account, suspended, mandate } = await inShop(deps.db, shop, async (tx) => ({
    account: await buildAccountView(tx, deps, schemeId, memberId),
    suspended: await tx
      .selectFrom('duesSuspensions')
      .select('suspendedAt')
      .where('schemeId', '=', schemeId)
      .where('memberId', '=', memberId)
      .where('restoredAt', 'is', null)
      .executeTakeFirst(),
    mandate: await tx
      .selectFrom('duesMandates')
      .select(['reference', 'ibanEnd', 'holder', 'signedAt'])
      .where('schemeId', '=', schemeId)
      .where('memberId', '=', memberId)
      .where('revokedAt', 'is', null)
      .executeTakeFirst(),
  }))
  const { scheme, settings, collecting, announced } = await inScheme(deps.db, schemeId, async (tx) => ({
    scheme: await findSchemeWithChamber(tx, schemeId),
    settings: await findDuesSettings(tx, schemeId),
    collecting: await findCollecting(tx, schemeId, memberId),
    announced: await findAnnouncedFee(tx, deps, schemeId, memberId),
  }))
  if (scheme === undefined || settings === undefined) throw new AppError('not_found')
  const { iban, bic, sepaId, chequeOrder, address } = settings.creditor
  const name = creditorName(settings, scheme)
  const reference = paymentReference(schemeId, memberId)
  return {
    ...account,
    chamber: scheme.chamber,
    announced:
      announced !== null && account.years.some(({ year }) => year === announced.year) ? null : announced,
    suspended: shop.status === 'suspended' && suspended !== undefined,
    invoices: missingForInvoices(settings.creditor).length === 0,
    collecting: collecting === undefined ? null : { amountCents: collecting.amountCents, on: collecting.on },
    ways: {
      transfer: iban === '' ? null : { name, iban, bic, reference },
      cheque: chequeOrder === '' ? null : { order: chequeOrder, address, reference },
      card: deps.cards !== undefined,
      debit: !offersDebit(settings)
        ? null
        : {
            text: mandateText({ name, sepaId }),
            mandate: mandate === undefined ? null : { ...mandate, signedAt: mandate.signedAt.toISOString() },
          },
    },
  }
}

/** Returns the fee that a campaign of this year, or of the next open one, sets for a member, or that is planned; null if there is none. */
async function findAnnouncedFee(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  memberId: string,
): Promise<OwnDues['announced']> {
  const timeZone = await findTimeZone(tx, schemeId)
  const fee = await findCurrentFee(tx, schemeId, yearIn(timeZone, deps.now()))
  const member = await tx
    .selectFrom('members')
    .select(['trade', 'createdAt', 'joinedOn'])
    .where('schemeId', '=', schemeId)
    .where('id', '=', memberId)
    .executeTakeFirst()
  if (fee === null || member === undefined) return null
  const { trade, createdAt, joinedOn } = member
  const addedOn = dayIn(timeZone, createdAt)
  const { amountCents } = computeFee({ ...fee, dueOn: '' }, { trade, joinedOn: joinedOn ?? addedOn, addedOn })
  return amountCents === 0 ? null : { year: fee.year, amountCents, planned: fee.planned }
}

/** Returns a receipt of the contact's own shop as a PDF. @throws AppError `not_found` for another member's shop */
export async function getOwnReceipt(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  of: ShopId,
  id: ReceiptId,
): Promise<Buffer> {
  const shop = authorizeOwn(actor, 'own.read', of)
  const { schemeId } = shop
  const issued = await inShop(deps.db, shop, (tx) => findReceipt(tx, schemeId, id))
  const alone = await inScheme(deps.db, schemeId, (tx) => readAloneLine(tx, schemeId, 'fr'))
  return drawIssuedReceipt(schemeId, id, { issued, alone })
}
