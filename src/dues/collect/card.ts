import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import type { ShopId } from '../../permissions.ts'
import { type Actor, authorizeOwn } from '../../permissions.ts'
import { publicAddress } from '../../platform/address.ts'
import { findDay } from '../../platform/database/time-zone.ts'
import { inScheme } from '../../platform/db.ts'
import { findSchemeWithChamber } from '../../schemes/store.ts'
import { findBalance, findToday, lockDues } from '../ledger/ledger.ts'
import { type MoneyDeps, reversePayment, writePayments } from '../ledger/payments.ts'
import { writeRefund } from '../ledger/refunds.ts'
import { reactivateSettledMembers } from '../reminders/suspensions.ts'
import { paymentReference } from '../rules.ts'
import { findCollecting, findPayer, sumPaidLessRefunds, sumRefunded } from '../store.ts'

/** A card payment to start. */
export interface CardOrder {
  readonly schemeId: string
  readonly memberId: string
  readonly amountCents: number
  /** The text that the payer reads. */
  readonly label: string
  readonly reference: string
  /** The pages to which the payer returns after paying or cancelling. */
  readonly paidUrl: string
  readonly backUrl: string
}

/** An event that a provider of card payments reports. */
export type CardEvent =
  | {
      readonly kind: 'paid'
      readonly schemeId: string
      readonly memberId: string
      /** The provider's id of the payment; it is recorded once. */
      readonly id: string
      /** The provider's id of the charge, to which refunds refer. */
      readonly charge: string
      readonly amountCents: number
      readonly at: Date
    }
  | { readonly kind: 'refunded'; readonly charge: string }

/** A provider of card payments: payers enter their card number on its page, never on ours. */
export interface CardPayments {
  readonly name: string
  /** Starts a payment. @returns the page to send the payer to @throws AppError `source_unreachable` */
  begin(order: CardOrder): Promise<{ readonly url: string }>
  /**
   * Verifies and parses a call of the provider. Undefined if the event is not relevant.
   * @throws AppError `forbidden` if the signature is invalid or too old
   */
  read(body: Buffer, signature: string): CardEvent | undefined
}

/**
 * Starts a card payment of everything that a shop owes, except what a debit is collecting.
 * @returns the provider's page @throws AppError `wrong_state` if nothing is left to pay or cards are not accepted;
 * `source_unreachable`
 */
export async function beginCardPayment(
  deps: MoneyDeps & Pick<Deps, 'cards'>,
  actor: Actor,
  of: ShopId,
): Promise<{ readonly url: string }> {
  const shop = authorizeOwn(actor, 'own.pay', of)
  const { schemeId, memberId } = shop
  const { cards } = deps
  const { scheme, owed } = await inScheme(deps.db, schemeId, async (tx) => ({
    scheme: await findSchemeWithChamber(tx, schemeId),
    owed:
      (await findBalance(tx, schemeId, memberId)) -
      ((await findCollecting(tx, schemeId, memberId))?.amountCents ?? 0),
  }))
  if (cards === undefined || scheme === undefined || owed <= 0) {
    throw new AppError('wrong_state')
  }
  // Called between two transactions, since the provider may take seconds.
  const { url } = await cards.begin({
    schemeId,
    memberId,
    amountCents: owed,
    label: `Cotisation ${scheme.name}`,
    reference: paymentReference(schemeId, memberId),
    paidUrl: publicAddress(deps.config, '/portail/cotisation?carte=merci'),
    backUrl: publicAddress(deps.config, '/portail/cotisation'),
  })
  await inScheme(deps.db, schemeId, (tx) =>
    recordAudit(tx, schemeId, deps.now(), {
      actor: shop.name,
      action: 'card.begin',
      subject: `member:${memberId}`,
      details: { amountCents: owed },
    }),
  )
  return { url }
}

/**
 * Handles an event of the provider: money received is recorded once as a payment with its receipt; money returned reverses
 * it. Repeated events change nothing.
 * @throws AppError `forbidden` if the provider did not sign the call; `not_found` without a provider, or for an unknown
 * member
 */
