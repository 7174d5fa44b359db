import type { LocalisedText } from '../../../deliveries/gateway.ts'
import { readBounded } from '../../../platform/http/bounded.ts'
import type { ProviderAnswer, ProviderRequest } from './provider.ts'

export type Exchange =
  | { readonly kind: 'answer'; readonly answer: ProviderAnswer }
  /** No byte of the request was sent. */
  | { readonly kind: 'notSent'; readonly said: LocalisedText }
  /** The request may have arrived. */
  | { readonly kind: 'cut'; readonly said: LocalisedText }

/** More than the response to the largest batch. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024

/** Failures before a request can be written: name, route, connection. */
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

/** Codes of Node for certificate failures, also before the request. */
const CERTIFICATE_FAILURE =
  /^(ERR_TLS_CERT|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH$|INVALID_CA$)/
/** Matches a failing handshake, but also a record broken after the request was sent. */
const TLS_FAILURE = /^(ERR_TLS|ERR_SSL|EPROTO$)/

/**
 * Makes one request and reads its whole response. Never rejects; follows no redirect, which would send the
 * credentials elsewhere; sends nothing twice: a connection that is cut, even before it is used, leaves the request
 * in doubt. Node's own pool keeps connections alive; there are never more than requests being made.
 */
export async function sendRequest(
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
    // A value that is invalid in a header or URL is not quoted, since it may be a secret.
    return { kind: 'notSent', said: { key: 'link.http.invalid_request' } }
  }
  try {
    const response = await fetch(built)
    const text = (await readBounded(response, MAX_ANSWER_BYTES)).toString('utf8')
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
  // `fetch` itself refuses a few ports.
  if (cause === 'bad port') {
    return { kind: 'notSent', said: { key: 'link.http.unreachable', values: { host, code: 'BAD_PORT' } } }
  }
  const certificate: LocalisedText = { key: 'link.http.certificate', values: { host, code } }
  if (CERTIFICATE_FAILURE.test(code)) return { kind: 'notSent', said: certificate }
  if (TLS_FAILURE.test(code)) return { kind: 'cut', said: certificate }
  if (BEFORE_SENDING.has(code) || /before secure TLS connection/.test(cause)) {
    return { kind: 'notSent', said: { key: 'link.http.unreachable', values: { host, code } } }
  }
  return { kind: 'cut', said: { key: 'link.http.cut', values: { host } } }
}

/** Extracts the code only, since messages may quote a URL that contains a secret. */
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

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
