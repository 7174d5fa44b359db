/** Letters and digits that are not confused with each other when read from a phone. */
const ALPHABET = '23456789ABCDEFGHJKMNPQRSTVWXYZ'
const LENGTH = 3
/** Number of recipients with a mark of their own; beyond it, several share one. */
export const MARKS = ALPHABET.length ** LENGTH

/** Placeholder of each recipient's own mark in a text: it has the length of the mark, so that the parts are counted right. */
export const MARK_PLACE = '?'.repeat(LENGTH)

/** Returns the position of the mark in a text, after its reference: `63-26-0142-???`. Undefined when there is none. */
export function markPlaceIn(text: string): number | undefined {
  const found = /\d-\d{4,6}-(?=\?\?\?)/.exec(text)
  return found === null ? undefined : found.index + found[0].length
}

/** Returns the text with the mark inserted, as one recipient gets it. */
export function withMark(text: string, at: number, mark: string): string {
  return text.slice(0, at) + mark + text.slice(at + LENGTH)
}

/** Returns the text without the placeholder of a mark, for readers who are not recipients. */
export function withoutMark(text: string): string {
  const at = markPlaceIn(text)
  return at === undefined ? text : text.slice(0, at - 1) + text.slice(at + LENGTH)
}

/**
 * Returns the mark of a recipient: distinct for each of the first 27,000, in an order that depends on the key.
 * @param key a whole number from 0 to 2^48
 * @param no number of the delivery, from 1
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

/** Numbers coprime to 30, and therefore to the number of marks, so that each number has a mark of its own. */
const STEPS = [1, 7, 11, 13, 17, 19, 23, 29]

function indexOf(key: number, no: number): number {
  const step = (Math.floor(key / STEPS.length) % (MARKS / 30)) * 30 + (STEPS[key % STEPS.length] ?? 1)
  const shift = Math.floor(key / (STEPS.length * 900)) % MARKS
  return (((no - 1) % MARKS) * step + shift) % MARKS
}

/** Returns the lowest delivery number with a mark; others follow at every 27,000. Undefined when it is not a mark. */
export function numberOfMark(key: number, mark: string): number | undefined {
  if (parseMark(mark) !== mark) return undefined
  for (let no = 1; no <= MARKS; no++) if (markOf(key, no) === mark) return no
  return undefined
}

/** Returns the mark in typed text, alone or after a reference, or undefined when there is none. */
export function parseMark(text: string): string | undefined {
  const written = text.trim().toUpperCase()
  const found = /^(?:.*\d-\d{4,6}-)?([0-9A-Z]{3})(?![0-9A-Z])/s.exec(written)
  const mark = found?.[1]
  return mark !== undefined && [...mark].every((letter) => ALPHABET.includes(letter)) ? mark : undefined
}
