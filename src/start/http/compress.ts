import { pipeline, Readable } from 'node:stream'
import { promisify } from 'node:util'
import { brotliCompress, constants, createGzip, gzip } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from '../../platform/http/http.ts'

const compressors = { br: promisify(brotliCompress), gzip: promisify(gzip) }
type Encoding = keyof typeof compressors

/** Smaller responses fit into one network frame uncompressed. */
const MIN_BYTES = 1024
/** Brotli's default of 11 takes a hundred times as long as 4 and saves a tenth more. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }
/**
 * Responses about a scheme or a shop, and the description of the API. Sign-in responses contain tokens and codes;
 * their paths name no scheme, so they are not compressed.
 */
const COMPRESSED =
  /^\/api\/(?:schemes\/:scheme|portal\/shops\/:scheme|public\/schemes\/:scheme|openapi\.json)/
const TEXT = /^(?:text\/|application\/(?:[\w.-]+\+)?(?:json|xml)\b)/

/**
 * Compresses responses of the API when the client accepts it. Event streams bypass this hook and are not
 * compressed.
 *
 * The size of a compressed response reveals how similar its parts are, which lets another site guess a secret next
 * to text that it controls (BREACH): requests from other sites are not compressed.
 */
export function compressAnswers(app: App): void {
  app.addHook('onSend', async (request, reply, payload) => {
    const isWritten = typeof payload === 'string' || Buffer.isBuffer(payload)
    if (!(isWritten || payload instanceof Readable) || !isCompressible(request, reply)) return payload
    reply.header('vary', withVary(reply.getHeader('vary')))
    const encoding = chooseEncoding(request)
    if (encoding === undefined || (isWritten && Buffer.byteLength(payload) < MIN_BYTES)) return payload
    reply.removeHeader('content-length')
    if (!isWritten) {
      if (!acceptsEncoding(request, 'gzip')) return payload
      reply.header('content-encoding', 'gzip')
      // The client sees a truncated response, as without compression; the error is in the server's log.
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
  // A strong validator identifies these exact bytes.
  if (String(reply.getHeader('etag') ?? '').startsWith('"')) return false
  const site = request.headers['sec-fetch-site']
  return site === undefined || site === 'same-origin' || site === 'none'
}

function withVary(vary: unknown): string {
  const names = [vary, 'accept-encoding'].flat().filter((name) => name !== undefined)
  return [...new Set(names.map((name) => String(name).toLowerCase()))].join(', ')
}

function chooseEncoding(request: FastifyRequest): Encoding | undefined {
  return (['br', 'gzip'] as const).find((encoding) => acceptsEncoding(request, encoding))
}

function acceptsEncoding(request: FastifyRequest, encoding: Encoding): boolean {
  const accepted = String(request.headers['accept-encoding'] ?? '').toLowerCase()
  return accepted.split(',').some((one) => {
    const [name, ...params] = one.split(';').map((part) => part.trim())
    return name === encoding && !params.some((param) => /^q=0(?:\.0*)?$/.test(param))
  })
}
