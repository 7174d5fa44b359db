import { FACT_WORDS, LINKS, PERSONS, PLACES, STREETS, VEHICLES } from './lexicon.ts'

/** Tells whether a word means something by itself, so that it is not taken for a mistyped name. */
export function isKnown(key: string): boolean {
  return (
    LINKS.has(key) ||
    PERSONS.has(key) ||
    VEHICLES.has(key) ||
    FACT_WORDS.has(key) ||
    STREETS.has(key) ||
    PLACE_WORDS.has(key)
  )
}

/** Tells whether a number before a word counts what it names, also without its plural: "2 homme", "3 tabac", but not "10 tabac". */
export function isCountedBy(key: string, number: number): boolean {
  const isThing = PERSONS.has(key) || VEHICLES.has(key) || FACT_WORDS.has(key)
  return isThing || (number < 5 && PLACE_WORDS.has(key))
}

/** Tells whether a word counts several of what it stands before. */
export function isSeveral(key: string): boolean {
  return /^(?:plusieurs|quelques|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|[2-9]|[1-9]\d)$/.test(key)
}

const writtenPlaces = PLACES.map((phrase) => phrase.split(' '))
/** Every word of the kinds of places. */
export const PLACE_WORDS: ReadonlySet<string> = new Set(writtenPlaces.flat())
/** Kinds of places with their small words left out ("caisse epargne"), or all in one ("superu"). */
const hastyPlaces = writtenPlaces.flatMap((keys) => {
  const bare = keys.filter((key) => !LINKS.has(key))
  const isShorter = bare.length > 1 && bare.length < keys.length
  return [
    ...(isShorter ? [bare] : []),
    ...(keys.length > 1 && keys.join('').length >= 6 ? [[keys.join('')]] : []),
  ]
})
/** The kinds of places in words, as written and as typed in haste, the longest first. */
export const placePhrases = [...writtenPlaces, ...hastyPlaces].sort((a, b) => b.length - a.length)
