/** Letters and digits that nobody takes for another when reading them off a phone. */
const ALPHABET = '23456789ABCDEFGHJKMNPQRSTVWXYZ'
const LENGTH = 3
/** Recipients that have a mark of their own; beyond, several share one. */
export const MARKS = ALPHABET.length ** LENGTH

/** Stands in a text where each recipient's own mark is written when it leaves: as long, so that it counts the same. */
export const MARK_PLACE = '?'.repeat(LENGTH)

/** Where in a text the mark goes, behind its reference: `63-26-0142-???`. Undefined: nowhere. */
export function markPlaceIn(text: string): number | undefined {
  const found = /\d-\d{4,6}-(?=\?\?\?)/.exec(text)
  return found === null ? undefined : found.index + found[0].length
}

/** The text as one recipient gets it. */
export function withMark(text: string, at: number, mark: string): string {
  return text.slice(0, at) + mark + text.slice(at + LENGTH)
}

/** The text without the place of a mark, for whoever is no recipient. */
export function withoutMark(text: string): string {
  const at = markPlaceIn(text)
  return at === undefined ? text : text.slice(0, at - 1) + text.slice(at + LENGTH)
}

/**
 * The mark of a recipient: another for each of the first 27,000, in an order that only the key tells.
 * @param key a whole number from 0 to 2^48
 * @param no of the delivery, from 1
 */
export function markOf(key: number, no: number): string {
  let rest = indexOf(key, no)
  let mark = ''
  for (let i = 0; i < LENGTH; i++) {
    mark = ALPHABET.charAt(rest % ALPHABET.length) + mark
    rest = Math.floor(rest / ALPHABET.length)
  }
  return mark
}

/** Numbers coprime to 30, and so to the count of marks: each number then leads to another mark. */
const STEPS = [1, 7, 11, 13, 17, 19, 23, 29]

function indexOf(key: number, no: number): number {
  const step = (Math.floor(key / STEPS.length) % (MARKS / 30)) * 30 + (STEPS[key % STEPS.length] ?? 1)
  const shift = Math.floor(key / (STEPS.length * 900)) % MARKS
  return (((no - 1) % MARKS) * step + shift) % MARKS
}

/** The lowest delivery number of a mark; others follow at every 27,000. Undefined: it is no mark at all. */
export function numberOfMark(key: number, mark: string): number | undefined {
  if (parseMark(mark) !== mark) return undefined
  for (let no = 1; no <= MARKS; no++) if (markOf(key, no) === mark) return no
  return undefined
}

/** The mark in what somebody typed: alone, or behind a reference. Undefined: there is none. */
export function parseMark(text: string): string | undefined {
  const written = text.trim().toUpperCase()
  const found = /^(?:.*\d-\d{4,6}-)?([0-9A-Z]{3})(?![0-9A-Z])/s.exec(written)
  const mark = found?.[1]
  return mark !== undefined && [...mark].every((letter) => ALPHABET.includes(letter)) ? mark : undefined
}
