import {
  listFormerCommunes,
  listKnownCommunes,
  listTerritoryCommunes,
} from '../../../members/known-communes.ts'
import {
  type CommuneIndex,
  type CommuneMatch,
  communeKey,
  indexCommunes,
  type KnownCommune,
  matchCommune,
  parsePostalCode,
} from '../../../members/rules.ts'
import type { Tx } from '../../../platform/db.ts'
import type { Area } from '../../../territory/contract.ts'
import {
  indexNames,
  LIKENESS,
  type NameIndex,
  nearestNames,
  sameName,
} from '../../../territory/places/nearest.ts'
import { searchName } from '../../../territory/places/spelling.ts'

/** A commune that was merged into one of the territory. */
export interface FormerCommune {
  readonly code: string
  readonly communeCode: string
  /** Null if only its code is known. */
  readonly name: string | null
}

/** The communes that the rows of a list are compared with. */
export interface CommuneFacts extends CommuneIndex {
  /** Absent if each row names its commune exactly: nothing has to be searched then. */
  readonly territory?: TerritoryIndex
}

interface TerritoryIndex {
  /** Readings of names that are not exact, by postal code and name: a list repeats them, and each takes a millisecond. */
  readonly read: Map<string, CommuneReading>
  readonly communes: ReadonlyMap<string, KnownCommune>
  readonly names: NameIndex
  /** Communes by their words without links ("de", "et"), each with how it is written in full. */
  readonly entries: readonly Entry[]
  /** The commune that a former code belongs to now. */
  readonly formerCodes: ReadonlyMap<string, KnownCommune>
}

interface Entry {
  readonly commune: KnownCommune
  /** The former name, if the entry is that of a merged commune. */
  readonly formerName: string | null
  readonly words: readonly string[]
  readonly joined: string
}

/** The codes, names and postal codes that rows of a list contain. */
export interface WantedCommunes {
  readonly codes: readonly string[]
  readonly names: readonly string[]
  readonly postalCodes: readonly string[]
}

/** Reads the communes that rows name; all of the territory if some name or code is not that of a commune in it. */
export async function readCommuneFacts(
  tx: Tx,
  territory: Area,
  wanted: WantedCommunes,
): Promise<CommuneFacts> {
  const known = await listKnownCommunes(tx, territory, wanted)
  const index = indexCommunes(known)
  const isKnown =
    wanted.names.every((name) => index.byName.get(name)?.some((one) => one.inside)) &&
    wanted.codes.every((code) => index.byCode.has(code) || index.byPostalCode.has(code))
  if (isKnown) return index
  const all = await listTerritoryCommunes(tx, territory)
  return { ...index, territory: indexTerritory(all, await listFormerCommunes(tx, territory)) }
}

export function indexTerritory(
  all: readonly KnownCommune[],
  former: readonly FormerCommune[],
): TerritoryIndex {
  const communes = new Map(all.map((commune) => [commune.code, commune]))
  const named = former.flatMap(({ communeCode, name }) => {
    const commune = communes.get(communeCode)
    return commune === undefined || name === null ? [] : [{ commune, formerName: name }]
  })
  const own = all.map((commune) => ({ commune, formerName: null }))
  return {
    read: new Map(),
    communes,
    names: indexNames(
      [...own, ...named].map(({ commune, formerName }) => ({
        code: commune.code,
        name: commune.name,
        formerName,
        population: 0,
        postalCode: commune.postalCodes[0] ?? null,
      })),
    ),
    entries: [...own, ...named].map((one) => {
      const words = wordsOf(one.formerName ?? one.commune.name)
      return { ...one, words, joined: words.join('') }
    }),
    formerCodes: new Map(
      former.flatMap(({ code, communeCode }) => {
        const commune = communes.get(communeCode)
        return commune === undefined ? [] : [[code, commune] as const]
      }),
    ),
  }
}

/** The cell of a commune, in parts: "63500 ISSOIRE", "Chamalières (63400)", "63178", "Issoire - 63". */
export interface CommuneCell {
  readonly name: string
  /** A postal code or an INSEE code: nobody knows which before it is searched. */
  readonly code: string | undefined
}

const CODE = String.raw`(?:F\s?-?\s?)?(\d{2}\s?\d{3}|2[AB]\s?\d{3})`
const CODE_FIRST = new RegExp(String.raw`^${CODE}(?=$|[\s,;:/–-])[\s,;:/–-]*(.*)$`, 'iu')
const CODE_LAST = new RegExp(String.raw`^(.*?)[\s,;:/–-]*\(?\s*${CODE}\s*\)?$`, 'iu')
/** A département or a country after the name: "Issoire (63)", "Issoire, France". */
const BEYOND = /[\s,–-]*(?:\(\s*(?:\d{2,3}|2[AB]|puy[ -]de[ -]d[oô]me)\s*\)|\bfrance|[–-]\s?\d{2})\s*$/iu

