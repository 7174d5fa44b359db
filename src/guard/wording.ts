import {
  type Edit,
  type Finding,
  followsClosely,
  inTextOrder,
  type Reading,
  rangeOfWords,
} from './finding.ts'
import lexicon from './lexicon/wording.json' with { type: 'json' }
import { findPhrases, indexPhrases, wordSet } from './phrases.ts'
import { isAfterPlaceWord } from './places.ts'
import { isNumber, type Token } from './tokens.ts'

const insults = indexPhrases(lexicon.insults)
const withAnotherSense = wordSet(lexicon['insults with another sense'])
const insultsElsewhere = wordSet(lexicon['insults elsewhere'])
const guilt = indexPhrases(lexicon.guilt)
const offenders = wordSet(lexicon.offenders)
const graveOffenders = wordSet(lexicon['grave offenders'])
const known = wordSet(lexicon.known)
const moves = wordSet(lexicon.moves)

/** Finds insults and contemptuous words. */
export function findInsults({ tokens }: Reading): Finding[] {
  return findPhrases(insults, tokens)
    .filter(({ at, count }) => {
      if (isAfterPlaceWord(tokens, at)) return false
      if (count > 1 || !withAnotherSense.has(tokens[at]!.plain)) return true
      const aimed = tokens[at]!.breaks || AIMED.has(tokens[at - 1]?.plain ?? '')
      if (!aimed) return false
      return !tokens.slice(Math.max(0, at - 6), at + 7).some((token) => insultsElsewhere.has(token.plain))
    })
    .map(({ at, count }) => {
      const place = rangeOfWords(tokens, at, count)
      return { ...place, edit: insultEdit(tokens, at, place) }
    })
}

/** Words that direct an ambiguous word at a person: “ce fumier”. */
const AIMED = new Set([
  'ce',
  'cet',
  'cette',
  'ces',
  'sale',
  'sales',
  'espece',
  'un',
  'vrai',
  'vraie',
  'bande',
])
const INTERJECTIONS = new Set(['putain', 'merde', 'merdes', 'fdp'])
const DETERMINERS = new Set([
  'un',
  'une',
  'des',
  'le',
  'la',
  'les',
  'l',
  'ce',
  'cet',
  'cette',
  'ces',
  'deux',
  'trois',
])

/** Builds the change: "ces voyous" → "ces individus". A noun with its article is replaced, anything else removed. */
function insultEdit(tokens: readonly Token[], at: number, place: { start: number; end: number }): Edit {
  const before = tokens[at - 1]
  if (before === undefined || tokens[at]!.breaks || !followsClosely(tokens[at])) {
    const noun = !INTERJECTIONS.has(tokens[at]!.plain)
    return { ...place, text: noun ? (/s$/.test(tokens[at]!.plain) ? 'individus' : 'individu') : '' }
  }
  const { plain } = before
  const many = ['des', 'les', 'ces', 'deux', 'trois'].includes(plain) || isNumber(before)
  if (plain === 'de' || plain === 'd') return { start: before.start, end: place.end, text: "d'individus" }
  if (many) return { ...place, text: 'individus' }
  if (!DETERMINERS.has(plain)) return { ...place, text: '' }
  const article = ['un', 'une'].includes(plain) ? 'un' : ['ce', 'cet', 'cette'].includes(plain) ? 'cet' : "l'"
  return {
    start: before.start,
    end: place.end,
    text: article === "l'" ? "l'individu" : `${article} individu`,
  }
}

const IS = new Set([
  'est',
  'sont',
  'etait',
  'etaient',
  'serait',
  'seraient',
  'habite',
  'habitent',
  'travaille',
  'vit',
  'reside',
])
const THE = new Set(['le', 'la', 'l', 'les', 'ce', 'cet', 'cette', 'ces', 'notre', 'votre', 'son'])
const BE = new Set(['est', 'sont', 'etait', 'etaient'])

