import { createHmac } from 'node:crypto'
import { MARK_ALPHABET, MARK_LENGTH, SHORT_MARK_LENGTH } from '../message/mark.ts'

/**
 * The marks that identify the copies of a message. A mark is the number of its delivery, enciphered with the key of its
 * broadcast by a Feistel network over HMAC-SHA256: every recipient has a mark of their own, and without the key one
 * mark tells nothing about another. With 1,000 recipients an invented mark is that of one of them once in 24,300.
 */

/** Number of recipients with a mark of their own; beyond it, several share one. */
export const MARKS = MARK_ALPHABET.length ** MARK_LENGTH

/** The two halves of the network: their product is the number of marks. */
const LEFT = MARK_ALPHABET.length ** 2
const RIGHT = MARK_ALPHABET.length ** 3
const ROUNDS = [0, 1, 2, 3, 4, 5]

/** Makes the key of the marks of a broadcast from the 62 random bits of an id (UUID version 7) that is used for nothing else. */
export function markKeyFrom(id: string): bigint {
  return BigInt(`0x${id.replaceAll('-', '').slice(-16)}`) & 0x3fff_ffff_ffff_ffffn
}

/** Returns the mark of a recipient. @param no number of the delivery, from 1 */
export function markOf(key: bigint, no: number): string {
  const bytes = bytesOf(key)
  const index = (no - 1) % MARKS
  let left = index % LEFT
  let right = Math.floor(index / LEFT)
  for (const round of ROUNDS) {
    if (round % 2 === 0) right = (right + mix(bytes, round, left)) % RIGHT
    else left = (left + mix(bytes, round, right)) % LEFT
  }
  return spell(right * LEFT + left, MARK_LENGTH)
}

/** Returns the lowest delivery number with a mark; others follow at every `MARKS`. Undefined when it is not a mark. */
export function numberOfMark(key: bigint, mark: string): number | undefined {
  const index = indexOf(mark, MARK_LENGTH)
  if (index === undefined) return undefined
  const bytes = bytesOf(key)
  let left = index % LEFT
  let right = Math.floor(index / LEFT)
  for (const round of ROUNDS.toReversed()) {
    if (round % 2 === 0) right = subtract(right, mix(bytes, round, left), RIGHT)
    else left = subtract(left, mix(bytes, round, right), LEFT)
  }
  return right * LEFT + left + 1
}

/** Number of recipients with a short mark of their own. */
export const SHORT_MARKS = MARK_ALPHABET.length ** SHORT_MARK_LENGTH
/** Numbers coprime to 30, and therefore to the number of marks, so that each number has a mark of its own. */
const STEPS = [1, 7, 11, 13, 17, 19, 23, 29]

/** Returns the mark of a recipient of a message ordered with version 0.2.0. @param key from 0 to 2^48 */
export function shortMarkOf(key: bigint, no: number): string {
  const number = Number(key)
  const step =
    (Math.floor(number / STEPS.length) % (SHORT_MARKS / 30)) * 30 + (STEPS[number % STEPS.length] ?? 1)
  const shift = Math.floor(number / (STEPS.length * 900)) % SHORT_MARKS
  return spell((((no - 1) % SHORT_MARKS) * step + shift) % SHORT_MARKS, SHORT_MARK_LENGTH)
}

/** Returns the lowest delivery number with a short mark; others follow at every `SHORT_MARKS`. */
export function numberOfShortMark(key: bigint, mark: string): number | undefined {
  if (indexOf(mark, SHORT_MARK_LENGTH) === undefined) return undefined
  for (let no = 1; no <= SHORT_MARKS; no++) if (shortMarkOf(key, no) === mark) return no
  return undefined
}

function bytesOf(key: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(key)
  return bytes
}

function mix(key: Buffer, round: number, half: number): number {
  const message = Buffer.alloc(5)
  message.writeUInt8(round)
  message.writeUInt32BE(half, 1)
  return createHmac('sha256', key).update(message).digest().readUIntBE(0, 6)
}

function subtract(half: number, amount: number, modulus: number): number {
  return (half - (amount % modulus) + modulus) % modulus
}

function spell(index: number, length: number): string {
  let rest = index
  let mark = ''
  for (let i = 0; i < length; i++) {
    mark = MARK_ALPHABET.charAt(rest % MARK_ALPHABET.length) + mark
    rest = Math.floor(rest / MARK_ALPHABET.length)
  }
  return mark
}

function indexOf(mark: string, length: number): number | undefined {
  if (mark.length !== length) return undefined
  let index = 0
  for (const letter of mark) {
    const digit = MARK_ALPHABET.indexOf(letter)
    if (digit < 0) return undefined
    index = index * MARK_ALPHABET.length + digit
  }
  return index
}
