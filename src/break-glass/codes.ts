import { randomInt } from 'node:crypto'

// The code of an envelope: its letter, then four groups of five characters. The last one is a check character, so that a slip of the
// pen or the keyboard is found before a code counts as wrong.

/** Letters and digits that are not confused with each other on paper. Their number is a prime, which the check needs. */
const ALPHABET = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789'
const GROUPS = 4
const GROUP_SIZE = 5
/** Random characters of a code: 94 bits. */
const RANDOM = GROUPS * GROUP_SIZE - 1

export const ENVELOPES = ['A', 'B'] as const
export type Envelope = (typeof ENVELOPES)[number]

/** Makes the code of an envelope, such as `A-7KQ2M-XXXXX-XXXXX-XXXXX`. */
export function makeCode(envelope: Envelope): string {
  const random = Array.from({ length: RANDOM }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
  return formatCode(envelope, `${random}${checkOf(envelope, random)}`)
}

/**
 * Reads a code as typed, in any capitals, with any spaces and dashes.
 * @returns the code as it is hashed, or undefined for one that no envelope can have
 */
export function readCode(typed: string): { readonly envelope: Envelope; readonly code: string } | undefined {
  const [letter = '', ...characters] = typed.toUpperCase().replaceAll(/[^A-Z0-9]/g, '')
  const envelope = ENVELOPES.find((one) => one === letter)
  const body = characters.join('')
  if (envelope === undefined || body.length !== RANDOM + 1) return undefined
  if ([...body].some((character) => !ALPHABET.includes(character))) return undefined
  if (checkOf(envelope, body.slice(0, RANDOM)) !== body[RANDOM]) return undefined
  return { envelope, code: formatCode(envelope, body) }
}

function formatCode(envelope: Envelope, body: string): string {
  const groups = Array.from({ length: GROUPS }, (_, i) => body.slice(i * GROUP_SIZE, (i + 1) * GROUP_SIZE))
  return [envelope, ...groups].join('-')
}

/** Each position has a weight of its own below the prime, so every wrong character and every swap changes the check. */
function checkOf(envelope: Envelope, random: string): string {
  const sum = [...random].reduce(
    (total, character, i) => total + (i + 2) * ALPHABET.indexOf(character),
    ALPHABET.indexOf(envelope),
  )
  return ALPHABET[sum % ALPHABET.length] ?? ''
}
