import { differsByAtMost, simplifySpelling, soundOf } from '../../territory/places/spelling.ts'
import { isKnown } from './known-words.ts'
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
/** So many first letters are those of one word only. */
const LONG_CUT = 6
/** A word cut shorter could be another. */
const SHORTEST_CUT = 3

/** Lists the phrases of the categories of a scheme, longest first: those that operators use, and the names of its own. */
function phrasesOf(categories: readonly LineCategory[]): Phrase[] {
  const phrases = categories.flatMap(({ code, labelFr, labelEn }) => [
    ...[...(CATEGORIES[code] ?? []), labelFr, labelEn].map((text) => ({ code, text, isFact: false })),
    ...(SUGGESTIONS[code] ?? []).map((text) => ({ code, text, isFact: true })),
  ])
  return phrases
    .map(({ code, text, isFact }) => ({ code, isFact, keys: simplifySpelling(text).split(' ') }))
    .sort((a, b) => b.keys.length - a.keys.length)
}

const phrasesByCategories = new WeakMap<readonly LineCategory[], readonly Phrase[]>()

function knownPhrases(categories: readonly LineCategory[]): readonly Phrase[] {
  let phrases = phrasesByCategories.get(categories)
  if (phrases === undefined) {
    phrases = phrasesOf(categories)
    phrasesByCategories.set(categories, phrases)
  }
  return phrases
}

/** Finds the category: the first phrase that names one, else the first that suggests one. */
export function findCategory(
  words: readonly Word[],
  categories: readonly LineCategory[],
  isTaken: (index: number) => boolean,
  isName: (key: string) => boolean = () => false,
): CategoryFound | undefined {
  const phrases = knownPhrases(categories)
  // Words that mean something as they are written are no mistakes: "adresse" is not "agressé", nor Menat "menace".
  const isMistake = (key: string, typed: string) =>
    key === typed || (isAlike(key, typed) && !isKnown(typed) && !isName(typed))
  for (const isFact of [false, true]) {
    for (const isSame of [isEqual, isMistake]) {
      for (let from = 0; from < words.length; from++) {
        const found = phrases.find(
          ({ keys, ...phrase }) =>
            phrase.isFact === isFact &&
            keys.every(
              (key, no) =>
                !isTaken(from + no) &&
                (isSame(key, words[from + no]?.key ?? '') ||
                  (no > 0 && no === keys.length - 1 && isShortened(key, words[from + no]?.key ?? '', no))),
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

/** The last word of a phrase may be cut: "vol en reu"; after several others, a letter short: "vol a la tir". */
function isShortened(key: string, typed: string, before: number): boolean {
  const isLong = key.length >= TYPO_LENGTH || (before >= 2 && key.length - typed.length <= 1)
  return isLong && typed.length >= SHORTEST_CUT && key.startsWith(typed)
}

/** Ordinary words that sound like a phrase, or nearly. */
const ORDINARY: ReadonlySet<string> = new Set(
  'adresse adresses barque barques contre degre degres rues brasque'.split(' '),
)

function isAlike(key: string, typed: string): boolean {
  if (ORDINARY.has(typed)) return false
  if (typed.length < SOUND_LENGTH || key.length < SOUND_LENGTH) return false
  const [wanted, heard] = [spokenOf(key), spokenOf(typed)]
  if (wanted === heard) return true
  // A long word cut short, or written as it sounds, with one more mistake.
  if (typed.length >= LONG_CUT && key.startsWith(typed)) return true
  if (heard.length >= LONG_CUT && key.length > TYPO_LENGTH && differsByAtMost(wanted, heard, 1)) return true
  return key.length >= TYPO_LENGTH && typed.length >= TYPO_LENGTH - 1 && differsByAtMost(key, typed, 1)
}

const sounds = new Map<string, string>()
const REMEMBERED = 4000

/** Returns how a word sounds; "ill" as in "billet". A line grows letter by letter, so most of its words were heard before. */
function spokenOf(word: string): string {
  let sound = sounds.get(word)
  if (sound === undefined) {
    if (sounds.size > REMEMBERED) sounds.clear()
    sound = soundOf(word.replace(/ill(?=[aeiou])/g, 'y'))
    sounds.set(word, sound)
  }
  return sound
}
