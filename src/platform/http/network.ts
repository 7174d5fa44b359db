import { isIPv6 } from 'node:net'

/** Returns the network of an address as it is recorded: the first 24 bits in IPv4, the first 48 in IPv6. */
export function truncatedNetworkOf(address: string): string {
  const network = networkOf(address)
  if (network.includes('.')) return `${network.split('.').slice(0, 3).join('.')}.0/24`
  return `${network.split(':').slice(0, 3).join(':')}::/48`
}

/**
 * Returns the network used to count an address: the address itself in IPv4, its /64 in IPv6, where one subscriber has 2^64
 * addresses.
 */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  if (mapped?.[1] !== undefined) return mapped[1]
  const [head = '', tail = ''] = address.split('%')[0]!.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === '' ? [] : tail.split(':')
  const zeros = address.includes('::') ? Array(Math.max(0, 8 - left.length - right.length)).fill('0') : []
  return [...left, ...zeros, ...right]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')
}
