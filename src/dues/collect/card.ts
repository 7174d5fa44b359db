import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { publicAddress } from '../../members/papers/actions.ts'
import type { ShopId } from '../../permissions.ts'
import { type Actor, authorizeOwn } from '../../permissions.ts'
import { dayInParis } from '../../platform/day.ts'
import { inScheme } from '../../platform/db.ts'
import { findSchemeWithChamber } from '../../schemes/store.ts'
import { balanceOf, lockDues, today } from '../ledger/ledger.ts'
import { type MoneyDeps, reversePayment, writePayments } from '../ledger/payments.ts'
import { writeRefund } from '../ledger/refunds.ts'
import { restoreSettled } from '../reminders/suspensions.ts'
import { paymentReference } from '../rules.ts'
import { findCollecting, findPayer, sumKept, sumRefunded } from '../store.ts'

/** What is to be paid by card. */
export interface CardOrder {
  readonly schemeId: string
  readonly memberId: string
  readonly amountCents: number
  /** What the payer reads. */
  readonly label: string
  readonly reference: string
  /** Where the payer comes back to, paid or not. */
  readonly paidUrl: string
  readonly backUrl: string
}

/** What a provider of payments by card tells. */
export type CardEvent =
  | {
      readonly kind: 'paid'
      readonly schemeId: string
      readonly memberId: string
      /** By which the provider knows the payment: the same one is taken once. */
      readonly id: string
      /** Of the movement of money, by which it tells of a refund. */
      readonly charge: string
      readonly amountCents: number
      readonly at: Date
    }
  | { readonly kind: 'refunded'; readonly charge: string }

/** A provider of payments by card: the payer types the number on its page, never on ours. */
export interface CardPayments {
  readonly name: string
  /** Begins a payment. @returns where to send the payer @throws AppError `source_unreachable` */
  begin(order: CardOrder): Promise<{ readonly url: string }>
  /**
   * Reads a call of the provider by its octets. Undefined: it tells nothing that counts here.
   * @throws AppError `forbidden` for one that it did not sign, or long ago
   */
  read(body: Buffer, signature: string): CardEvent | undefined
}

/**
 * Begins the payment by card of all that a shop owes, but for what its bank is being asked for.
 * @returns the page of the provider @throws AppError `wrong_state` when nothing is left to pay, or no card is taken here;
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
      (await balanceOf(tx, schemeId, memberId)) -
      ((await findCollecting(tx, schemeId, memberId))?.amountCents ?? 0),
  }))
  if (cards === undefined || scheme === undefined || owed <= 0) {
    throw new AppError('wrong_state')
  }
  // Between two transactions: a provider takes seconds.
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
 * Takes what the provider tells: money that came is a payment with its receipt, once; money that went back takes it back. What is
 * told again changes nothing.
 * @throws AppError `forbidden` for a call that is not the provider's; `not_found` without a provider, or for a member that is none
 */
export async function takeCardEvent(
  deps: MoneyDeps & Pick<Deps, 'cards' | 'log'>,
  body: Buffer,
  signature: string,
): Promise<void> {
  if (deps.cards === undefined) throw new AppError('not_found')
  const event = deps.cards.read(body, signature)
  if (event?.kind === 'paid') await takePaid(deps, event)
  if (event?.kind === 'refunded') await takeRefunded(deps, event.charge)
}

async function takePaid(deps: MoneyDeps, event: Extract<CardEvent, { kind: 'paid' }>): Promise<void> {
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
    // Of one that was merged since it began to pay, what it owes was let off.
    const member = await findPayer(tx, schemeId, payer?.mergedInto ?? memberId)
    if (member === undefined) throw new AppError('not_found')
    const by = 'system:card'
    const [paid] = await writePayments(tx, deps, schemeId, by, [
      { member, way: 'card', amountCents, receivedOn: dayInParis(at), reference: charge, outsideId: id },
    ])
    await restoreSettled(tx, deps, schemeId, [member.id])
    await recordAudit(tx, schemeId, deps.now(), {
      actor: by,
      action: 'dues.payment',
      subject: `member:${member.id}`,
      details: { payment: paid?.id, way: 'card', amountCents, receipt: paid?.number },
    })
  })
}

async function takeRefunded(deps: MoneyDeps & Pick<Deps, 'log'>, charge: string): Promise<void> {
  const payment = await deps.db
    .selectFrom('duesPayments')
    .select(['schemeId', 'id', 'memberId'])
    .where('way', '=', 'card')
    .where('reference', '=', charge)
    .executeTakeFirst()
  if (payment === undefined) {
    deps.log.warn({ charge }, 'refund of a card payment that is not known here')
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
    // An advance that the chamber wrote down as gone back by card is a part of this too.
    const amountCents = Math.min(left, await sumKept(tx, schemeId, memberId, 'card'))
    if (amountCents > (await sumKept(tx, schemeId, memberId))) {
      deps.log.warn({ schemeId, payment: id }, 'more went back to a member than it paid')
    }
    if (amountCents <= 0) return
    const reason = `remboursé le ${today(deps)}`
    if (amountCents < open.amountCents) {
      // The chamber wrote a part of it down: the rest goes back now.
      const member = await findPayer(tx, schemeId, memberId)
      if (member === undefined) return
      const refund = await writeRefund(tx, deps, schemeId, 'system:card', member, {
        paymentId: id,
        way: 'card',
        amountCents,
        paidOn: today(deps),
        reference: charge,
        reason,
      })
      await recordAudit(tx, schemeId, deps.now(), {
        actor: 'system:card',
        action: 'dues.refund',
        subject: `member:${memberId}`,
        details: { refund: refund.id, payment: id, way: 'card', amountCents, receipt: refund.number },
      })
      return
    }
    await reversePayment(tx, deps, schemeId, 'system:card', { member: memberId, payment: id }, reason)
  })
}