export async function handleCardEvent(
  deps: MoneyDeps & Pick<Deps, 'cards' | 'log'>,
  body: Buffer,
  signature: string,
): Promise<void> {
  if (deps.cards === undefined) throw new AppError('not_found')
  const event = deps.cards.read(body, signature)
  if (event?.kind === 'paid') await recordCardPayment(deps, event)
  if (event?.kind === 'refunded') await recordCardRefund(deps, event.charge)
}

async function recordCardPayment(
  deps: MoneyDeps,
  event: Extract<CardEvent, { kind: 'paid' }>,
): Promise<void> {
  const { schemeId, memberId, id, charge, amountCents, at } = event
  await inScheme(deps.db, schemeId, async (tx) => {
    await lockDues(tx, schemeId)
    const known = await tx
      .selectFrom('duesPayments')
      .select('id')
      .where('schemeId', '=', schemeId)
      .where('way', '=', 'card')
      .where('outsideId', '=', id)
      .executeTakeFirst()
    if (known !== undefined) return
    const payer = await tx
      .selectFrom('members')
      .select('mergedInto')
      .where('schemeId', '=', schemeId)
      .where('id', '=', memberId)
      .executeTakeFirst()
    // If the member was merged after it started to pay, its dues were waived: the kept member is credited.
    const member = await findPayer(tx, schemeId, payer?.mergedInto ?? memberId)
    if (member === undefined) throw new AppError('not_found')
    const by = 'system:card'
    const [paid] = await writePayments(tx, deps, schemeId, by, [
      {
        member,
        way: 'card',
        amountCents,
        receivedOn: await findDay(tx, schemeId, at),
        reference: charge,
        outsideId: id,
      },
    ])
    await reactivateSettledMembers(tx, deps, schemeId, [member.id])
    await recordAudit(tx, schemeId, deps.now(), {
      actor: by,
      action: 'dues.payment',
      subject: `member:${member.id}`,
      details: { payment: paid?.id, way: 'card', amountCents, receipt: paid?.number },
    })
  })
}

async function recordCardRefund(deps: MoneyDeps & Pick<Deps, 'log'>, charge: string): Promise<void> {
  const payment = await deps.db
    .selectFrom('duesPayments')
    .select(['schemeId', 'id', 'memberId'])
    .where('way', '=', 'card')
    .where('reference', '=', charge)
    .executeTakeFirst()
  if (payment === undefined) {
    deps.log.warn({ charge }, 'ignored a refund of an unknown card payment')
    return
  }
  const { schemeId, id, memberId } = payment
  await inScheme(deps.db, schemeId, async (tx) => {
    await lockDues(tx, schemeId)
    const open = await tx
      .selectFrom('duesPayments')
      .select('amountCents')
      .where('schemeId', '=', schemeId)
      .where('id', '=', id)
      .where('cancelledAt', 'is', null)
      .executeTakeFirst()
    if (open === undefined) return
    const left = open.amountCents - (await sumRefunded(tx, schemeId, id))
    // An advance that the chamber recorded as refunded by card is part of this refund.
    const amountCents = Math.min(left, await sumPaidLessRefunds(tx, schemeId, memberId, 'card'))
    if (amountCents > (await sumPaidLessRefunds(tx, schemeId, memberId))) {
      deps.log.warn({ schemeId, payment: id }, 'refunds of a member exceed its payments')
    }
    if (amountCents <= 0) return
    const reason = `remboursé le ${await findToday(tx, deps, schemeId)}`
    if (amountCents < open.amountCents) {
      // The chamber recorded a part of it; the rest is refunded now.
      const member = await findPayer(tx, schemeId, memberId)
      if (member === undefined) return
      const refund = await writeRefund(tx, deps, schemeId, {
        by: 'system:card',
        member,
        refund: {
          paymentId: id,
          way: 'card',
          amountCents,
          paidOn: await findToday(tx, deps, schemeId),
          reference: charge,
          reason,
        },
      })
      await recordAudit(tx, schemeId, deps.now(), {
        actor: 'system:card',
        action: 'dues.refund',
        subject: `member:${memberId}`,
        details: { refund: refund.id, payment: id, way: 'card', amountCents, receipt: refund.number },
      })
      return
    }
    await reversePayment(tx, deps, schemeId, { by: 'system:card', reason }, { member: memberId, payment: id })
  })
}
