import { isIPv4, isIPv6 } from 'node:net'
import { networkOf } from '../../platform/http/network.ts'
import type { DeviceSession } from '../contract.ts'

/** Order matters: each browser names those before it in its own user agent. */
const BROWSERS = [
  ['edge', /\bEdgA?\//],
  ['opera', /\bOPR\//],
  ['firefox', /\b(?:Firefox|FxiOS)\//],
  ['chrome', /\b(?:(?:Headless)?Chrome|CriOS)\//],
  ['safari', /\bSafari\//],
] as const
const SYSTEMS = [
  ['ios', /\b(?:iPhone|iPad|iPod)\b/],
  ['android', /\bAndroid\b/],
  ['windows', /\bWindows\b/],
  ['mac', /\bMac OS X\b/],
  ['linux', /\bLinux\b/],
] as const

/** A session as stored. */
export interface SessionFacts {
  readonly id: string
  readonly userAgent: string | null
  /** Without its last part. */
  readonly network: string | null
  readonly createdAt: Date
  readonly activeAt: Date
}

/** Describes a signed-in browser for people: which browser on which system, and a network that does not identify a line. */
export function describeSession(row: SessionFacts): DeviceSession {
  const agent = row.userAgent ?? ''
  return {
    id: row.id,
    browser: BROWSERS.find(([, pattern]) => pattern.test(agent))?.[0] ?? 'other',
    system: SYSTEMS.find(([, pattern]) => pattern.test(agent))?.[0] ?? 'other',
    network: row.network,
    since: row.createdAt.toISOString(),
    lastSeenAt: row.activeAt.toISOString(),
  }
}

/** Removes the last part of an address: 192.0.2.x in IPv4, the /48 in IPv6. */
export function truncateAddress(address: string | null): string | null {
  if (address === null || address === '') return null
  const network = networkOf(address)
  if (isIPv4(network)) return network.replace(/\d+$/, 'x')
  return isIPv6(address) ? `${network.split(':').slice(0, 3).join(':')}::/48` : null
}
