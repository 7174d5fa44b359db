import { type Edit, type Finding, inOrder, joins, type Reading, stretch } from './finding.ts'
import people from './lexicon/descriptions.json' with { type: 'json' }
import origins from './lexicon/origins.json' with { type: 'json' }
import lexicon from './lexicon/wording.json' with { type: 'json' }
import { findPhrases, matchPhrase, phrases, wordSet } from './phrases.ts'
import { isAfterPlaceWord, placeAt } from './places.ts'
import { isCapitalised, isNumber, type Token } from './tokens.ts'

const always = phrases(origins.always, origins.slurs)
/** Said of the person by what the person has: never a noun for one. */
const features = phrases(origins.skin, origins.accents, origins.faith)
const ofPeople = phrases(origins['of people'])
const colours = wordSet(origins.colours)
const alsoThings = wordSet(origins['also things'])
const announcing = wordSet(origins.announcing)
const notOfPeople = wordSet(origins['not of people'])
const persons = wordSet(people.people, origins.occupations)
const insults = phrases(lexicon.insults)
const withAnotherSense = wordSet(lexicon['insults with another sense'])
const insultsElsewhere = wordSet(lexicon['insults elsewhere'])
const guilt = phrases(lexicon.guilt)
const offenders = wordSet(lexicon.offenders)
const moves = wordSet(lexicon.moves)

const COUNTS = new Set(
  'deux trois quatre cinq six des les plusieurs quelques certains certaines ces d jeunes groupe bande'.split(
    ' ',
  ),
)
const ONE = new Set(['un', 'une', 'le', 'la', 'l', 'ce', 'cet', 'cette', 'jeune'])
/** Between a person and a word of origin: “homme d'origine roumaine”, “femme très typée”. */
const LINKS = new Set(
  'de d du type accent origine origines nationalite nationalites apparence physique tres plutot probablement vraisemblablement sans doute confession religion ethnie race avec un une l des et a au la le aux en'.split(
    ' ',
  ),
)

/** Origin, skin colour, faith: of persons, not of cars, banknotes or kitchens. */
export function findOrigins(reading: Reading): Finding[] {
  const { tokens } = reading
  const found: Finding[] = []
  const taken = new Set<number>()
  // "Montaigut-le-Blanc"
  for (let i = 0; i < tokens.length; i++) {
    const count = placeAt(reading.places, tokens, i)
    for (let k = 0; k < count; k++) taken.add(i + k)
  }
  for (const { at, count } of [...findPhrases(features, tokens), ...findPhrases(always, tokens)]) {
    if (
      isAfterPlaceWord(tokens, at) ||
      (at > 0 && !tokens[at]!.breaks && notOfPeople.has(tokens[at - 1]!.plain))
    )
      continue
    for (let i = at; i < at + count; i++) taken.add(i)
    found.push(originFinding(reading, at, count))
  }
  for (const { at, count } of findPhrases(ofPeople, tokens)) {
    if (!taken.has(at) && isOfPerson(tokens, at)) found.push(originFinding(reading, at, count))
  }
  return joined(inOrder(found), reading.text)
}

/** "typé méditerranéen" is one remark. */
function joined(findings: readonly Finding[], text: string): Finding[] {
  const all: Finding[] = []
  for (const one of findings) {
    const last = all.at(-1)
    const from = last && text.slice(last.end, one.start).trim() === '' ? last : undefined
    if (from === undefined) all.push(one)
    else {
      const start = from.edit?.start ?? from.start
      all[all.length - 1] = { start: from.start, end: one.end, edit: { start, end: one.end, text: '' } }
    }
  }
  return all
}

function isOfPerson(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at]!
  const { plain } = token
  const before = tokens[at - 1]
  if (before === undefined || token.breaks || !joins(token)) return false
  if (isAfterPlaceWord(tokens, at) || notOfPeople.has(before.plain)) return false
  if (persons.has(before.plain))
    return !(before.plain === 'type' && colours.has(plain)) || before.text === 'type'
  if (announcing.has(before.plain)) return before.plain !== 'famille' || !colours.has(plain)
  // "deux femmes et un homme roumains" is told by its neighbour; "individu très noir"
  const second = tokens[at - 2]
  if (second !== undefined && !before.breaks && persons.has(second.plain)) {
    if (['tres', 'plutot'].includes(before.plain)) return true
    // "homme jeune roumain", "femme blonde russe"
    if (!colours.has(plain) && !ONE.has(before.plain) && !LINKS.has(before.plain))
      return !isVerbLike(before.plain)
  }
  if (
    second !== undefined &&
    ['d', 'de', 'nationalite'].includes(before.plain) &&
    announcing.has(second.plain)
  )
    return true
  if (alsoThings.has(plain) && !isCapitalised(token)) return false
  if (COUNTS.has(before.plain) || isNumber(before)) return /s$|x$/.test(plain) || isCapitalised(token)
  return ONE.has(before.plain) && isCapitalised(token)
}

