import type { Said } from '../../../deliveries/gateway.ts'
import type { ProviderAnswer, ProviderRequest } from './provider.ts'

export type Exchange =
  | { readonly kind: 'answer'; readonly answer: ProviderAnswer }
  /** Not a byte of the request has left. */
  | { readonly kind: 'notSent'; readonly said: Said }
  /** It may have arrived. */
  | { readonly kind: 'cut'; readonly said: Said }

/** More than the answer to the largest batch. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024

/** Failures that come before a request can be written: name, route, connection. */
const BEFORE_SENDING: ReadonlySet<string> = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'ECONNREFUSED',
  'ENETUNREACH',
  'ENETDOWN',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'EADDRNOTAVAIL',
  'EMFILE',
  'ENFILE',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** Certificates that fail, before the request too. Codes of Node's TLS errors. */
const CERTIFICATE_FAILURE =
  /^(ERR_TLS_CERT|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH$|INVALID_CA$)/
/** A handshake that fails, or a record that breaks once the request has left. */
const TLS_FAILURE = /^(ERR_TLS|ERR_SSL|EPROTO$)/

/**
 * One request and its whole answer. Never rejects, follows no redirection (it would take the credentials elsewhere),
 * sends nothing twice: a connection that is cut, even before it is used, leaves the request in doubt.
 * Connections are kept alive by Node's own pool; there are never more than requests under way.
 */
export async function exchange(
  fetch: typeof globalThis.fetch,
  request: ProviderRequest,
  signal: AbortSignal,
): Promise<Exchange> {
  let built: Request
  try {
    built = new Request(request.url, {
      method: request.method,
      headers: request.headers,
      body: request.body ?? null,
      redirect: 'manual',
      signal,
    })
  } catch {
    // What cannot stand in a header or an address: said without it, since it may be a secret.
    return { kind: 'notSent', said: { key: 'link.http.invalid_request' } }
  }
  try {
    const response = await fetch(built)
    const text = await readText(response)
    return {
      kind: 'answer',
      answer: {
        status: response.status,
        header: (name) => response.headers.get(name),
        text,
        json: parseJson(text),
      },
    }
  } catch (error) {
    return readFailure(error, hostOf(request.url))
  }
}

function readFailure(error: unknown, host: string): Exchange {
  const { code, cause } = causeOf(error)
  // Thrown by `fetch` itself, which refuses a few ports.
  if (cause === 'bad port') {
    return { kind: 'notSent', said: { key: 'link.http.unreachable', values: { host, code: 'BAD_PORT' } } }
  }
  const certificate: Said = { key: 'link.http.certificate', values: { host, code } }
  if (CERTIFICATE_FAILURE.test(code)) return { kind: 'notSent', said: certificate }
  if (TLS_FAILURE.test(code)) return { kind: 'cut', said: certificate }
  if (BEFORE_SENDING.has(code) || /before secure TLS connection/.test(cause)) {
    return { kind: 'notSent', said: { key: 'link.http.unreachable', values: { host, code } } }
  }
  return { kind: 'cut', said: { key: 'link.http.cut', values: { host } } }
}

/** Only the code leaves this function: messages may quote an address with a secret in it. */
function causeOf(error: unknown): { readonly code: string; readonly cause: string } {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const code = (cause as NodeJS.ErrnoException | undefined)?.code
  return {
    code: typeof code === 'string' ? code : '',
    cause: cause instanceof Error ? cause.message : '',
  }
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : ''
}

async function readText(response: Response): Promise<string> {
  if (response.body === null) return ''
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    length += chunk.length
    if (length > MAX_ANSWER_BYTES) throw new Error('answer too long')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