/** Finds conclusions of guilt about persons who are known or can be. */
export function findGuilt({ tokens }: Reading): Finding[] {
  const phrases = findPhrases(guilt, tokens)
    .filter(({ at }) => !isAfterPlaceWord(tokens, at))
    .map(({ at, count }): Finding => {
      const edit = guiltEdit(tokens, at, count)
      return { ...rangeOfWords(tokens, at, count), ...(edit ? { edit } : {}) }
    })
  const nouns = tokens.flatMap((token, at): Finding[] => {
    if (!offenders.has(token.plain) || isAfterPlaceWord(tokens, at)) return []
    return judgedOffender(tokens, at) ?? (token.breaks ? [] : (accusation(tokens, at) ?? []))
  })
  return inTextOrder([...phrases, ...nouns])
}

/** Finds an offender whose guilt follows ("escroc connu", "bien connu"), and a word that is a verdict by itself. */
function judgedOffender(tokens: readonly Token[], at: number): Finding[] | undefined {
  const token = tokens[at]!
  const next = tokens[at + 1]
  const adverb = next !== undefined && followsClosely(next) && ['bien', 'tres', 'deja'].includes(next.plain)
  const judged = adverb ? tokens[at + 2] : next
  if (judged !== undefined && followsClosely(judged) && known.has(judged.plain))
    return [{ start: token.start, end: judged.end, edit: nounEdit(tokens, at, judged.end) }]
  if (graveOffenders.has(token.plain) && isNoun(tokens, at))
    return [{ start: token.start, end: token.end, edit: nounEdit(tokens, at, token.end) }]
  return undefined
}

/** Finds words that say who the offender is: "le voleur est le fils", "c'est un voleur", "l'escroc M. Durand". */
function accusation(tokens: readonly Token[], at: number): Finding[] | undefined {
  const { start, end } = tokens[at]!
  const before = tokens[at - 1]
  const next = tokens[at + 1]
  if (before === undefined) return undefined
  const suspect = (): Edit => ({ start: before.start, end, text: suspectWords(before) })
  if (THE.has(before.plain) && next !== undefined && isIdentifiedBy(next, tokens[at + 2]))
    return [{ start: before.start, end: next.end, edit: suspect() }]
  const verb = assertedBy(tokens, at)
  if (verb !== undefined)
    return [
      { start: verb.start, end, edit: { start: before.start, end, text: newSuspect(before, tokens[at]!) } },
    ]
  if (BE.has(before.plain) && followsClosely(tokens[at]))
    return [{ start: before.start, end, edit: { start, end, text: 'suspect' } }]
  if (THE.has(before.plain) && next !== undefined && introducesName(next))
    return [{ start: before.start, end, edit: suspect() }]
  return undefined
}

/** True for the verb of "le voleur est le fils du voisin", which is a conclusion; "le voleur est parti" is not. */
function isIdentifiedBy(verb: Token, after: Token | undefined): boolean {
  if (!followsClosely(verb) || !IS.has(verb.plain)) return false
  return !BE.has(verb.plain) || (after !== undefined && !moves.has(after.plain))
}

/** Returns the verb of "cet homme est un escroc", "c'est un voleur" and "comme un voleur", unless it is a question. */
function assertedBy(tokens: readonly Token[], at: number): Token | undefined {
  const article = tokens[at - 1]!
  const verb = tokens[at - 2]
  if (!['un', 'une', 'des', 'le', 'la', 'les', 'l'].includes(article.plain)) return undefined
  if (!followsClosely(tokens[at]) || verb === undefined || article.breaks) return undefined
  if (!BE.has(verb.plain) && verb.plain !== 'comme') return undefined
  return isQuestion(tokens[at - 3]) ? undefined : verb
}