function isVerbLike(plain: string): boolean {
  return /(?:ent|ant|ait|ont|est|sont|nt)$/.test(plain)
}

const QUALIFYING = new Set(
  'd de des du un une avec type origine origines nationalite nationalites apparence ethnie race confession religion accent physique allure'.split(
    ' ',
  ),
)
const PERSONS = 'personne'

function originFinding(reading: Reading, at: number, count: number): Finding {
  const { tokens, inCapitals } = reading
  const { start, end } = stretch(tokens, at, count)
  const words = (text: string) => (inCapitals ? text.toUpperCase() : text)
  const before = tokens[at - 1]
  const bound = before !== undefined && joins(tokens[at])
  const feature =
    matchPhrase(features, tokens, at) > 0 || /^(?:type|pays|europe|afrique|issus?)$/.test(tokens[at]!.plain)
  const asNoun = !feature && bound && (COUNTS.has(before.plain) || isNumber(before) || ONE.has(before.plain))
  if (asNoun && !['d', 'groupe', 'bande', 'jeunes', 'jeune'].includes(before.plain)) {
    const many = COUNTS.has(before.plain) || (isNumber(before) && before.plain !== '1')
    const edit = many
      ? { start, end, text: words(`${PERSONS}s`) }
      : { start: before.start, end, text: words(`une ${PERSONS}`) }
    return { start, end, edit }
  }
  // "Migrants signalés", "gitans et roms": a noun with nothing before it.
  const alone =
    tokens[at]!.breaks || (bound && before.plain === 'et' && !persons.has(tokens[at - 2]?.plain ?? ''))
  if (!feature && alone && count === 1 && !persons.has(tokens[at]!.plain)) {
    return {
      start,
      end,
      edit: { start, end, text: words(/s$/.test(tokens[at]!.plain) ? 'personnes' : 'personne') },
    }
  }
  // "homme de couleur": the person stays.
  if (count > 1 && persons.has(tokens[at]!.plain) && tokens[at]!.plain !== 'type') {
    return { start, end, edit: { start: tokens[at + 1]!.start, end, text: '' } }
  }
  let from = at
  while (from > 0 && joins(tokens[from]) && LINKS.has(tokens[from - 1]!.plain) && at - from < 5) from--
  // Words that link nothing when no person stands before them stay.
  const holder = tokens[from - 1]
  const held =
    holder !== undefined &&
    joins(tokens[from]) &&
    (persons.has(holder.plain) || isVerbLike(holder.plain) || from === at)
  return { start, end, edit: { start: held ? tokens[from]!.start : linkStart(tokens, at), end, text: '' } }
}

/** "d'origine roumaine" goes as a whole, wherever it stands. */
function linkStart(tokens: readonly Token[], at: number): number {
  let from = at
  while (from > 0 && joins(tokens[from]) && at - from < 3) {
    const { plain } = tokens[from - 1]!
    if (!QUALIFYING.has(plain)) break
    from--
  }
  return tokens[from]!.start
}

/** Insults and words of contempt. */
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
      const place = stretch(tokens, at, count)
      return { ...place, edit: insultEdit(tokens, at, place) }
    })
}

/** Before a word with another sense, these say that someone is meant: “ce fumier”. */
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

