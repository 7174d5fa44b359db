/**
 * Creates a generator of UUID version 7 (RFC 9562 section 5.7): 48 bits of milliseconds, then random bits, so that keys
 * created in sequence are adjacent in an index. Browsers use it too, for the ids that they choose.
 * @param now returns the instant of the id
 * @param random fills a buffer with random bytes
 */
export function createIds(
  now: () => Date,
  random: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array,
): () => string {
  return () => {
    const bytes = random(new Uint8Array(16))
    new DataView(bytes.buffer).setBigUint64(
      0,
      (BigInt(now().getTime()) << 16n) | BigInt(((bytes[6]! & 0x0f) | 0x70) * 256 + bytes[7]!),
    )
    bytes[8] = (bytes[8]! & 0x3f) | 0x80
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
  }
}
