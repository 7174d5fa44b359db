import { pipeline, Readable } from 'node:stream'
import { promisify } from 'node:util'
import { brotliCompress, constants, createGzip, gzip } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from '../platform/http.ts'

const compressors = { br: promisify(brotliCompress), gzip: promisify(gzip) }
type Encoding = keyof typeof compressors

/** Below, the frames of the network carry the answer whole as it is. */
const MIN_BYTES = 1024
/** Brotli's default of 11 takes a hundred times as long as 4, for a tenth less. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }
/**
 * Answers about a scheme or a shop, and the description of the API. Sign-in answers carry tokens and codes: they name
 * no scheme, and are left as they are.
 */
const COMPRESSED =
  /^\/api\/(?:schemes\/:scheme|portal\/shops\/:scheme|public\/schemes\/:scheme|openapi\.json)/
const TEXT = /^(?:text\/|application\/(?:[\w.-]+\+)?(?:json|xml)\b)/

/**
 * Compresses the answers of the API for readers that accept it. Event streams are written past this hook, and stay
 * as they are.
 *
 * The size of a compressed answer tells how alike its parts are, so that another site could guess a secret beside a text
 * of its own (BREACH): what another site makes a browser ask for is not compressed.
 */
export function compressAnswers(app: App): void {
  app.addHook('onSend', async (request, reply, payload) => {
    const isWritten = typeof payload === 'string' || Buffer.isBuffer(payload)
    if (!(isWritten || payload instanceof Readable) || !isCompressible(request, reply)) return payload
    reply.header('vary', withVary(reply.getHeader('vary')))
    const encoding = encodingFor(request)
    if (encoding === undefined || (isWritten && Buffer.byteLength(payload) < MIN_BYTES)) return payload
    reply.removeHeader('content-length')
    if (!isWritten) {
      if (!accepts(request, 'gzip')) return payload
      reply.header('content-encoding', 'gzip')
      // The reader sees an answer that ends early, as without compression; the server's log has the error.
      return pipeline(payload, createGzip(), () => {})
    }
    reply.header('content-encoding', encoding)
    return encoding === 'br' ? compressors.br(payload, BROTLI) : compressors.gzip(payload)
  })
}

function isCompressible(request: FastifyRequest, reply: FastifyReply): boolean {
  if (!COMPRESSED.test(request.routeOptions.url ?? '')) return false
  if (!TEXT.test(String(reply.getHeader('content-type') ?? ''))) return false
  if (reply.getHeader('content-encoding') !== undefined) return false
  // A strong validator names these very bytes.
  if (String(reply.getHeader('etag') ?? '').startsWith('"')) return false
  const site = request.headers['sec-fetch-site']
  return site === undefined || site === 'same-origin' || site === 'none'
}

function withVary(vary: unknown): string {
  const names = [vary, 'accept-encoding'].flat().filter((name) => name !== undefined)
  return [...new Set(names.map((name) => String(name).toLowerCase()))].join(', ')
}

function encodingFor(request: FastifyRequest): Encoding | undefined {
  return (['br', 'gzip'] as const).find((encoding) => accepts(request, encoding))
}

function accepts(request: FastifyRequest, encoding: Encoding): boolean {
  const accepted = String(request.headers['accept-encoding'] ?? '').toLowerCase()
  return accepted.split(',').some((one) => {
    const [name, ...params] = one.split(';').map((part) => part.trim())
    return name === encoding && !params.some((param) => /^q=0(?:\.0*)?$/.test(param))
  })
}
