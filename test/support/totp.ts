import { createHmac } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'

/** Each code is shown for this time, and accepted in the period before and after, too. */
const PERIOD_MS = 30_000
/** Time in which a busy machine sends a code and checks it. */
const MARGIN_MS = 10_000

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** Computes the code that an application shows for a secret in base32 (RFC 6238), `steps` periods from now. */
export function totpOf(secret: string, steps = 0, nowMs = Date.now()): string {
  const bits = [...secret].map((letter) => BASE32.indexOf(letter).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(nowMs / PERIOD_MS) + steps))
  const mac = createHmac('sha1', key).update(counter).digest()
  const number = mac.readUInt32BE((mac.at(-1) ?? 0) & 15) & 0x7fff_ffff
  return String(number % 1_000_000).padStart(6, '0')
}

/**
 * Returns the code of the period before this one, so that the present one is still unused. Just before the end of a period it
 * waits for the next: otherwise the code could be two periods old, which is refused, by the time it is checked.
 */
export async function formerTotpOf(secret: string): Promise<string> {
  const leftMs = () => PERIOD_MS - (Date.now() % PERIOD_MS)
  // A timer may end a millisecond before the clock has reached its time, so still in the former period.
  while (leftMs() < MARGIN_MS) await setTimeout(leftMs())
  return totpOf(secret, -1)
}