/** Parts the cell of a commune into its name and a code. */
export function splitCommuneCell(cell: string): CommuneCell {
  const text = cell.replace(/\s+/g, ' ').trim()
  const bare = text.replace(/\s+cedex\b.*$/i, (end) => (/\d{5}/.test(end) ? end : ''))
  const first = CODE_FIRST.exec(bare)
  if (first !== null) return { code: plainCode(first[1]), name: nameOf(first[2] ?? '') }
  const last = CODE_LAST.exec(bare)
  if (last !== null && last[1] !== '') return { code: plainCode(last[2]), name: nameOf(last[1] ?? '') }
  return { code: undefined, name: nameOf(text) }
}

/** Parts an address that ends with a postal code and a commune: "3 place du Marché, 63500 Issoire". */
export function splitAddress(cell: string): { readonly street: string; readonly commune: string } {
  const found = /^(.*?)[\s,;–-]*\b((?:F-?)?\d{2} ?\d{3}\s+\p{L}.*)$/u.exec(cell)
  return found === null ? { street: cell, commune: '' } : { street: found[1] ?? '', commune: found[2] ?? '' }
}

function plainCode(text: string | undefined): string | undefined {
  return text?.replace(/\s/g, '').toUpperCase()
}

function nameOf(text: string): string {
  return text.replace(BEYOND, '').trim()
}

/** The cells of a row that tell its commune; a cell that the row does not have is empty. */
export interface CommuneCells {
  readonly insee: string
  readonly postalCode: string
  readonly commune: string
}

export type CommuneReading =
  | {
      readonly commune: KnownCommune
      /** Reason for which a person should check the reading; undefined if it is what the row says. */
      readonly remark?: {
        readonly code: 'commune.insee_replaced' | 'commune.former' | 'commune.understood'
        readonly values: Readonly<Record<string, string>>
      }
    }
  | (Refused & {
      /** Communes of the territory, one of which may be meant. */
      readonly proposals: readonly KnownCommune[]
    })

type Refused = Extract<CommuneMatch, { readonly problem: string }>

/**
 * Reads the commune of a row: by its exact name or code; else in the territory by a former name, by the usual abbreviations,
 * by the beginnings of its words, and, where the postal code agrees, by a name with a typing mistake.
 */
export function readCommune(
  facts: CommuneFacts,
  cells: Readonly<Record<keyof CommuneCells, string | undefined>>,
): CommuneReading {
  const { name = '', code } = splitCommuneCell(cells.commune ?? '')
  const reading = readCells(facts, { name, code }, cells)
  return 'commune' in reading ? reading : withCommuneOfCode(facts, reading, code, cells.commune)
}

/** Adds to the proposals the commune whose INSEE code stands before words that do not name it: "63178 Quartier de la gare". */
function withCommuneOfCode(
  { byCode, byPostalCode, territory }: CommuneFacts,
  refused: Extract<CommuneReading, { readonly problem: string }>,
  code: string | undefined,
  cell: string | undefined,
): CommuneReading {
  // A CEDEX and a postal code may be the INSEE code of another commune. Those of a prefecture have a 0 after the département.
  const isCedex = code?.[2] === '0' || /\bcedex\b/i.test(cell ?? '')
  if (code === undefined || isCedex || byPostalCode.has(code)) return refused
  const commune = byCode.get(code) ?? territory?.formerCodes.get(code)
  return commune?.inside === true ? refuse(refused, [commune, ...refused.proposals]) : refused
}

function readCells(
  facts: CommuneFacts,
  { name, code }: CommuneCell,
  cells: Readonly<Record<keyof CommuneCells, string | undefined>>,
): CommuneReading {
  const codes = placeCode(facts, { name, code }, cells)
  const exact = matchCommune(facts, { ...codes, name: name === '' ? undefined : name })
  const { territory } = facts
  if ('commune' in exact) {
    if (exact.instead === undefined) return { commune: exact.commune }
    const current = territory?.formerCodes.get(codes.insee ?? '')
    const values = { name: exact.commune.name, code: exact.commune.code }
    // The former code of the same commune needs no remark of its own.
    return current?.code === exact.commune.code
      ? {
          commune: current,
          remark: { code: 'commune.former', values: { ...values, former: codes.insee ?? '' } },
        }
      : { commune: exact.commune, remark: { code: 'commune.insee_replaced', values } }
  }
  if (territory === undefined) return refuse(exact)
  const current = codes.insee === undefined ? undefined : territory.formerCodes.get(codes.insee)
  if (current !== undefined)
    return {
      commune: current,
      remark: {
        code: 'commune.former',
        values: { name: current.name, code: current.code, former: codes.insee ?? '' },
      },
    }
  if (name === '') return refuse(exact)
  return readCached(territory, name, codes.postalCode, exact)
}

