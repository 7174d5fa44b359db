import { createHash, timingSafeEqual } from 'node:crypto'
import { foldToGsm7 } from '../../message/fold.ts'
import { REFERENCE_NUMBER } from '../../message/mark.ts'

const DASH = '[-‐‑‒–—−]'
/** A dash with any spaces that people type around it. */
const TIE = `\\s*${DASH}\\s*`
/** The mark of a recipient after a reference, or its placeholder in a text stored before the order. */
const MARK = `(?:\\s?${DASH}\\s?(?:(?:[0-9A-Z]{5}|[0-9A-Z]{3})(?![0-9A-Z])|\\?{5}|\\?{3}))?`
const TYPED_MARK = new RegExp(`^\\s?${DASH}\\s?([0-9A-Z]{5})(?![0-9A-Z])`, 'iu')
const REFERENCE = new RegExp(
  `(?<![0-9A-Z])([0-9A-Z]{1,6})${TIE}(\\d{2})${TIE}(${REFERENCE_NUMBER})(?![0-9A-Z])`,
  'giu',
)

/**
 * Finds the reference in a typed or copied text, without a mark ("63-26-0142"): the last one, since it is at the end of
 * a message. Returns undefined if there is none.
 */
export function referenceIn(text: string): string | undefined {
  const [, prefix, year, number] = [...text.matchAll(REFERENCE)].at(-1) ?? []
  return prefix === undefined ? undefined : `${prefix}-${year}-${number}`.toUpperCase()
}

/**
 * Finds the mark of a recipient in a typed or copied text, after its last reference. Returns undefined if there is none.
 */
export function markIn(text: string): string | undefined {
  const reference = [...text.matchAll(REFERENCE)].at(-1)
  if (reference === undefined) return undefined
  const rest = text.slice(reference.index + reference[0].length)
  return TYPED_MARK.exec(rest)?.[1]?.toUpperCase()
}

/**
 * Normalises a text for the comparison: its letters, digits and signs in order. It drops what phones and people change
 * when they copy an SMS (white space, case, accents, punctuation, quotes and dashes), and the alert's own reference,
 * which may be given separately and has another mark for each recipient. Other numbers stay, even one that looks like a
 * reference.
 */
export function comparableText(text: string, reference: string): string {
  const parts = reference.split('-').join(TIE)
  const own = new RegExp(
    `(?:r[ée]f[ée]?r?e?n?c?e?\\s*[.:]?\\s*)?(?<![0-9A-Z])${parts}(?![0-9A-Z])${MARK}`,
    'giu',
  )
  const plain = text.normalize('NFC').replace(own, ' ')
  return (foldToGsm7(plain)?.text ?? plain)
    .normalize('NFKD')
    .toLowerCase()
    .replace(/œ/g, 'oe')
    .replace(/æ/g, 'ae')
    .replace(/[^\p{L}\p{N}\p{S}]+/gu, '')
}

/**
 * Returns which of the texts equals the given one. It compares all of them in a time that does not depend on their
 * content.
 */
export function matchWhole(given: string, sent: readonly string[], reference: string): boolean[] {
  const digest = digestOf(given, reference)
  return sent.map((text) => timingSafeEqual(digest, digestOf(text, reference)))
}

function digestOf(text: string, reference: string): Buffer {
  return createHash('sha256').update(comparableText(text, reference)).digest()
}
