import { type RawBuilder, sql } from 'kysely'
import { AppError } from '../../errors.ts'
import type { Tx } from '../../platform/db.ts'
import { type Area, MAX_PLACES, type Place, type PlaceName } from '../contract.ts'
import { indexNames, nearestNames } from '../places/nearest.ts'
import { parsePlaceQuery } from '../places/rules.ts'
import { searchName } from '../places/spelling.ts'
import { type AreaContext, communeCodesOf } from './areas.ts'

interface PlaceRow {
  readonly code: string
  readonly name: string
  readonly postalCodes: string[]
  readonly departementCode: string
  readonly population: number
  readonly latitude: number | null
  readonly longitude: number | null
  readonly epciCode: string | null
  readonly epciName: string | null
  readonly epciKind: string | null
  readonly arrondissementCode: string | null
  readonly arrondissementName: string | null
  readonly formerName?: string | null
}

const PLACE_COLUMNS = sql`
  c.code, c.name, c.postal_codes, c.departement_code, c.population, c.latitude, c.longitude,
  e.code as epci_code, e.name as epci_name, e.kind as epci_kind,
  a.code as arrondissement_code, a.name as arrondissement_name`
const PLACE_JOINS = sql`
  left join epcis e on e.code = c.epci_code left join arrondissements a on a.code = c.arrondissement_code`

function toPlace(row: PlaceRow): Place {
  return {
    code: row.code,
    name: row.name,
    formerName: row.formerName ?? null,
    postalCodes: row.postalCodes,
    departementCode: row.departementCode,
    population: row.population,
    epci:
      row.epciCode === null
        ? null
        : { code: row.epciCode, name: row.epciName ?? '', kind: row.epciKind ?? '' },
    arrondissement:
      row.arrondissementCode === null
        ? null
        : { code: row.arrondissementCode, name: row.arrondissementName ?? '' },
    point:
      row.latitude === null || row.longitude === null
        ? null
        : { latitude: row.latitude, longitude: row.longitude },
  }
}

/** @throws AppError `unknown_commune` */
export async function getPlace(tx: Tx, code: string): Promise<Place> {
  const { rows } = await sql<PlaceRow>`
    select ${PLACE_COLUMNS} from communes c ${PLACE_JOINS} where c.code = ${code}`.execute(tx)
  if (!rows[0]) throw new AppError('unknown_commune', { values: { code } })
  return toPlace(rows[0])
}

/**
 * Returns the official spelling of a former commune of a commune from its typed name, or undefined if there is none of that
 * name.
 */
export async function findFormerName(
  tx: Tx,
  communeCode: string,
  typed: string,
): Promise<string | undefined> {
  const row = await tx
    .selectFrom('formerCommunes')
    .select('name')
    .where('communeCode', '=', communeCode)
    .where('searchName', '=', searchName(typed))
    .executeTakeFirst()
  return row?.name ?? undefined
}

/**
 * Searches communes by name, postal code or INSEE code, best match first: the exact name, then names with this prefix, then
 * words with this prefix, then a match inside a name, then (only when nothing else matches) the nearest names; among equals,
 * the more populated first. With `within`, only communes of that area.
 */
