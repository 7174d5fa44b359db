import type { Deps } from '../../deps.ts'
import { type App, addEndpoint } from '../../platform/http/http.ts'
import type { MoneyDeps } from '../ledger/payments.ts'
import { beginCardPayment, handleCardEvent } from './card.ts'
import { cardEndpoints } from './endpoints.ts'

/** One event describes one payment. */
const EVENT_BYTES = 256 * 1024

/** Endpoints of card payments: started by a shop's contacts, reported by the provider. */
export function cardRoutes(app: App, deps: MoneyDeps & Pick<Deps, 'cards' | 'log'>): void {
  addEndpoint(app, cardEndpoints.beginCardPayment, ({ actor, params }) => {
    return beginCardPayment(deps, actor, { schemeId: params.scheme, memberId: params.member })
  })

  // In a scope of its own, because the provider signs the raw bytes of the body.
  app.register(async (scope: App) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    scope.post(
      '/api/payments/card',
      { config: { permission: 'public' }, bodyLimit: EVENT_BYTES },
      async (request, reply) => {
        const { body, headers } = request
        const signature = headers['stripe-signature']
        await handleCardEvent(
          deps,
          Buffer.isBuffer(body) ? body : Buffer.alloc(0),
          typeof signature === 'string' ? signature : '',
        )
        return reply.status(204).send()
      },
    )
  })
}
