import { searchName } from '../territory/rules.ts'

/** Words that must be given at least: fewer could be guessed from the category alone. */
export const WORDS_NEEDED = 3

/** A reference as people write it, with the mark of a recipient behind it where the scheme writes one. */
const REFERENCE =
  /([0-9][0-9A-Z]{0,5})\s*[-–—]\s*(\d{2})\s*[-–—]\s*(\d{4,6})(?:-(?:[0-9A-Z]{3}(?![0-9A-Z])|\?{3}))?/i

/** The reference in what somebody typed or copied, without a mark: "63-26-0142". Undefined: there is none. */
export function referenceIn(text: string): string | undefined {
  const [, prefix, year, number] = REFERENCE.exec(text) ?? []
  return prefix === undefined ? undefined : `${prefix}-${year}-${number}`.toUpperCase()
}

/**
 * A text as the comparison reads it: words in lower case without accents, parted by one space, without the reference.
 * A text that was typed off a phone gives the same as the one that was sent.
 */
export function wordsOf(text: string): string {
  const pattern = new RegExp(`(?:r[ée]f[ée]?r?e?n?c?e?\\s*[.:]?\\s*)?${REFERENCE.source}`, 'giu')
  return searchName(text.normalize('NFC').replace(pattern, ' '))
}

/**
 * How much of a sent text somebody has: `whole`, its `beginning` in whole words, or null when it differs or is too
 * little to tell.
 */
export function extentOf(given: string, sent: string): 'whole' | 'beginning' | null {
  const words = wordsOf(given)
  const text = wordsOf(sent)
  if (words === '') return null
  if (words === text) return 'whole'
  return isEnough(given) && text.startsWith(`${words} `) ? 'beginning' : null
}

export function isEnough(given: string): boolean {
  return wordsOf(given).split(' ').length >= WORDS_NEEDED
}
