import type { FastifyReply, FastifyRequest } from 'fastify'
import type { SmsGateway } from '../../deliveries/gateway.ts'
import { AppError } from '../../errors.ts'
import type { WebhookGateway } from '../../gateways/sms/http/provider.ts'
import type { App } from '../../platform/http/http.ts'
import type { Starting } from '../process.ts'

/** A provider sends one or a few receipts per request. */
const BODY_LIMIT_BYTES = 64 * 1024

/**
 * Registers /api/gateways/NAME/webhook, which HTTP providers call with receipts and messages from phones. It is
 * public to the route guard: each gateway checks a signature or a secret of its provider. Only processes that send
 * have these routes, since they alone record outcomes of deliveries. A receipt may arrive at any of them,
 * whichever sent the message.
 */
export function webhookRoutes(app: App, gateways: readonly SmsGateway[]): void {
  const byName = new Map(gateways.filter(isWebhookGateway).map((gateway) => [gateway.name, gateway.webhook]))
  if (byName.size === 0) return

  async function handle(
    request: FastifyRequest<{ Params: { name: string } }>,
    reply: FastifyReply,
  ): Promise<FastifyReply> {
    const webhook = byName.get(request.params.name)
    if (webhook === undefined) throw new AppError('not_found')
    const { status, body, contentType } = await webhook.handle({
      method: request.method,
      url: request.raw.url ?? '',
      headers: request.headers,
      body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
    })
    if (contentType !== undefined) reply.type(contentType)
    return reply.status(status).header('cache-control', 'no-store').send(body)
  }

  void app.register(async (scope) => {
    // Signatures cover the exact bytes of the body.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    // A provider without signatures sends its secret at the end of the path.
    for (const url of ['/api/gateways/:name/webhook', '/api/gateways/:name/webhook/*']) {
      scope.route({
        method: ['GET', 'POST', 'PUT'],
        url,
        config: { permission: 'public' },
        bodyLimit: BODY_LIMIT_BYTES,
        handler: handle,
      })
    }
  })
}

/** Prints the addresses for receipts, in a process without these routes. */
export function printWebhookAddresses({
  config,
  printMessage,
}: Pick<Starting, 'config' | 'printMessage'>): void {
  const names = config.gateways.filter(({ kind }) => kind !== 'smpp').map(({ name }) => name)
  if (names.length > 0) printMessage('start.webhooks', { names: names.join(', ') })
}

function isWebhookGateway(gateway: SmsGateway): gateway is WebhookGateway {
  return 'webhook' in gateway
}