/** Tells which of its two columns a code of the commune's cell stands for. A code of a column of its own takes precedence. */
function placeCode(
  facts: CommuneFacts,
  { name, code }: CommuneCell,
  { insee = '', postalCode = '', commune }: Readonly<Record<keyof CommuneCells, string | undefined>>,
): { insee: string | undefined; postalCode: string | undefined } {
  const own = {
    insee: insee === '' ? undefined : insee,
    postalCode: parsePostalCode(postalCode),
  }
  if (code === undefined) return own
  if (own.postalCode === undefined && facts.byPostalCode.has(code)) return { ...own, postalCode: code }
  // A CEDEX may be the INSEE code of another commune: 63039 CLERMONT FD.
  const isInsee = !/\bcedex\b/i.test(commune ?? '') && isCodeOf(facts, code, name)
  if (own.insee === undefined && isInsee) return { ...own, insee: code }
  return { ...own, postalCode: own.postalCode ?? parsePostalCode(code) }
}

/** Tells whether a code is the INSEE code of the commune that a name stands for, now or before a merger; without a name, of any. */
function isCodeOf(facts: CommuneFacts, code: string, name: string): boolean {
  const { byCode, byName, territory } = facts
  const commune = byCode.get(code) ?? territory?.formerCodes.get(code)
  if (commune === undefined || name === '') return commune !== undefined
  if (byName.get(communeKey(name))?.some((one) => one.code === commune.code)) return true
  if (territory === undefined) return false
  const exact = matchCommune(facts, { name })
  const read = 'commune' in exact ? exact : readCached(territory, name, undefined, exact)
  return 'commune' in read && read.commune.code === commune.code
}

/** Stands for "sur" in a name: "ST-GEORGES/ALLIER", "Pont s/ Allier". */
const BY_RIVER = /\s*(?:\bs(?:ur)?\s*)?\/\s*(?=\p{L})/giu

/** Reads a name as `readName` does, once for all rows that repeat it. */
function readCached(
  territory: TerritoryIndex,
  name: string,
  postalCode: string | undefined,
  exact: Refused,
): CommuneReading {
  const key = `${postalCode ?? ''} ${name}`
  const known = territory.read.get(key)
  if (known !== undefined) return known
  const plain = readName(territory, name, postalCode, exact)
  const river = name.replace(BY_RIVER, ' sur ')
  const isFound = 'commune' in plain || plain.proposals.length > 0
  const reading = isFound || river === name ? plain : readName(territory, river, postalCode, exact)
  territory.read.set(key, reading)
  return reading
}

