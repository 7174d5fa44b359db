import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import type { Deps } from '../deps.ts'
import { type CardOrder, type CardPayments, handleCardEvent } from '../dues/collect/card.ts'
import type { MoneyDeps } from '../dues/ledger/payments.ts'
import { AppError } from '../errors.ts'
import { publicAddress } from '../platform/address.ts'
import { type App, addEndpoint } from '../platform/http/http.ts'
import { cardPageEndpoints } from './endpoints.ts'

/** A page of a provider is open for this long. */
const OPEN_MS = 30 * 60_000
/** Maximum age of a signed event, as that of a provider. */
const TOLERANCE_MS = 5 * 60_000
const MAX_ORDERS = 500

/** An order on the page of the stand-in. */
interface OpenOrder extends CardOrder {
  readonly until: number
  paid: boolean
}

/** The demo's stand-in for a provider of card payments: it behaves as one and moves no money. */
export interface DemoCards extends CardPayments {
  /** Returns the order of a page; undefined if there is none, or it is too old. */
  find(id: string): OpenOrder | undefined
  /** Pays an order, once. @returns the call that a provider makes; undefined if it is paid already */
  pay(id: string): { readonly body: Buffer; readonly signature: string } | undefined
}

const Paid = z.object({
  schemeId: z.string(),
  memberId: z.uuid(),
  id: z.string(),
  charge: z.string(),
  amountCents: z.number().int().positive(),
  at: z.coerce.date(),
})

/**
 * Creates the stand-in: orders are kept in memory, and its calls are signed with a secret of this process, as those of a provider
 * are. It is made in a demo only.
 */
export function createDemoCards({ config, now }: Pick<Deps, 'config' | 'now'>): DemoCards {
  if (!config.demo) throw new Error('the stand-in for card payments is for a demo only')
  const secret = randomBytes(32)
  const orders = new Map<string, OpenOrder>()
  const sign = (body: Buffer) => createHmac('sha256', secret).update(body).digest()
  const find = (id: string) => {
    const order = orders.get(id)
    return order !== undefined && order.until > now().getTime() ? order : undefined
  }
  return {
    name: 'demo',
    async begin(order) {
      const id = randomBytes(16).toString('hex')
      orders.set(id, { ...order, until: now().getTime() + OPEN_MS, paid: false })
      for (const old of [...orders.keys()].slice(0, Math.max(0, orders.size - MAX_ORDERS))) orders.delete(old)
      return { url: publicAddress(config, `/demo/carte/${id}`) }
    },
    find,
    pay(id) {
      const order = find(id)
      if (order === undefined || order.paid) return undefined
      order.paid = true
      const { schemeId, memberId, amountCents } = order
      const paid = { schemeId, memberId, amountCents, id: `demo_${id}`, charge: `demo_ch_${id}`, at: now() }
      const body = Buffer.from(JSON.stringify(paid))
      return { body, signature: sign(body).toString('hex') }
    },
    read(body, signature) {
      const given = Buffer.from(signature, 'hex')
      const expected = sign(body)
      if (given.length !== expected.length || !timingSafeEqual(given, expected))
        throw new AppError('forbidden', { values: { permission: 'demo' } })
      const paid = Paid.parse(JSON.parse(body.toString()))
      if (now().getTime() - paid.at.getTime() > TOLERANCE_MS)
        throw new AppError('forbidden', { values: { permission: 'demo' } })
      return { kind: 'paid', ...paid }
    },
  }
}

/** Registers the page of the stand-in. Registered in demo mode only, so that the endpoints do not exist elsewhere. */
export function cardPageRoutes(
  app: App,
  deps: MoneyDeps & Pick<Deps, 'cards' | 'log'>,
  cards: DemoCards,
): void {
  addEndpoint(app, cardPageEndpoints.getDemoCardOrder, ({ params }) => {
    const { label, reference, amountCents, backUrl, paid } = findOrder(params.order)
    return { label, reference, amountCents, backUrl, paid }
  })

  addEndpoint(app, cardPageEndpoints.payDemoCardOrder, async ({ params }) => {
    const { paidUrl } = findOrder(params.order)
    const call = cards.pay(params.order)
    // As a provider does: it reports the payment, and its page leads the payer back.
    if (call !== undefined) await handleCardEvent(deps, call.body, call.signature)
    return { url: paidUrl }
  })

  function findOrder(id: string): OpenOrder {
    const order = cards.find(id)
    if (order === undefined) throw new AppError('not_found')
    return order
  }
}
