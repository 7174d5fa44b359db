import type { Problem } from '../../errors.ts'
import { searchName } from '../../territory/rules.ts'
import { MAX_NAME, MAX_SECTORS, type ReadCommunes } from './contract.ts'

interface Commune {
  readonly code: string
  readonly name: string
  readonly postalCodes: readonly string[]
}

/** One line of spaces, as names are kept and compared. */
export function tidyName(name: string): string {
  return name.normalize('NFC').replace(/\s+/g, ' ').trim()
}

/** The communes that are not of the territory, and none at all. */
export function communeProblems(codes: readonly string[], territory: ReadonlySet<string>): Problem[] {
  if (codes.length === 0) return [{ code: 'sector.no_commune', path: 'communeCodes' }]
  return codes.flatMap((code, at): Problem[] =>
    territory.has(code) ? [] : [{ code: 'sector.outside', path: `communeCodes.${at}`, values: { code } }],
  )
}

/**
 * Everything wrong with a sector as it would be; `others` are the names of the other sectors of the scheme. Two names
 * are the same when the search of places takes one for the other.
 */
export function sectorProblems(
  sector: { readonly name: string; readonly communeCodes: readonly string[] },
  known: { readonly others: readonly string[]; readonly territory: ReadonlySet<string> },
): Problem[] {
  const name = tidyName(sector.name)
  const path = 'name'
  const problems: Problem[] = []
  if (searchName(name) === '') problems.push({ code: 'sector.name_empty', path })
  if (name.length > MAX_NAME) problems.push({ code: 'sector.name_long', path, values: { limit: MAX_NAME } })
  if (known.others.some((other) => searchName(other) === searchName(name)))
    problems.push({ code: 'sector.name_taken', path, values: { name } })
  if (known.others.length >= MAX_SECTORS)
    problems.push({ code: 'sector.too_many', values: { limit: MAX_SECTORS } })
  return [...problems, ...communeProblems(sector.communeCodes, known.territory)]
}

/** INSEE or postal codes within what is typed. */
const CODES = /(?<![\p{L}\p{N}])(?:\d{2}|2[AB]) ?\d{3}(?![\p{L}\p{N}])/giu

/** What a cell of a list says of a commune: codes that it answers to, its name as it is searched for, or both. */
interface Said {
  readonly typed: string
  readonly codes: readonly string[]
  readonly name: string
}

function readCell(cell: string): Said {
  const codes = (cell.match(CODES) ?? []).map((code) => code.toUpperCase().replace(' ', ''))
  return { typed: tidyName(cell), codes, name: searchName(cell.replace(CODES, ' ')) }
}

/**
 * Reads a typed or pasted list of communes: INSEE codes, postal codes, names, or a code and a name together (« 63500
 * Issoire », « Issoire (63500) », or in columns side by side), on lines or between commas, semicolons or tabs. A code may be
 * both an INSEE and a postal code, a name may be that of two communes, a postal code that of many: told, not chosen. A code
 * and a name that are not of one commune are unknown.
 */
export function readCommunes(text: string, territory: readonly Commune[]): ReadCommunes {
  const byName = Map.groupBy(territory, ({ name }) => searchName(name))
  const byCode = Map.groupBy(
    territory.flatMap((commune) =>
      [...new Set([commune.code, ...commune.postalCodes])].map((code) => ({ code, commune })),
    ),
    ({ code }) => code,
  )
  const answersTo = ({ code, postalCodes }: Commune, codes: readonly string[]) =>
    codes.every((one) => code === one || postalCodes.includes(one))
  const communesOf = ({ codes, name }: Said): readonly Commune[] => {
    const [first = ''] = codes
    const likely =
      name === '' ? (byCode.get(first) ?? []).map(({ commune }) => commune) : (byName.get(name) ?? [])
    return likely.filter((commune) => answersTo(commune, codes))
  }
  /** Two columns about one commune. */
  const together = (a: Said, b: Said): Said | undefined => {
    if ((a.name === '') === (b.name === '') || a.codes.length + b.codes.length === 0) return undefined
    const both = {
      typed: `${a.typed} ${b.typed}`,
      codes: [...a.codes, ...b.codes],
      name: a.name || b.name,
    }
    return communesOf(both).length > 0 ? both : undefined
  }
  const found = new Map<string, { code: string; name: string }>()
  const unclear = new Map<string, ReadCommunes['unclear'][number]>()
  const unknown = new Set<string>()
  for (const line of text.split(/[\n\r,]+/)) {
    const said: Said[] = []
    for (const cell of line
      .split(/[;\t]+/)
      .filter((one) => one.trim() !== '')
      .map(readCell)) {
      const last = said.at(-1)
      const both = last && together(last, cell)
      if (both) said[said.length - 1] = both
      else said.push(cell)
    }
    for (const one of said) {
      const communes = communesOf(one).map(({ code, name }) => ({ code, name }))
      const [first] = communes
      if (first === undefined) unknown.add(one.typed)
      else if (communes.length === 1) found.set(first.code, first)
      else unclear.set(searchName(one.typed), { typed: one.typed, communes })
    }
  }
  return { found: [...found.values()], unclear: [...unclear.values()], unknown: [...unknown] }
}
