import { LEGAL_FORMS, LINK_WORDS } from '../members/business-words.ts'
import { differsByAtMost } from '../territory/places/spelling.ts'

/** Words that the name of a business may have or not. */
const LEFT_OUT = new Set([...LEGAL_FORMS, ...LINK_WORDS, 'maison', 'chez'])
/** From this length on, a name may have a typing mistake. */
const TYPO_FROM = 6

/** Returns the words of a name, as `searchName` writes it, that tell it from others. */
export function tellingWords(searchName: string): string[] {
  const words = searchName.split(' ').filter((word) => word !== '')
  const telling = words.filter((word) => !LEFT_OUT.has(word))
  return telling.length === 0 ? words : telling
}

/** Tells whether two names differ at most in legal form, link words and one typing mistake, which is not in a number. */
export function isSimilarName(a: string, b: string): boolean {
  const [left, right] = [tellingWords(a).join(''), tellingWords(b).join('')]
  if (left === right) return true
  const digits = (text: string) => text.replace(/\D/g, '')
  if (Math.min(left.length, right.length) < TYPO_FROM || digits(left) !== digits(right)) return false
  return differsByAtMost(left, right, 1)
}

/**
 * Returns two parts of the longest telling word, one of which every similar name contains (but a name with two letters swapped
 * in the middle of that word); undefined for names too short to search.
 */
export function partsToSearch(searchName: string): readonly [string, string] | undefined {
  const longest = tellingWords(searchName).reduce((a, b) => (b.length > a.length ? b : a), '')
  if (longest.length < 3) return undefined
  if (longest.length < TYPO_FROM) return [longest, longest]
  const half = Math.floor(longest.length / 2)
  return [longest.slice(0, half), longest.slice(half)]
}