/** True for a civility or a naming after the noun: "l'escroc M. Durand"; "le voleur présumé" is a suspect already. */
function introducesName(token: Token): boolean {
  return (
    !token.breaks &&
    /^[ ,:]{1,2}$/.test(token.gap) &&
    /^(?:m|mr|mme|mlle|monsieur|madame|nomme|nommee|denomme|denommee|notoire)$/.test(token.plain)
  )
}

function newSuspect(article: Token, noun: Token): string {
  if (['des', 'les'].includes(article.plain)) return 'des suspects'
  return isFeminine(noun) ? 'une suspecte' : 'un suspect'
}

/** True after an article, a number or nothing; in "incendie criminel" the noun precedes. */
function isNoun(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at]!
  const before = tokens[at - 1]
  if (before === undefined || token.breaks || !followsClosely(token)) return true
  return (
    DETERMINERS.has(before.plain) ||
    isNumber(before) ||
    ['par', 'd', 'dangereux', 'presume'].includes(before.plain)
  )
}

/** Replaces the noun: "un escroc connu" → "un suspect". */
function nounEdit(tokens: readonly Token[], at: number, end: number): Edit {
  const token = tokens[at]!
  const before = tokens[at - 1]
  const many = /[sx]$/.test(token.plain)
  if (before !== undefined && followsClosely(token)) {
    if (THE.has(before.plain) && !many) return { start: before.start, end, text: suspectWords(before) }
    if (['un', 'une'].includes(before.plain)) return { start: before.start, end, text: 'un suspect' }
  }
  return { start: token.start, end, text: many ? 'suspects' : 'suspect' }
}

function isFeminine({ plain }: Token): boolean {
  return /(?:euses?|elles?)$/.test(plain)
}

function isQuestion(token: Token | undefined): boolean {
  return token !== undefined && token.plain === 'si'
}

function suspectWords(before: Token): string {
  const { plain } = before
  if (plain === 'les') return 'les suspects'
  if (plain === 'ces') return 'ces suspects'
  if (plain === 'ce' || plain === 'cet' || plain === 'cette') return 'ce suspect'
  return 'le suspect'
}

/** Replaces a noun by “suspect”, with the article before it; undefined when `before` is no word before a noun. */
function suspectEdit(
  before: Token,
  { start, end }: { readonly start: number; readonly end: number },
  many: boolean,
): Edit | undefined {
  if (['les', 'ces', 'des', 'deux', 'trois'].includes(before.plain) || (isNumber(before) && many))
    return { start, end, text: 'suspects' }
  if (THE.has(before.plain)) return { start: before.start, end, text: suspectWords(before) }
  if (['un', 'une'].includes(before.plain)) return { start: before.start, end, text: 'un suspect' }
  return BE.has(before.plain) ? { start, end, text: many ? 'suspects' : 'suspect' } : undefined
}

/** Builds the change: "le coupable" → "le suspect"; other words are removed with the “déjà”, “bien” or “est” before them. */
function guiltEdit(tokens: readonly Token[], at: number, count: number): Edit | undefined {
  const { start, end } = rangeOfWords(tokens, at, count)
  const before = tokens[at - 1]
  const many = count === 1 && /s$/.test(tokens[at]!.plain)
  const { plain: first } = tokens[at]!
  // "c'est lui le voleur" and "reconnu coupable" require the sentence to be rewritten.
  if (first === 'c' || /^(?:reconnue?s?|jugee?s?|declaree?s?)$/.test(before?.plain ?? '')) return undefined
  if (count === 1 && tokens[at]!.breaks) return { start, end, text: many ? 'individus' : 'individu' }
  if (before !== undefined && followsClosely(tokens[at]) && count === 1) {
    const edit = suspectEdit(before, { start, end }, many)
    if (edit !== undefined) return edit
  }
  let from = at
  while (
    from > 0 &&
    followsClosely(tokens[from]) &&
    /^(?:est|sont|deja|bien|tres|et|qui|a|ont|un|une|etant)$/.test(tokens[from - 1]!.plain)
  )
    from--
  return { start: tokens[from]!.start, end, text: '' }
}
