import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Stripe from 'stripe'

export const STRIPE_SECRETS = { key: 'sk_test_tocsin', webhookSecret: 'whsec_tocsin' } as const

/** A session stored by the stand-in. */
interface Session {
  readonly id: string
  /** Fields of the request, by the names in the form. */
  readonly asked: Readonly<Record<string, string>>
}

/** A stand-in for the API of Stripe on loopback: creates sessions, serves a page for each, and signs its calls. */
export interface StripeStandIn {
  readonly api: string
  readonly sessions: readonly Session[]
  /** Sets the HTTP status with which it refuses requests; undefined: it works. */
  refuse(status: number | undefined): void
  /** Makes the signed call about a paid session. */
  paid(session: Session, at?: Date): { readonly body: string; readonly signature: string }
  /** Makes the signed call about a refunded payment. */
  refunded(session: Session, at?: Date): { readonly body: string; readonly signature: string }
  stop(): Promise<void>
}

export async function startStripe(): Promise<StripeStandIn> {
  const sessions: Session[] = []
  let refusal: number | undefined
  const stripe = new Stripe(STRIPE_SECRETS.key)
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    if (request.url?.startsWith('/pay/')) {
      response.setHeader('content-type', 'text/html; charset=utf-8')
      response.end('<!doctype html><html lang="fr"><title>Stripe</title><h1>Page de paiement</h1></html>')
      return
    }
    const fails = (status: number, message: string) => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ error: { type: 'api_error', message } }))
    }
    if (request.headers.authorization !== `Bearer ${STRIPE_SECRETS.key}`) return fails(401, 'Invalid API Key')
    if (refusal !== undefined) return fails(refusal, 'refused by the test')
    if (request.method !== 'POST' || request.url !== '/v1/checkout/sessions') return fails(404, 'unknown')
    const asked = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()))
    const session = { id: `cs_test_${sessions.length + 1}`, asked }
    sessions.push(session)
    response.setHeader('content-type', 'application/json')
    response.end(
      JSON.stringify({ id: session.id, object: 'checkout.session', url: `${api}/pay/${session.id}` }),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  function tell(type: string, object: object, at: Date) {
    const created = Math.floor(at.getTime() / 1000)
    const body = JSON.stringify({ id: 'evt_1', object: 'event', type, created, data: { object } })
    const signature = stripe.webhooks.generateTestHeaderString({
      payload: body,
      secret: STRIPE_SECRETS.webhookSecret,
      timestamp: created,
    })
    return { body, signature }
  }
  return {
    api,
    sessions,
    refuse(status) {
      refusal = status
    },
    paid: ({ id, asked }, at = new Date()) =>
      tell(
        'checkout.session.completed',
        {
          id,
          object: 'checkout.session',
          payment_status: 'paid',
          amount_total: Number(asked['line_items[0][price_data][unit_amount]']),
          currency: 'eur',
          payment_intent: `pi_${id}`,
          metadata: {
            tocsin_scheme: asked['metadata[tocsin_scheme]'],
            tocsin_member: asked['metadata[tocsin_member]'],
          },
        },
        at,
      ),
    refunded: ({ id }, at = new Date()) =>
      tell('charge.refunded', { object: 'charge', payment_intent: `pi_${id}`, refunded: true }, at),
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
