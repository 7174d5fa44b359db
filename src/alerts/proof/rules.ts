import { createHash, timingSafeEqual } from 'node:crypto'
import { foldToGsm7 } from '../../message/fold.ts'

const DASH = '[-‐‑‒–—−]'
/** A dash with the blanks that people put around it. */
const TIE = `\\s*${DASH}\\s*`
/** The mark of a recipient behind a reference, or its place in a text that was stored before it left. */
const MARK = `(?:\\s?${DASH}\\s?(?:[0-9A-Z]{3}(?![0-9A-Z])|\\?{3}))?`
const REFERENCE = new RegExp(
  `(?<![0-9A-Z])([0-9][0-9A-Z]{0,5})${TIE}(\\d{2})${TIE}(\\d{4,6})(?![0-9A-Z])`,
  'giu',
)

/**
 * The reference in a text that was typed or copied, without a mark: "63-26-0142"; the last one, since it ends a message.
 * Undefined: there is none.
 */
export function referenceIn(text: string): string | undefined {
  const [, prefix, year, number] = [...text.matchAll(REFERENCE)].at(-1) ?? []
  return prefix === undefined ? undefined : `${prefix}-${year}-${number}`.toUpperCase()
}

/**
 * A text as the check compares it: its letters, digits and signs in order, without what phones and people change when
 * they copy an SMS (white space, case, accents, punctuation, quotes and dashes), nor its own reference, which may be
 * given beside it and bears another mark for each recipient. Other numbers stay, even one that looks like a reference.
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

/** Tells which of the texts the given one is, whole: all are compared, in a time that no part of them changes. */
export function matchWhole(given: string, sent: readonly string[], reference: string): boolean[] {
  const digest = digestOf(given, reference)
  return sent.map((text) => timingSafeEqual(digest, digestOf(text, reference)))
}

function digestOf(text: string, reference: string): Buffer {
  return createHash('sha256').update(comparableText(text, reference)).digest()
}