/** "ces voyous" → "ces individus": a noun with its article is replaced, anything else taken away. */
function insultEdit(tokens: readonly Token[], at: number, place: { start: number; end: number }): Edit {
  const before = tokens[at - 1]
  if (before === undefined || tokens[at]!.breaks || !joins(tokens[at])) {
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

/** Conclusions of guilt, about persons who are or can be known. */
export function findGuilt({ tokens }: Reading): Finding[] {
  const found: Finding[] = []
  for (const { at, count } of findPhrases(guilt, tokens)) {
    if (isAfterPlaceWord(tokens, at)) continue
    const place = stretch(tokens, at, count)
    const edit = guiltEdit(tokens, at, count)
    found.push({ ...place, ...(edit ? { edit } : {}) })
  }
  for (const [i, token] of tokens.entries()) {
    if (!offenders.has(token.plain) || isAfterPlaceWord(tokens, i)) continue
    const before = tokens[i - 1]
    const next = tokens[i + 1]
    const after = tokens[i + 2]
    if (before === undefined || token.breaks) continue
    const { start, end } = token
    // "le voleur est le fils du voisin", not "le voleur est parti"
    const named = THE.has(before.plain) && next !== undefined && joins(next) && IS.has(next.plain)
    if (named && !(BE.has(next.plain) && (after === undefined || moves.has(after.plain)))) {
      found.push({
        start: before.start,
        end: next.end,
        edit: { start: before.start, end, text: suspect(before) },
      })
      continue
    }
    // "cet homme est un escroc", "c'est un voleur", "M. X, escroc notoire"
    const second = tokens[i - 2]
    const third = tokens[i - 3]
    const isOne = (word: Token | undefined) =>
      word !== undefined && (BE.has(word.plain) || word.plain === 'comme')
    const article = ['un', 'une', 'des', 'le', 'la', 'les', 'l'].includes(before.plain)
    const asserted = article && joins(token) && isOne(second) && !before.breaks
    if (asserted && !isQuestion(third)) {
      found.push({
        start: second!.start,
        end,
        edit: {
          start: before.start,
          end,
          text: ['des', 'les'].includes(before.plain)
            ? 'des suspects'
            : isFeminine(token)
              ? 'une suspecte'
              : 'un suspect',
        },
      })
      continue
    }
    if (BE.has(before.plain) && joins(token)) {
      found.push({ start: before.start, end, edit: { start, end, text: 'suspect' } })
      continue
    }
    // "l'escroc M. Durand", "le voleur, Jean Durand"
    if (THE.has(before.plain) && next !== undefined && !next.breaks && /^[ ,:]{1,2}$/.test(next.gap)) {
      if (
        /^(?:m|mr|mme|mlle|monsieur|madame|nomme|nommee|denomme|denommee|notoire|presume|presumee)$/.test(
          next.plain,
        ) &&
        !/^presume/.test(next.plain)
      )
        found.push({ start: before.start, end, edit: { start: before.start, end, text: suspect(before) } })
    }
  }
  return inOrder(found)
}

function isFeminine({ plain }: Token): boolean {
  return /(?:euses?|elles?)$/.test(plain)
}

function isQuestion(token: Token | undefined): boolean {
  return token !== undefined && token.plain === 'si'
}

function suspect(before: Token): string {
  const { plain } = before
  if (plain === 'les') return 'les suspects'
  if (plain === 'ces') return 'ces suspects'
  if (plain === 'ce' || plain === 'cet' || plain === 'cette') return 'ce suspect'
  return 'le suspect'
}

/** "le coupable" → "le suspect"; all else goes, with the “déjà”, “bien” or “est” that led to it. */
function guiltEdit(tokens: readonly Token[], at: number, count: number): Edit | undefined {
  const { start, end } = stretch(tokens, at, count)
  const before = tokens[at - 1]
  const many = count === 1 && /s$/.test(tokens[at]!.plain)
  const { plain: first } = tokens[at]!
  // "c'est lui le voleur", "reconnu coupable": the sentence has to be written again.
  if (first === 'c' || /^(?:reconnue?s?|jugee?s?|declaree?s?)$/.test(before?.plain ?? '')) return undefined
  if (count === 1 && tokens[at]!.breaks) return { start, end, text: many ? 'individus' : 'individu' }
  if (before !== undefined && joins(tokens[at]) && count === 1) {
    if (['les', 'ces', 'des', 'deux', 'trois'].includes(before.plain) || (isNumber(before) && many))
      return { start, end, text: 'suspects' }
    if (THE.has(before.plain)) return { start: before.start, end, text: suspect(before) }
    if (['un', 'une'].includes(before.plain)) return { start: before.start, end, text: 'un suspect' }
    if (BE.has(before.plain)) return { start, end, text: many ? 'suspects' : 'suspect' }
  }
  let from = at
  while (
    from > 0 &&
    joins(tokens[from]) &&
    /^(?:est|sont|deja|bien|tres|et|qui|a|ont|un|une|etant)$/.test(tokens[from - 1]!.plain)
  )
    from--
  return { start: tokens[from]!.start, end, text: '' }
}
