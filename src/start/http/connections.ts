import type { Server } from 'node:http'
import { BlockList, isIPv6, type Socket } from 'node:net'
import { AppError } from '../../errors.ts'
import { langOf } from '../../i18n/format.ts'
import { networkOf } from '../../platform/http/network.ts'
import { errorView } from './answers.ts'

/** Maximum number of open connections of a process. */
export interface ConnectionLimits {
  readonly network: number
  /** Beyond it, connections are closed without an answer. */
  readonly all: number
}

/** A network reads 500 event streams at most, each on a connection, and browsers keep a few more open. */
export const CONNECTION_LIMITS: ConnectionLimits = { network: 1000, all: 10_000 }
const RETRY_SECONDS = 5

/**
 * Limits the open connections of each network and of all. Connections of trusted proxies count among all only: they carry the
 * requests of many networks, and limit those themselves.
 * @param trusted as TOCSIN_TRUSTED_PROXIES
 * @returns whether a connection was refused, so that a request that it sent all the same is not handled
 */
export function limitConnections(
  server: Server,
  trusted: readonly string[],
  limits: ConnectionLimits = CONNECTION_LIMITS,
): (socket: Socket) => boolean {
  const proxies = blockListOf(trusted)
  const counts = new Map<string, number>()
  const refused = new WeakSet<Socket>()
  server.maxConnections = limits.all
  server.prependListener('connection', (socket: Socket) => {
    const address = socket.remoteAddress?.replace(/^::ffff:(?=\d+\.)/i, '')
    if (address === undefined || proxies.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')) return
    const network = networkOf(address)
    const count = counts.get(network) ?? 0
    if (count >= limits.network) {
      refused.add(socket)
      refuse(socket)
      return
    }
    counts.set(network, count + 1)
    socket.once('close', () => {
      const left = (counts.get(network) ?? 1) - 1
      if (left === 0) counts.delete(network)
      else counts.set(network, left)
    })
  })
  return (socket) => refused.has(socket)
}

/** Answers before a request is read, so in the language of the installation. */
function refuse(socket: Socket): void {
  const error = new AppError('rate_limited', { values: { seconds: RETRY_SECONDS } })
  const body = JSON.stringify(errorView(langOf(undefined), error))
  socket.on('error', () => {})
  socket.write(
    [
      'HTTP/1.1 429 Too Many Requests',
      `Retry-After: ${RETRY_SECONDS}`,
      'Content-Type: application/json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Cache-Control: no-store',
      'X-Content-Type-Options: nosniff',
      "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'",
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  )
  socket.destroySoon()
}

function blockListOf(proxies: readonly string[]): BlockList {
  const list = new BlockList()
  for (const proxy of proxies) {
    if (proxy === 'loopback') {
      list.addSubnet('127.0.0.0', 8, 'ipv4')
      list.addAddress('::1', 'ipv6')
      continue
    }
    const [address = '', bits] = proxy.split('/')
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return list
}
