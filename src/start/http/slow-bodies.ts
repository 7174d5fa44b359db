import type { App } from '../../platform/http/http.ts'
import { BODY_LIMIT_BYTES } from './answers.ts'

/** Maximum time that a body may take to arrive, in milliseconds. */
export interface BodyTimes {
  readonly usualMs: number
  /** For routes that take larger bodies than usual: lists of members, statements of a bank. */
  readonly uploadMs: number
}

export const BODY_TIMES: BodyTimes = { usualMs: 20_000, uploadMs: 120_000 }

/**
 * Ends the connection of a client that sends its body too slowly, which would keep memory and a connection for as long as it
 * likes. The limit is of the whole body: single bytes do not extend it.
 */
export function limitBodyTime(app: App, { usualMs, uploadMs }: BodyTimes = BODY_TIMES): void {
  app.addHook('onRequest', async ({ raw, headers, routeOptions }, reply) => {
    const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
    if (!hasBody || raw.complete) return
    const isUpload = (routeOptions.bodyLimit ?? 0) > BODY_LIMIT_BYTES
    const timer = setTimeout(
      () => {
        // As Node answers a request that exceeds its own limit.
        if (!reply.raw.headersSent)
          raw.socket.write('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n')
        raw.socket.destroySoon()
      },
      isUpload ? uploadMs : usualMs,
    )
    timer.unref()
    const stop = () => clearTimeout(timer)
    raw.once('end', stop)
    raw.once('close', stop)
    reply.raw.once('close', stop)
  })
}