export async function findPlaces(
  tx: Tx,
  text: string,
  options: { within?: { area: Area; context: AreaContext }; limit?: number } = {},
): Promise<Place[]> {
  const query = parsePlaceQuery(text)
  if (query.codes.length === 0 && query.names.length === 0) return []
  const limit = Math.min(Math.max(options.limit ?? 10, 1), MAX_PLACES)
  const within = options.within && communeCodesOf(options.within.area, options.within.context)
  const territory = within ? sql`c.code in (${within})` : sql`true`
  const ranks = query.names.map(nameRank)
  const rank = ranks.length === 0 ? codeRank(query.codes) : sql`least(${sql.join(ranks)})`
  const codes = query.codes.map((code) => sql`and ${codeStarts(code)}`)

  // A commune is found by its name and by those of communes merged into it, but listed once, under the best match.
  const names =
    query.names.length === 0
      ? sql`select code, search_name, postal_codes, population, null::text as former_name from communes`
      : sql`select code, search_name, postal_codes, population, null::text as former_name from communes
          union all
          select k.code, f.search_name, k.postal_codes, 0, f.name
          from former_communes f join communes k on k.code = f.commune_code where f.name is not null`
  const search = async (candidates: RawBuilder<unknown>): Promise<Place[]> => {
    const { rows } = await sql<PlaceRow>`
      select ${PLACE_COLUMNS}, best.former_name
      from (
        select * from (
          select distinct on (c.code) c.code as found, ${rank} as rank, c.population as weight, c.search_name as label,
            c.former_name
          from (${names}) c
          where ${territory} ${sql.join(codes, sql` `)} and ${candidates}
          order by c.code, rank, c.former_name nulls first
        ) each where rank is not null
        order by rank, weight desc, label limit ${limit}
      ) best join communes c on c.code = best.found ${PLACE_JOINS}
      order by best.rank, best.weight desc, best.label`.execute(tx)
    return rows.map(toPlace)
  }

  // France has 35,000 names: those with this prefix come from an index, and suffice when they fill the limit.
  if (!within && query.names.length > 0) {
    const first = await search(
      sql`(${sql.join(
        query.names.map((name) => sql`c.search_name like ${`${name}%`}`),
        sql` or `,
      )})`,
    )
    if (first.length === limit) return first
  }
  const found = await search(sql`${rank} is not null`)
  if (found.length > 0 || query.names.length === 0) return found
  return findNearest(tx, query.names[0] ?? '', sql`${territory} ${sql.join(codes, sql` `)}`, limit)
}

function nameRank(name: string): RawBuilder<number> {
  const everyWord = name.split(' ').map((word) => sql`' ' || c.search_name like ${`% ${word}%`}`)
  const joined = name.replaceAll(' ', '')
  return sql`case
    when c.search_name = ${name} then 0
    when c.search_name like ${`${name}%`} then 1
    when ' ' || c.search_name like ${`% ${name}%`} then 2
    when ${sql.join(everyWord, sql` and `)} then 3
    ${joined.length < 3 ? sql`` : sql`when replace(c.search_name, ' ', '') like ${`%${joined}%`} then 4`}
  end`
}

/** Postal codes are compared as text, {63500,63501}, which is faster than one by one. */
function codeStarts(code: string): RawBuilder<boolean> {
  return sql`(c.code like ${`${code}%`}
    or c.postal_codes::text like ${`{${code}%`} or c.postal_codes::text like ${`%,${code}%`})`
}

function codeRank(codes: readonly string[]): RawBuilder<number> {
  const exact = codes.map((code) => sql`(c.code = ${code} or ${code} = any (c.postal_codes))`)
  return sql`case when ${sql.join(exact, sql` and `)} then 0 else 1 end`
}

/**
 * Searches the names nearest to a typed one, when no name contains it: another spelling, an abbreviation, a typing mistake.
 * The names of a territory are few enough to be compared by the program.
 */
async function findNearest(
  tx: Tx,
  typed: string,
  where: RawBuilder<unknown>,
  limit: number,
): Promise<Place[]> {
  const names = await readNames(tx, where)
  const found = nearestNames(indexNames(names), typed, limit).map(({ place }) => place)
  if (found.length === 0) return []
  const { rows: places } = await sql<PlaceRow>`
    select ${PLACE_COLUMNS}, wanted.former_name
    from unnest(${found.map(({ code }) => code)}::text[], ${found.map(({ formerName }) => formerName)}::text[])
      with ordinality as wanted (code, former_name, no)
    join communes c on c.code = wanted.code ${PLACE_JOINS} order by wanted.no`.execute(tx)
  return places.map(toPlace)
}

/** Lists the names of communes and of those merged into them; with an area, of its communes only. */
export function selectNames(
  tx: Tx,
  within: { readonly area: Area; readonly context: AreaContext },
): Promise<PlaceName[]> {
  return readNames(tx, sql`c.code in (${communeCodesOf(within.area, within.context)})`)
}

async function readNames(tx: Tx, where: RawBuilder<unknown>): Promise<PlaceName[]> {
  const { rows } = await sql<PlaceName>`
    select c.code, c.name, null::text as former_name, c.population, c.postal_codes[1] as postal_code
    from communes c where ${where}
    union all
    select c.code, c.name, f.name, c.population, c.postal_codes[1]
    from former_communes f join communes c on c.code = f.commune_code where f.name is not null and ${where}`.execute(
    tx,
  )
  return rows
}
