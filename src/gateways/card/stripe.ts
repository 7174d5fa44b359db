import Stripe from 'stripe'
import { z } from 'zod'
import type { CardEvent, CardPayments } from '../../dues/collect/card.ts'
import { AppError } from '../../errors.ts'

/** A person is waiting with a phone in hand. */
const TIMEOUT_MS = 15_000
/** Maximum age of a signed call in seconds, as Stripe recommends. */
const TOLERANCE_SECONDS = 300

const Paid = z.object({
  id: z.string(),
  payment_status: z.string(),
  amount_total: z.number().int().positive(),
  currency: z.literal('eur'),
  payment_intent: z.string(),
  metadata: z.object({ tocsin_scheme: z.string(), tocsin_member: z.uuid() }),
})
const Refunded = z.object({ payment_intent: z.string(), refunded: z.boolean() })

/**
 * Takes card payments with Stripe Checkout through its SDK: the payer enters the card on Stripe's page, and Stripe
 * reports the payment by a signed call (https://docs.stripe.com/checkout/fulfillment). Cards only, since other
 * methods may take days to fail.
 * @param options `key` and `webhookSecret` of the account; `api`: base address; `nowMs`: clock for checking the
 * age of signatures
 */
export function createStripeCards(options: {
  readonly key: string
  readonly webhookSecret: string
  readonly api: string
  readonly nowMs?: () => number
}): CardPayments {
  const { protocol, hostname, port } = new URL(options.api)
  const stripe = new Stripe(options.key, {
    host: hostname,
    protocol: protocol === 'http:' ? 'http' : 'https',
    ...(port === '' ? {} : { port }),
    timeout: TIMEOUT_MS,
    maxNetworkRetries: 1,
    telemetry: false,
  })
  const nowMs = options.nowMs ?? Date.now
  return {
    name: 'Stripe',
    async begin({ schemeId, memberId, amountCents, label, reference, paidUrl, backUrl }) {
      try {
        const metadata = { tocsin_scheme: schemeId, tocsin_member: memberId }
        const { url } = await stripe.checkout.sessions.create({
          mode: 'payment',
          locale: 'fr',
          allowed_payment_method_types: ['card'],
          client_reference_id: reference,
          line_items: [
            {
              quantity: 1,
              price_data: { currency: 'eur', unit_amount: amountCents, product_data: { name: label } },
            },
          ],
          metadata,
          payment_intent_data: { metadata, description: `${label} ${reference}` },
          success_url: paidUrl,
          cancel_url: backUrl,
        })
        if (url === null) throw new Error('a session without a page')
        return { url }
      } catch (error) {
        throw new AppError('source_unreachable', { values: { source: 'Stripe' }, cause: error })
      }
    },
    read(body, signature): CardEvent | undefined {
      let event: Stripe.Event
      try {
        event = stripe.webhooks.constructEvent(
          body,
          signature,
          options.webhookSecret,
          TOLERANCE_SECONDS,
          undefined,
          nowMs(),
        )
      } catch (error) {
        throw new AppError('forbidden', { values: { permission: 'stripe' }, cause: error })
      }
      const at = new Date(event.created * 1000)
      if (event.type === 'checkout.session.completed') {
        // Ignored: the payment belongs to another program on the same account, or is not complete.
        const paid = Paid.safeParse(event.data.object).data
        if (paid === undefined || paid.payment_status !== 'paid') return undefined
        const { tocsin_scheme: schemeId, tocsin_member: memberId } = paid.metadata
        return {
          kind: 'paid',
          schemeId,
          memberId,
          id: paid.id,
          charge: paid.payment_intent,
          amountCents: paid.amount_total,
          at,
        }
      }
      if (event.type === 'charge.refunded') {
        const refund = Refunded.safeParse(event.data.object).data
        // The chamber records partial refunds itself.
        return refund?.refunded === true ? { kind: 'refunded', charge: refund.payment_intent } : undefined
      }
      return undefined
    },
  }
}
