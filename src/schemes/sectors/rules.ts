import type { Problem } from '../../errors.ts'
import { searchName } from '../../territory/places/spelling.ts'
import { MAX_NAME, MAX_SECTORS, type ReadCommunes } from './contract.ts'

interface Commune {
  readonly code: string
  readonly name: string
  readonly postalCodes: readonly string[]
}

/** Normalises a name to single spaces, as names are stored and compared. */
export function normalizeName(name: string): string {
  return name.normalize('NFC').replace(/\s+/g, ' ').trim()
}

/** Returns a problem for each commune outside the territory, or for an empty list. */
export function communeProblems(codes: readonly string[], territory: ReadonlySet<string>): Problem[] {
  if (codes.length === 0) return [{ code: 'sector.no_commune', path: 'communeCodes' }]
  return codes.flatMap((code, at): Problem[] =>
    territory.has(code) ? [] : [{ code: 'sector.outside', path: `communeCodes.${at}`, values: { code } }],
  )
}

/**
 * Returns every problem of a sector to be saved; `others` are the names of the scheme's other sectors. Names count as equal
 * when the search of places treats them as equal.
 */
export function sectorProblems(
  sector: { readonly name: string; readonly communeCodes: readonly string[] },
  known: { readonly others: readonly string[]; readonly territory: ReadonlySet<string> },
): Problem[] {
  const name = normalizeName(sector.name)
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

/** Matches INSEE or postal codes inside typed text. */
const CODES = /(?<![\p{L}\p{N}])(?:\d{2}|2[AB]) ?\d{3}(?![\p{L}\p{N}])/giu

/** The content of a cell in a typed list: the codes of a commune, its name in the form of the search, or both. */
interface Cell {
  readonly typed: string
  readonly codes: readonly string[]
  readonly name: string
}

function readCell(cell: string): Cell {
  const codes = (cell.match(CODES) ?? []).map((code) => code.toUpperCase().replace(' ', ''))
  return { typed: normalizeName(cell), codes, name: searchName(cell.replace(CODES, ' ')) }
}

/**
 * Reads a typed or pasted list of communes: INSEE codes, postal codes, names, or a code together with a name (« 63500 Issoire
 * », « Issoire (63500) », or in adjacent columns), on lines or separated by commas, semicolons or tabs. A code may be both an
 * INSEE and a postal code, two communes may have the same name, and a postal code may be shared by many: such entries are
 * returned as unclear. A code and a name of different communes are unknown.
 */
export function readCommunes(text: string, territory: readonly Commune[]): ReadCommunes {
  const byName = Map.groupBy(territory, ({ name }) => searchName(name))
  const byCode = Map.groupBy(
    territory.flatMap((commune) =>
      [...new Set([commune.code, ...commune.postalCodes])].map((code) => ({ code, commune })),
    ),
    ({ code }) => code,
  )
  const hasCodes = ({ code, postalCodes }: Commune, codes: readonly string[]) =>
    codes.every((one) => code === one || postalCodes.includes(one))
  const communesOf = ({ codes, name }: Cell): readonly Commune[] => {
    const [first = ''] = codes
    const likely =
      name === '' ? (byCode.get(first) ?? []).map(({ commune }) => commune) : (byName.get(name) ?? [])
    return likely.filter((commune) => hasCodes(commune, codes))
  }
  /** Merges two columns about the same commune. */
  const mergeCells = (a: Cell, b: Cell): Cell | undefined => {
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
    const cells: Cell[] = []
    for (const cell of line
      .split(/[;\t]+/)
      .filter((one) => one.trim() !== '')
      .map(readCell)) {
      const last = cells.at(-1)
      const both = last && mergeCells(last, cell)
      if (both) cells[cells.length - 1] = both
      else cells.push(cell)
    }
    for (const one of cells) {
      const communes = communesOf(one).map(({ code, name }) => ({ code, name }))
      const [first] = communes
      if (first === undefined) unknown.add(one.typed)
      else if (communes.length === 1) found.set(first.code, first)
      else unclear.set(searchName(one.typed), { typed: one.typed, communes })
    }
  }
  return { found: [...found.values()], unclear: [...unclear.values()], unknown: [...unknown] }
}
