import { formatMessage, type Lang } from '../../i18n/format.ts'
import { communesWords, joinNames, unionWords, usualName } from './naming.ts'
import { searchName, simplifySpelling } from './spelling.ts'

/** A parsed search for places. */
export interface PlaceQuery {
  /** Prefixes of postal or INSEE codes; a place must match each of them. */
  readonly codes: readonly string[]
  /** Names to match, in the form of `searchName`; empty: any name. Two names when the last word may be incomplete. */
  readonly names: readonly string[]
}

const QUERY_LENGTH = 80
const QUERY_WORDS = 8

/**
 * Parses a typed search. The last word may be incomplete: "st" is the start of Strasbourg as well as an abbreviation of
 * Saint.
 */
export function parsePlaceQuery(text: string): PlaceQuery {
  const words = simplifySpelling(text.slice(0, QUERY_LENGTH)).split(' ').filter(Boolean).slice(0, QUERY_WORDS)
  const codes = words.filter(isCode).map((word) => word.toUpperCase())
  const typed = words.filter((word) => !isCode(word)).join(' ')
  if (typed === '') return { codes, names: [] }
  const whole = searchName(typed)
  const last = typed.slice(typed.lastIndexOf(' ') + 1)
  const unfinished = whole.replace(/[^ ]+$/, last)
  return { codes, names: unfinished === whole ? [whole] : [whole, unfinished] }
}

function isCode(word: string): boolean {
  return /^(\d{1,5}|2[ab]\d{1,3})$/.test(word)
}

/** A name and its link after "de": INSEE's TNCC code (0 de, 1 d', 2 du, 3 de la, 4 des, 5 de l'). */
export interface Named {
  readonly name: string
  readonly liaison: number
}

const LIAISONS = ['de ', 'd’', 'du ', 'de la ', 'des ', 'de l’']

/**
 * Returns the name after "de": "d'Issoire", "du Cendre" (Le Cendre), "des Martres-de-Veyre", "de La Bourboule", "du
 * Puy-de-Dôme". An article inside the name has priority over the code; a vowel elides where the code is 0; only the code
 * tells that h is mute in Herment and not in Haguenau.
 */
export function ofName({ name: official, liaison }: Named): string {
  const name = usualName(official)
  const article = /^(le|les|la|l['’])(?=\s|(?<=['’]))\s*/iu.exec(name)
  if (article) {
    const rest = name.slice(article[0].length)
    const word = article[1]?.toLowerCase()
    if (word === 'le') return `du ${rest}`
    if (word === 'les') return `des ${rest}`
    return `de ${name}`
  }
  const vowel = /^[aeiouy]/.test(simplifySpelling(name))
  const elided = liaison === 0 && vowel ? 1 : liaison
  return `${LIAISONS[elided] ?? (vowel ? 'd’' : 'de ')}${name}`.replaceAll('’', "'")
}

/** The facts needed to name an area. */
export type AreaFacts =
  | ({ readonly kind: 'commune' } & Named)
  | { readonly kind: 'neighbours'; readonly name: string }
  /** `exact` is true when the centre is that commune, false when it is a point near it. `around` is null far from any commune. */
  | {
      readonly kind: 'radius'
      readonly kilometres: number
      readonly around: Named | null
      readonly exact: boolean
    }
  /** `nature` is the official code (CA, CC, CU, METRO, MET69); `town` is the most populated commune. */
  | { readonly kind: 'epci'; readonly name: string; readonly nature: string; readonly town: Named | null }
  | ({ readonly kind: 'arrondissement' } & Named)
  | ({ readonly kind: 'departement' } & Named)
  | { readonly kind: 'region'; readonly name: string }
  | { readonly kind: 'sector'; readonly name: string }
  /** Names are sorted by population, largest first. */
  | { readonly kind: 'communes'; readonly names: readonly string[] }
  | { readonly kind: 'scheme'; readonly territory: AreaFacts }
  | { readonly kind: 'union'; readonly parts: readonly AreaFacts[] }

/** The word that residents use for each nature of EPCI, for messages. */
const EPCI_WORDS: Record<string, string> = {
  CA: 'agglomération',
  CC: 'secteur',
  CU: 'communauté urbaine',
  METRO: 'métropole',
  MET69: 'métropole',
}

/**
 * Names the area inside the text of a message, in French for the shopkeepers, with its article and the straight apostrophe of
 * an SMS: "agglomération d'Issoire", "secteur d'Ambert", "Issoire et 10 km autour".
 */
export function areaWords(facts: AreaFacts): string {
  switch (facts.kind) {
    case 'commune':
      return `commune ${ofName(facts)}`
    case 'neighbours':
      return `${usualName(facts.name)} et communes voisines`
    case 'radius': {
      const kilometres = `${facts.kilometres.toLocaleString('fr', { maximumFractionDigits: 1 })} km`
      if (facts.around === null) return `rayon de ${kilometres}`
      return facts.exact
        ? `${usualName(facts.around.name)} et ${kilometres} autour`
        : `secteur ${ofName(facts.around)} (${kilometres})`
    }
    case 'epci':
      if (facts.town === null) return facts.name.replace(/^C[AC] |^CU /, '')
      return `${EPCI_WORDS[facts.nature] ?? 'secteur'} ${ofName(facts.town)}`
    case 'arrondissement':
      return `arrondissement ${ofName(facts)}`
    case 'departement':
      return `département ${ofName(facts)}`
    case 'region':
      return `région ${facts.name}`
    case 'sector':
      return /^secteur\b/i.test(facts.name) ? facts.name : `secteur ${facts.name}`
    case 'communes':
      return communesWords(facts.names)
    case 'scheme':
      return areaWords(facts.territory)
    case 'union':
      return unionWords(facts.parts.map(areaWords))
  }
}

/** Names the area for a screen in the reader's language; proper names stay as the data has them. */
export function areaName(facts: AreaFacts, lang: Lang): string {
  switch (facts.kind) {
    case 'commune':
    case 'region':
    case 'sector':
    case 'epci':
      return facts.name
    case 'neighbours':
      return formatMessage(lang, 'area.neighbours', { name: facts.name })
    case 'radius':
      if (facts.around === null) return formatMessage(lang, 'area.radius', { kilometres: facts.kilometres })
      return formatMessage(lang, facts.exact ? 'area.radiusAround' : 'area.radiusNear', {
        kilometres: facts.kilometres,
        name: facts.around.name,
        ofName: ofName(facts.around),
      })
    case 'arrondissement':
      return formatMessage(lang, 'area.arrondissement', { name: facts.name, ofName: ofName(facts) })
    case 'departement':
      return facts.name
    case 'communes':
      return joinNames(facts.names, (more) => formatMessage(lang, 'area.moreCommunes', { count: more }), lang)
    case 'scheme':
      return formatMessage(lang, 'area.scheme', { name: areaName(facts.territory, lang) })
    case 'union':
      return joinNames(
        facts.parts.map((part) => areaName(part, lang)),
        (more) => formatMessage(lang, 'area.moreAreas', { count: more }),
        lang,
      )
  }
}
