/** Letters and digits that are not confused with each other when read from a phone. */
export const MARK_ALPHABET = '23456789ABCDEFGHJKMNPQRSTVWXYZ'
/** Number of characters of a mark. */
export const MARK_LENGTH = 5
/** Number of characters of the marks of messages ordered with version 0.2.0. */
export const SHORT_MARK_LENGTH = 3

/** Placeholder of each recipient's own mark in a text: it has the length of the mark, so that the parts are counted right. */
export const MARK_PLACE = '?'.repeat(MARK_LENGTH)

/** The number of a reference: 0142, or X014 of an exercise. */
export const REFERENCE_NUMBER = String.raw`(?:\d{4,6}|X\d{3,5})`

const PLACE = new RegExp(String.raw`(\d-${REFERENCE_NUMBER}-)(\?{5}|\?{3})(?!\?)`)
const TYPED = new RegExp(
  String.raw`^(?:.*\d-${REFERENCE_NUMBER}-)?([0-9A-Z]{5}|[0-9A-Z]{3})(?![0-9A-Z])`,
  's',
)

/** Returns the position of the mark in a text, after its reference: `63-26-0142-?????`. Undefined when there is none. */
export function markPlaceIn(text: string): number | undefined {
  const found = PLACE.exec(text)
  if (found?.[1] === undefined || found[2] !== MARK_PLACE) return undefined
  return found.index + found[1].length
}

/** Returns the length of the mark whose placeholder starts at this position of a text. */
export function markLengthAt(text: string, at: number): number {
  return text.startsWith(MARK_PLACE, at) ? MARK_LENGTH : SHORT_MARK_LENGTH
}

/** Returns the text with the mark inserted, as one recipient gets it. */
export function withMark(text: string, at: number, mark: string): string {
  return text.slice(0, at) + mark + text.slice(at + mark.length)
}

/** Returns the text without the placeholder of a mark, for readers who are not recipients. */
export function withoutMark(text: string): string {
  const found = PLACE.exec(text)
  if (found?.[1] === undefined) return text
  return text.slice(0, found.index + found[1].length - 1) + text.slice(found.index + found[0].length)
}

/** Returns the mark in typed text, alone or after a reference, or undefined when there is none. */
export function parseMark(text: string): string | undefined {
  const written = text.trim().toUpperCase()
  const found = TYPED.exec(written)
  const mark = found?.[1]
  return mark !== undefined && [...mark].every((letter) => MARK_ALPHABET.includes(letter)) ? mark : undefined
}
