import { differsByAtMost, simplify, soundOf } from '../../territory/spelling.ts'
import { CATEGORIES, SUGGESTIONS } from './lexicon.ts'
import type { Word } from './words.ts'

/** A category as the parser needs it. */
export interface LineCategory {
  readonly code: string
  readonly labelFr: string
  readonly labelEn: string
}

interface Phrase {
  readonly code: string
  readonly keys: readonly string[]
  /** Whether it is a fact as well. */
  readonly isFact: boolean
}

export interface CategoryFound {
  readonly code: string
  readonly from: number
  readonly count: number
  readonly isFact: boolean
}

/** Below this length a mistake could be another word. */
const TYPO_LENGTH = 6
const SOUND_LENGTH = 4
/** A word cut shorter could be another. */
const SHORTEST_CUT = 3

/** Lists the phrases of the categories of a scheme, longest first: those that operators use, and the names of its own. */
function phrasesOf(categories: readonly LineCategory[]): Phrase[] {
  const phrases = categories.flatMap(({ code, labelFr, labelEn }) => [
    ...[...(CATEGORIES[code] ?? []), labelFr, labelEn].map((text) => ({ code, text, isFact: false })),
    ...(SUGGESTIONS[code] ?? []).map((text) => ({ code, text, isFact: true })),
  ])
  return phrases
    .map(({ code, text, isFact }) => ({ code, isFact, keys: simplify(text).split(' ') }))
    .sort((a, b) => b.keys.length - a.keys.length)
}

/** Finds the category: the first phrase that names one, else the first that suggests one. */
export function findCategory(
  words: readonly Word[],
  categories: readonly LineCategory[],
  isTaken: (index: number) => boolean,
): CategoryFound | undefined {
  const phrases = phrasesOf(categories)
  for (const isFact of [false, true]) {
    for (const isSame of [isEqual, isAlike]) {
      for (let from = 0; from < words.length; from++) {
        const found = phrases.find(
          ({ keys, ...phrase }) =>
            phrase.isFact === isFact &&
            keys.every(
              (key, no) =>
                !isTaken(from + no) &&
                (isSame(key, words[from + no]?.key ?? '') ||
                  (no > 0 && no === keys.length - 1 && isShortened(key, words[from + no]?.key ?? ''))),
            ),
        )
        if (found !== undefined) return { code: found.code, from, count: found.keys.length, isFact }
      }
    }
  }
  return undefined
}

function isEqual(key: string, typed: string): boolean {
  return key === typed
}

/** The last word of a phrase may be cut: "vol en reu". */
function isShortened(key: string, typed: string): boolean {
  return key.length >= TYPO_LENGTH && typed.length >= SHORTEST_CUT && key.startsWith(typed)
}

function isAlike(key: string, typed: string): boolean {
  if (key === typed) return true
  if (typed.length >= SOUND_LENGTH && key.length >= SOUND_LENGTH && soundOf(key) === soundOf(typed))
    return true
  return key.length >= TYPO_LENGTH && typed.length >= TYPO_LENGTH - 1 && differsByAtMost(key, typed, 1)
}
