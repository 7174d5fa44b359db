import { lookup } from 'node:dns/promises'
import net from 'node:net'
import tls from 'node:tls'
import type { LocalisedText } from '../deliveries/gateway.ts'

/** Host and port of a provider. */
export interface Endpoint {
  readonly host: string
  readonly port: number
  /** False: unencrypted. `ca`: PEM of an authority that is not public. */
  readonly tls: false | { readonly servername: string; readonly ca?: string }
}

/**
 * Connects to a provider without sending anything: checks name resolution, connection and certificate. It reports
 * faults more precisely than a gateway whose link fails.
 * @returns the fault; undefined when it connects.
 */
export async function checkEndpoint(
  { host, port, tls: secure }: Endpoint,
  timeoutMs: number,
): Promise<LocalisedText | undefined> {
  try {
    await lookup(host)
  } catch {
    return { key: 'link.unknown_host', values: { host } }
  }
  const error = await connect({ host, port, tls: secure }, timeoutMs)
  if (error === undefined) return undefined
  const servername = secure === false ? host : secure.servername
  return describe(error, host, port, servername)
}

/** @returns the error, undefined when it connected. */
function connect(
  { host, port, tls: secure }: Endpoint,
  timeoutMs: number,
): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const socket =
      secure === false
        ? net.connect({ host, port })
        : tls.connect({
            host,
            port,
            // RFC 6066 section 3 forbids an IP address in SNI; the certificate is checked all the same.
            ...(net.isIP(secure.servername) === 0 ? { servername: secure.servername } : {}),
            ...(secure.ca === undefined ? {} : { ca: secure.ca }),
            minVersion: 'TLSv1.2',
          })
    const timer = setTimeout(() => end(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })), timeoutMs)
    function end(error?: NodeJS.ErrnoException): void {
      clearTimeout(timer)
      socket.destroy()
      resolve(error)
    }
    socket.once(secure === false ? 'connect' : 'secureConnect', () => end())
    socket.once('error', end)
    socket.once('close', () => end(Object.assign(new Error('closed'), { code: 'ECONNRESET' })))
  })
}

/**
 * Reads until when the certificate of a server is valid, whoever issued it.
 * @returns undefined when there is no TLS, or no answer in time
 */
export function readCertificateEnd(
  { host, port, tls: secure }: Endpoint,
  timeoutMs: number,
): Promise<Date | undefined> {
  if (secure === false) return Promise.resolve(undefined)
  return new Promise((resolve) => {
    const socket = tls.connect({
      host,
      port,
      ...(net.isIP(secure.servername) === 0 ? { servername: secure.servername } : {}),
      // Nothing is sent to it: an expired certificate is read too.
      rejectUnauthorized: false,
    })
    const timer = setTimeout(() => end(), timeoutMs)
    function end(at?: Date): void {
      clearTimeout(timer)
      socket.destroy()
      resolve(at)
    }
    socket.once('secureConnect', () => end(new Date(socket.getPeerCertificate().valid_to)))
    socket.once('error', () => end())
    socket.once('close', () => end())
  })
}

/** The texts of the errors of a connection. */
const ERRORS = new Map([
  ['ECONNREFUSED', 'link.connection_refused'],
  ['ETIMEDOUT', 'link.unreachable'],
  ['EHOSTUNREACH', 'link.unreachable'],
  ['ENETUNREACH', 'link.unreachable'],
  ['ECONNRESET', 'link.reset'],
  ['EPIPE', 'link.reset'],
  ['CERT_HAS_EXPIRED', 'check.certificate_expired'],
  ['CERT_NOT_YET_VALID', 'check.certificate_early'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'check.certificate_authority'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'check.certificate_authority'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'check.certificate_authority'],
  ['UNABLE_TO_GET_ISSUER_CERT', 'check.certificate_authority'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'check.certificate_authority'],
  ['EPROTO', 'link.no_tls'],
])

function describe(
  error: NodeJS.ErrnoException,
  host: string,
  port: number,
  servername: string,
): LocalisedText {
  const { code, message } = error
  const values = { host, port: String(port), servername }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return { key: 'check.certificate_name', values: { ...values, names: namesOf(error) } }
  const key = ERRORS.get(code ?? '')
  if (key !== undefined) return { key, values }
  if (code?.startsWith('ERR_SSL_')) return { key: 'link.no_tls', values }
  return { key: 'link.error', values: { ...values, error: code ?? message } }
}

/** Lists the names in the certificate. */
function namesOf(error: Error): string {
  const { cert } = error as Error & {
    cert?: { subjectaltname?: string; subject?: { CN?: string | string[] } }
  }
  const alternative = cert?.subjectaltname?.replaceAll(/(DNS|IP Address):/g, '')
  return alternative || String(cert?.subject?.CN ?? '?')
}