function readName(
  territory: TerritoryIndex,
  name: string,
  postalCode: string | undefined,
  exact: Refused,
): CommuneReading {
  const isAllowed = (commune: KnownCommune) =>
    postalCode === undefined || isOfDepartement(commune, postalCode)
  // A name of several communes of the territory is a question, whatever it may also abbreviate.
  if (exact.problem === 'commune.ambiguous') return refuse(exact)
  const typed = name.replace(/^(.*\S)\s*\((le|la|les|l['’])\)\s*$/i, '$2 $1')
  const same = sameName(territory.names, communeKey(typed))
  if (same !== undefined) {
    const commune = territory.communes.get(same.place.code)
    if (commune !== undefined && isAllowed(commune)) return withRemark(commune, same.place.formerName)
  }
  for (const find of [sameWords, startingWords]) {
    const all = find(territory, typed).filter(({ commune }) => isAllowed(commune))
    const found = oneOf(all, postalCode)
    if (found === 'several') {
      const communes = all.map(({ commune }) => commune)
      return refuse({ problem: 'commune.ambiguous', candidates: communes.slice(0, PROPOSED) }, communes)
    }
    if (found === undefined) continue
    const isCertain = find === sameWords || found.formerName !== null
    return withRemark(found.commune, found.formerName, !isCertain)
  }
  const near = nearestNames(territory.names, communeKey(typed), PROPOSED).flatMap(({ place, likeness }) => {
    const commune = territory.communes.get(place.code)
    return commune === undefined || !isAllowed(commune)
      ? []
      : [{ commune, likeness, formerName: place.formerName }]
  })
  const misspelt = near.filter(
    ({ commune, likeness }) =>
      likeness <= LIKENESS.typo && postalCode !== undefined && commune.postalCodes.includes(postalCode),
  )
  const [only] = misspelt
  if (only !== undefined && misspelt.length === 1) return withRemark(only.commune, only.formerName, true)
  // A quarter has the name of a commune elsewhere, and the postal code of its own.
  const there =
    exact.problem === 'commune.postal_code' && postalCode !== undefined
      ? [...territory.communes.values()].filter((one) => one.postalCodes.includes(postalCode))
      : []
  return refuse(exact, [...there, ...near.map(({ commune }) => commune)])
}

/** Refuses a row with proposals, those given before those that share its name or postal code. */
function refuse(exact: Refused, near: readonly KnownCommune[] = []): CommuneReading {
  const inside = [...near, ...exact.candidates.filter((one) => one.inside)]
  const proposals = [...new Map(inside.map((one) => [one.code, one])).values()].slice(0, PROPOSED)
  return exact.problem === 'commune.unknown'
    ? { ...exact, candidates: proposals, proposals }
    : { ...exact, proposals }
}

/** Maximum number of communes proposed. */
const PROPOSED = 6

function withRemark(
  commune: KnownCommune,
  formerName: string | null,
  isGuess = false,
): Extract<CommuneReading, { readonly commune: KnownCommune }> {
  const values = { name: commune.name, code: commune.code }
  if (formerName !== null)
    return { commune, remark: { code: 'commune.former', values: { ...values, former: formerName } } }
  return isGuess ? { commune, remark: { code: 'commune.understood', values } } : { commune }
}

/** Tells whether a postal code is one of the département of a commune. */
export function isOfDepartement({ code, departementCode }: KnownCommune, postalCode: string): boolean {
  const prefix = postalCode.slice(0, /^9[78]/.test(postalCode) ? 3 : 2)
  return departementCode.startsWith(prefix) || (prefix === '20' && /^2[AB]/.test(code))
}

/** Returns the one entry that is left, by its postal code if there are several. */
function oneOf(found: readonly Entry[], postalCode: string | undefined): Entry | 'several' | undefined {
  const byCode = [...new Map(found.toReversed().map((one) => [one.commune.code, one])).values()]
  if (byCode.length <= 1) return byCode[0]
  const exact = byCode.filter(
    ({ commune }) => postalCode !== undefined && commune.postalCodes.includes(postalCode),
  )
  return exact.length === 1 ? exact[0] : 'several'
}

/** Words that lists leave out or write in their own way. */
const LINKS = new Set(['le', 'la', 'les', 'l', 'de', 'du', 'des', 'd', 'et', 'en', 'a', 'au', 'aux'])
/** Contractions that are no beginning of their word. */
const CONTRACTIONS: Readonly<Record<string, string>> = {
  cte: 'comte',
  chteau: 'chateau',
  cht: 'chateau',
  chx: 'chateaux',
  mgne: 'montagne',
  mt: 'mont',
  mts: 'monts',
  nd: 'notre dame',
  pt: 'pont',
  s: 'sur',
  ss: 'sous',
  sr: 'sur',
  sx: 'saulx',
  vx: 'vieux',
  vve: 'vieille',
  fd: 'ferrand',
  clt: 'clermont',
  clmt: 'clermont',
  cfd: 'clermont ferrand',
  bg: 'bourg',
  gd: 'grand',
  gde: 'grande',
}

function wordsOf(name: string): string[] {
  return searchName(name)
    .split(' ')
    .flatMap((word) => (CONTRACTIONS[word] ?? word).split(' '))
    .filter((word) => word !== '' && !LINKS.has(word))
}

/** Names with the same words, however they are joined: "Châtelguyon", "Besse St Anastaise". */
function sameWords({ entries }: TerritoryIndex, typed: string): Entry[] {
  const joined = wordsOf(communeKey(typed)).join('')
  return joined === '' ? [] : entries.filter((one) => one.joined === joined)
}

/** Shortest beginning of a name that stands for it. */
const SHORTEST = 4

/** Names whose words begin with those typed, in order: "Cournon d'Auv.", "Cournon", "St Genès Champ". */
function startingWords({ entries }: TerritoryIndex, typed: string): Entry[] {
  const words = wordsOf(communeKey(typed))
  const first = words.find((word) => word !== 'saint') ?? ''
  if (first.length < SHORTEST) return []
  const starting = entries.filter(
    (one) => words.length <= one.words.length && words.every((word, n) => one.words[n]?.startsWith(word)),
  )
  // A name with as many words as the cell is meant rather than a longer one.
  const whole = starting.filter((one) => one.words.length === words.length)
  return whole.length > 0 ? whole : starting
}
