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

/**
 * Reads a typed list of communes: INSEE codes, postal codes, names, on lines or between commas or semicolons. A code may
 * be both an INSEE and a postal code, a name may be that of two communes, a postal code that of many: told, not chosen.
 */
export function readCommunes(text: string, territory: readonly Commune[]): ReadCommunes {
  const byName = Map.groupBy(territory, ({ name }) => searchName(name))
  const found = new Map<string, { code: string; name: string }>()
  const unclear = new Map<string, ReadCommunes['unclear'][number]>()
  const unknown = new Set<string>()
  for (const typed of text.split(/[\n,;\t]+/).map(tidyName)) {
    if (typed === '') continue
    const asCode = typed.toUpperCase().replaceAll(' ', '')
    const matches = /^(\d{2}|2[AB])\d{3}$/.test(asCode)
      ? territory.filter(({ code, postalCodes }) => code === asCode || postalCodes.includes(asCode))
      : (byName.get(searchName(typed)) ?? [])
    const communes = matches.map(({ code, name }) => ({ code, name }))
    const [first] = communes
    if (first === undefined) unknown.add(typed)
    else if (communes.length === 1) found.set(first.code, first)
    else unclear.set(searchName(typed), { typed, communes })
  }
  return { found: [...found.values()], unclear: [...unclear.values()], unknown: [...unknown] }
}
