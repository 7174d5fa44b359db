import type { FastifyReply, FastifyRequest } from 'fastify'
import type { SmsGateway } from '../deliveries/gateway.ts'
import { AppError } from '../errors.ts'
import type { WebhookGateway } from '../gateways/sms/http/provider.ts'
import type { App } from '../platform/http.ts'
import type { Starting } from './process.ts'

/** A provider sends one receipt a call, or a few. */
const BODY_LIMIT_BYTES = 64 * 1024

/**
 * Where HTTP providers call with receipts and messages from phones: /api/gateways/NAME/webhook. Public to the guard of
 * routes: each gateway asks its provider for a signature or a secret. Only a process that sends has these routes: it
 * alone writes what became of deliveries. A receipt may come to any of them, whichever sent the message.
 */
export function webhookRoutes(app: App, gateways: readonly SmsGateway[]): void {
  const byName = new Map(gateways.filter(hasWebhook).map((gateway) => [gateway.name, gateway.webhook]))
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
    // Signatures are of the octets as they came.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    // A provider that signs nothing bears its secret at the end of the path.
    for (const url of ['/api/gateways/:name/webhook', '/api/gateways/:name/webhook/*']) {
      scope.route({
        method: ['GET', 'POST', 'PUT'],
        url,
        config: { permission: 'public' },
        schema: { hide: true },
        bodyLimit: BODY_LIMIT_BYTES,
        handler: handle,
      })
    }
  })
}

/**
 * Says where receipts have to be sent to, by a process without these routes.
 */
export function tellWebhooks({ config, say }: Pick<Starting, 'config' | 'say'>): void {
  const names = config.gateways.filter(({ kind }) => kind !== 'smpp').map(({ name }) => name)
  if (names.length > 0) say('start.webhooks', { names: names.join(', ') })
}

function hasWebhook(gateway: SmsGateway): gateway is WebhookGateway {
  return 'webhook' in gateway
}
