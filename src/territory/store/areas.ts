import { type RawBuilder, sql } from 'kysely'
import { AppError, type Problem } from '../../errors.ts'
import { PREPARED } from '../../platform/database/client.ts'
import type { Tx } from '../../platform/db.ts'
import type { Area, Point, SimpleArea } from '../contract.ts'
import { EARTH_RADIUS_KM, KM_PER_DEGREE } from '../distance.ts'
import type { AreaFacts, Named } from '../places/rules.ts'
import { timeZoneOfCode } from '../reference/time-zones.ts'

export interface CommuneRef {
  readonly code: string
  readonly name: string
}

/** The scheme in which an area is resolved, for areas of kind `scheme` and `sector`. */
export interface AreaContext {
  readonly schemeId: string
  readonly territory: Area
}

/**
 * Reads the territory of a scheme. The tables `schemes` and `sectors` belong to the room `schemes`; areas cannot be resolved
 * without them, so this store reads both and writes neither.
 * @throws AppError `unknown_scheme`
 */
export async function getAreaContext(tx: Tx, schemeId: string): Promise<AreaContext> {
  const scheme = await tx
    .selectFrom('schemes')
    .select('territory')
    .where('id', '=', schemeId)
    .executeTakeFirst()
  if (!scheme) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
  return { schemeId, territory: scheme.territory }
}

/** Number of nearest communes that count as neighbours where contours are missing. */
const NEAREST = 8
const NEAREST_KM = 15

/**
 * Returns the communes of an area as a subquery of codes, which may repeat: `commune_code in (${communeCodesOf(…)})`. Codes
 * that do not exist yield nothing: call `checkArea` first to refuse them.
 *
 * An area by name contains all its communes, with or without a known point. A radius contains the communes whose point is
 * inside, and its own centre. Neighbours are the communes whose contours touch; where one of two communes has no contour, the
 * other is its neighbour if it is among its 8 nearest by point and within 15 km.
 */
export function communeCodesOf(area: Area, context: AreaContext): RawBuilder<string> {
  switch (area.kind) {
    case 'commune':
      return sql`select ${area.code}::text`
    case 'communes':
      return sql`select unnest(${area.codes}::text[])`
    case 'epci':
      return sql`select code from communes where epci_code = ${area.code}`
    case 'arrondissement':
      return sql`select code from communes where arrondissement_code = ${area.code}`
    case 'departement':
      return sql`select code from communes where departement_code = ${area.code}`
    case 'region':
      return sql`select code from communes where region_code = ${area.code}`
    case 'sector':
      return sql`select unnest(commune_codes) from sectors where scheme_id = ${context.schemeId} and id = ${area.id}::uuid`
    case 'scheme':
      return communeCodesOf(context.territory, { ...context, territory: EMPTY_TERRITORY })
    case 'union':
      return sql`${sql.join(
        area.areas.map((part) => sql`(${communeCodesOf(part, context)})`),
        sql` union all `,
      )}`
    case 'radius':
      return radiusCodes(area.centre, area.kilometres)
    case 'neighbours':
      return sql`
        select ${area.code}::text
        union all select unnest(neighbour_codes) from communes where code = ${area.code}
        union all select near.code
        from communes own cross join lateral (
          select c.code, c.neighbour_codes is not null as drawn from communes c
          where c.code <> own.code and ${withinKm(centreSql({ commune: area.code }), pointOfTable('c'), NEAREST_KM)}
          order by ${distanceSql(pointOfTable('own'), pointOfTable('c'))}, c.code limit ${NEAREST}
        ) near
        where own.code = ${area.code} and not (own.neighbour_codes is not null and near.drawn)`
  }
}

/** The territory of a scheme while its own territory is resolved, so that a territory that refers to itself is empty. */
const EMPTY_TERRITORY: Area = { kind: 'communes', codes: [] }

type Centre = Extract<SimpleArea, { kind: 'radius' }>['centre']

/** The SQL expressions of a point. */
interface PointSql {
  readonly latitude: RawBuilder<number>
  readonly longitude: RawBuilder<number>
}

function pointOfTable(table: string): PointSql {
  return { latitude: sql.ref(`${table}.latitude`), longitude: sql.ref(`${table}.longitude`) }
}

/** Returns the centre as values known to the planner before it searches rows; a join would keep it from using the index. */
function centreSql(centre: Centre): PointSql {
  if (!('commune' in centre)) {
    return { latitude: sql`${centre.latitude}::float8`, longitude: sql`${centre.longitude}::float8` }
  }
  return {
    latitude: sql`(select latitude from communes where code = ${centre.commune})`,
    longitude: sql`(select longitude from communes where code = ${centre.commune})`,
  }
}

function radiusCodes(centre: Centre, kilometres: number): RawBuilder<string> {
  const within = sql<string>`
    select c.code from communes c where ${withinKm(centreSql(centre), pointOfTable('c'), kilometres)}`
  return 'commune' in centre ? sql`select ${centre.commune}::text union all ${within}` : within
}

/** Returns the great-circle distance in kilometres between two points; the same as `distanceKm` of rules.ts. */
function distanceSql(from: PointSql, to: PointSql): RawBuilder<number> {
  return sql`(2 * ${EARTH_RADIUS_KM}::float8 * asin(least(1, sqrt(
    sin(radians(${to.latitude} - ${from.latitude}) / 2) ^ 2
    + cos(radians(${from.latitude})) * cos(radians(${to.latitude}))
      * sin(radians(${to.longitude} - ${from.longitude}) / 2) ^ 2))))`
}

/** Is never true for an unknown point. The square around the circle comes first, because an index can find it. */
function withinKm(from: PointSql, to: PointSql, kilometres: number): RawBuilder<boolean> {
  // Slightly wider, so that rounding never excludes a place exactly on the circle.
  const degrees = sql`${(kilometres / KM_PER_DEGREE) * 1.001}::float8`
  const wide = sql`${degrees} / greatest(cos(radians(${from.latitude})), 0.01)`
  return sql`(${to.latitude} between ${from.latitude} - ${degrees} and ${from.latitude} + ${degrees}
    and ${to.longitude} between ${from.longitude} - ${wide} and ${from.longitude} + ${wide}
    and ${distanceSql(from, to)} <= ${kilometres}::float8)`
}

/** A circle of an area, for rows that have a point of their own. */
export interface Circle {
  readonly centre: Centre
  readonly kilometres: number
}

/** Returns the circles inside an area (one for a radius, several in a union), those of the scheme's territory included. */
export function circlesOf(area: Area, context: AreaContext): Circle[] {
  if (area.kind === 'radius') return [{ centre: area.centre, kilometres: area.kilometres }]
  if (area.kind === 'union') return area.areas.flatMap((part) => circlesOf(part, context))
  if (area.kind === 'scheme') return circlesOf(context.territory, { ...context, territory: EMPTY_TERRITORY })
  return []
}

/** Returns the area without its circles, or null when nothing is left. */
export function withoutCircles(area: Area, context: AreaContext): Area | null {
  if (area.kind === 'radius') return null
  if (area.kind === 'scheme')
    return withoutCircles(context.territory, { ...context, territory: EMPTY_TERRITORY })
  if (area.kind !== 'union') return area
  const areas = area.areas.flatMap((part): SimpleArea[] => {
    const rest = withoutCircles(part, context)
    if (rest === null) return []
    return rest.kind === 'union' ? rest.areas : [rest]
  })
  return areas.length === 0 ? null : { kind: 'union', areas }
}

/**
 * Tests whether the point of a row is inside a circle: `insideCircle(circle, 'm')` for a table `members as m` with latitude
 * and longitude. Is never true for a row or a centre without a point.
 */
export function insideCircle({ centre, kilometres }: Circle, table: string): RawBuilder<boolean> {
  return withinKm(centreSql(centre), pointOfTable(table), kilometres)
}

/**
 * Returns communes without a point that may lie inside the circles of an area: those that share a postal code with a commune
 * inside. They are not part of the area; the interface lists them as possibly missing.
 */
function unplacedCodesOf(area: Area, context: AreaContext): RawBuilder<string> | undefined {
  const circles = circlesOf(area, context)
  if (circles.length === 0) return undefined
  const inside = sql.join(
    circles.map((circle) => sql`(${radiusCodes(circle.centre, circle.kilometres)})`),
    sql` union all `,
  )
  return sql`
    with inside as materialized (
      select departement_code, postal_codes from communes where code in (${inside})
    )
    select u.code from communes u
    where u.latitude is null
      and u.departement_code in (select departement_code from inside)
      and u.postal_codes && (select array_agg(p) from inside cross join unnest(postal_codes) p)
      and u.code not in (${communeCodesOf(area, context)})`
}

/** A name to which the area refers. */
interface Reference {
  readonly kind: 'commune' | 'centre' | 'epci' | 'arrondissement' | 'departement' | 'region' | 'sector'
  readonly code: string
  readonly path: string
}

function listReferences(area: Area, path: string): Reference[] {
  switch (area.kind) {
    case 'scheme':
      return []
    case 'union':
      return area.areas.flatMap((part, index) => listReferences(part, `${path}.areas.${index}`))
    case 'communes':
      return area.codes.map((code, index) => ({ kind: 'commune', code, path: `${path}.codes.${index}` }))
    case 'commune':
    case 'neighbours':
      return [{ kind: 'commune', code: area.code, path: `${path}.code` }]
    case 'radius':
      if (!('commune' in area.centre)) return []
      return [{ kind: 'centre', code: area.centre.commune, path: `${path}.centre.commune` }]
    case 'sector':
      return [{ kind: 'sector', code: area.id, path: `${path}.id` }]
    default:
      return [{ kind: area.kind, code: area.code, path: `${path}.code` }]
  }
}

/** A name in an area that does not exist, or a centre without a known point; `no` is its position among all names of the area. */
export interface UnknownName {
  readonly no: number
  readonly centreName: string | null
}

/** Returns a SELECT of `UnknownName` for the names of an area that do not exist, to run alone or within another statement. */
export function unknownNamesOf(context: AreaContext, area: Area): RawBuilder<unknown> {
  const references = listReferences(area, 'area')
  const named = (table: string) => sql`select true from ${sql.table(table)} where code = r.code`
  const lookupOf: Record<Reference['kind'], RawBuilder<unknown>> = {
    commune: named('communes'),
    centre: sql`select latitude is not null from communes where code = r.code`,
    epci: named('epcis'),
    arrondissement: named('arrondissements'),
    departement: named('departements'),
    region: named('regions'),
    sector: sql`select true from sectors where scheme_id = ${context.schemeId} and id::text = lower(r.code)`,
  }
  // Lists only the kinds that occur, and a single name as one row. With all kinds and an unknown number of names, the
  // planner would estimate a generic plan as too expensive and never keep it.
  const kinds = [...new Set(references.map(({ kind }) => kind))].sort()
  const lookups = kinds.map((kind) => sql`when ${sql.lit(kind)} then (${lookupOf[kind]})`)
  const [first] = references
  const rows =
    references.length === 1
      ? sql`(values (${first?.kind}::text, ${first?.code}::text, 1))`
      : sql`unnest(${references.map((r) => r.kind)}::text[], ${references.map((r) => r.code)}::text[]) with ordinality`
  const centreName = kinds.includes('centre')
    ? sql`(select name from communes where r.kind = 'centre' and code = r.code)`
    : sql`null::text`
  return sql`
    select r.no::integer as no, ${centreName} as "centreName"
    from ${rows} as r (kind, code, no)
    -- A lookup for each row: with "exists", a generic plan would read all communes first.
    where ${lookups.length === 0 ? sql`false` : sql`case r.kind ${sql.join(lookups, sql` `)} end is not true`}
    order by r.no`
}

/** Returns the problems of an area from its unknown names. */
export function problemsOfArea(area: Area, unknown: readonly UnknownName[], path = 'area'): Problem[] {
  const references = listReferences(area, path)
  return unknown.flatMap(({ no, centreName }): Problem[] => {
    const reference = references[no - 1]
    if (!reference) return []
    const { kind, code } = reference
    if (centreName !== null)
      return [{ code: 'area.centreWithoutPoint', path: reference.path, values: { name: centreName } }]
    const isCommune = kind === 'commune' || kind === 'centre'
    return [{ code: isCommune ? 'unknown_commune' : 'unknown_area', path: reference.path, values: { code } }]
  })
}

/**
 * Refuses an area with unknown names, and reports all problems at once.
 * @throws AppError `unknown_commune` when only communes are unknown, `unknown_area` when anything else is, `invalid_input`
 * when the centre of a radius exists but has no known point
 */
export async function checkArea(tx: Tx, context: AreaContext, area: Area, path = 'area'): Promise<void> {
  if (listReferences(area, path).length === 0) return
  const { rows } = await sql<UnknownName>`${PREPARED} ${unknownNamesOf(context, area)}`.execute(tx)
  const problems = problemsOfArea(area, rows, path)
  const first = problems.find((problem) => problem.code === 'unknown_area') ?? problems[0]
  if (!first) return
  const code =
    first.code === 'unknown_area' || first.code === 'unknown_commune' ? first.code : 'invalid_input'
  throw new AppError(code, { ...(first.values ? { values: first.values } : {}), problems })
}

/** The communes of a resolved area. */
export interface ResolvedArea {
  /** Sorted by code. */
  readonly communes: readonly CommuneRef[]
  /** The `communes` without a known point, which belong to the area by name. */
  readonly withoutPoint: readonly CommuneRef[]
  /** Communes without a known point that may lie inside a circle of the area; they are not in `communes`. */
  readonly unplaced: readonly CommuneRef[]
}

/** @throws AppError like `checkArea` */
export async function resolveArea(tx: Tx, context: AreaContext, area: Area): Promise<ResolvedArea> {
  await checkArea(tx, context, area)
  const unplaced = unplacedCodesOf(area, context)
  const { rows } = await sql<CommuneRef & { state: 'placed' | 'withoutPoint' | 'unplaced' }>`
    select code, name, case when latitude is null then 'withoutPoint' else 'placed' end as state
    from communes where code in (${communeCodesOf(area, context)})
    ${unplaced ? sql`union all select code, name, 'unplaced' from communes where code in (${unplaced})` : sql``}
    order by code`.execute(tx)
  const pickRefs = (wanted: (state: string) => boolean) =>
    rows.filter((row) => wanted(row.state)).map(({ code, name }) => ({ code, name }))
  return {
    communes: pickRefs((state) => state !== 'unplaced'),
    withoutPoint: pickRefs((state) => state === 'withoutPoint'),
    unplaced: pickRefs((state) => state === 'unplaced'),
  }
}

/** Returns for each pair of areas the number of communes in both, without those of a third area if one is given. */
export async function countShared(
  tx: Tx,
  context: AreaContext,
  pairs: readonly (readonly [Area, Area])[],
  without?: Area,
): Promise<number[]> {
  const left = without && sql`and code not in (${communeCodesOf(without, context)})`
  if (pairs.length === 0) return []
  const counts = pairs.map(
    ([one, other], no) => sql`select ${no}::integer as no, count(*)::int as communes from communes
      where code in (${communeCodesOf(one, context)}) and code in (${communeCodesOf(other, context)}) ${left ?? sql``}`,
  )
  const { rows } = await sql<{ no: number; communes: number }>`
    ${sql.join(counts, sql` union all `)} order by no`.execute(tx)
  return rows.map(({ communes }) => communes)
}

/** Returns for each area its number of communes, and those without a point (inside by name, or possibly inside a circle). */
export async function countAreas(
  tx: Tx,
  context: AreaContext,
  areas: readonly Area[],
): Promise<{ communes: number; withoutPoint: CommuneRef[] }[]> {
  if (areas.length === 0) return []
  const parts = areas.map((area, no) => {
    const unplaced = unplacedCodesOf(area, context)
    const inside = sql`select ${no}::integer as no, c.code, c.name, c.latitude is null as unknown, true as inside
      from communes c where c.code in (${communeCodesOf(area, context)})`
    if (!unplaced) return inside
    return sql`${inside} union all select ${no}::integer, c.code, c.name, true, false
      from communes c where c.code in (${unplaced})`
  })
  const { rows } = await sql<{ no: number; communes: number; withoutPoint: CommuneRef[] | null }>`
    select no, count(*) filter (where inside)::integer as communes,
      jsonb_agg(jsonb_build_object('code', code, 'name', name) order by code) filter (where unknown) as without_point
    from (${sql.join(parts, sql` union all `)}) as each_area
    group by no`.execute(tx)
  const byNo = new Map(rows.map((row) => [row.no, row]))
  return areas.map((_, no) => {
    const row = byNo.get(no)
    return { communes: row?.communes ?? 0, withoutPoint: row?.withoutPoint ?? [] }
  })
}

/** Lists the named sectors of the scheme that contain the commune. */
export async function listSectorsWith(
  tx: Tx,
  schemeId: string,
  communeCode: string,
): Promise<{ id: string; name: string }[]> {
  return tx
    .selectFrom('sectors')
    .select(['id', 'name'])
    .where('schemeId', '=', schemeId)
    .where('removedAt', 'is', null)
    .where(sql<boolean>`${communeCode} = any (commune_codes)`)
    .orderBy('name')
    .execute()
}

async function describeEpci(tx: Tx, code: string): Promise<AreaFacts> {
  const epci = await tx
    .selectFrom('epcis')
    .select(['name', 'kind'])
    .where('code', '=', code)
    .executeTakeFirst()
  const town = await tx
    .selectFrom('communes')
    .select(['name', 'liaison'])
    .where('epciCode', '=', code)
    .orderBy('population', 'desc')
    .orderBy('code')
    .limit(1)
    .executeTakeFirst()
  return { kind: 'epci', name: epci?.name ?? code, nature: epci?.kind ?? '', town: town ?? null }
}

async function getDivisionName(tx: Tx, table: 'arrondissements' | 'departements', code: string) {
  const row = await tx
    .selectFrom(table)
    .select(['name', 'liaison'])
    .where('code', '=', code)
    .executeTakeFirst()
  return row ?? { name: code, liaison: 0 }
}

/** Lists the names of communes, the most populated first. */
async function listCommuneNames(tx: Tx, codes: readonly string[]): Promise<string[]> {
  if (codes.length === 0) return []
  const rows = await tx
    .selectFrom('communes')
    .select('name')
    .where(sql<boolean>`code = any (${codes}::text[])`)
    .orderBy('population', 'desc')
    .orderBy('code')
    .execute()
  return rows.map(({ name }) => name)
}

/** Reads the facts that name an area. Call `checkArea` first: an unknown name is replaced by its code. */
export async function describeArea(tx: Tx, context: AreaContext, area: Area): Promise<AreaFacts> {
  switch (area.kind) {
    case 'commune':
      return { kind: 'commune', ...(await getCommuneName(tx, area.code)) }
    case 'neighbours':
      return { kind: 'neighbours', name: (await getCommuneName(tx, area.code)).name }
    case 'radius': {
      const { kilometres, centre } = area
      return 'commune' in centre
        ? { kind: 'radius', kilometres, around: await getCommuneName(tx, centre.commune), exact: true }
        : { kind: 'radius', kilometres, around: await findNearestCommune(tx, centre), exact: false }
    }
    case 'epci':
      return describeEpci(tx, area.code)
    case 'arrondissement':
      return { kind: 'arrondissement', ...(await getDivisionName(tx, 'arrondissements', area.code)) }
    case 'departement':
      return { kind: 'departement', ...(await getDivisionName(tx, 'departements', area.code)) }
    case 'region': {
      const row = await tx
        .selectFrom('regions')
        .select('name')
        .where('code', '=', area.code)
        .executeTakeFirst()
      return { kind: 'region', name: row?.name ?? area.code }
    }
    case 'sector': {
      const row = await tx
        .selectFrom('sectors')
        .select('name')
        .where('schemeId', '=', context.schemeId)
        .where('id', '=', area.id)
        .executeTakeFirst()
      return { kind: 'sector', name: row?.name ?? area.id }
    }
    case 'communes':
      return { kind: 'communes', names: await listCommuneNames(tx, area.codes) }
    case 'scheme':
      return {
        kind: 'scheme',
        territory: await describeArea(tx, { ...context, territory: EMPTY_TERRITORY }, context.territory),
      }
    case 'union': {
      const parts: AreaFacts[] = []
      for (const part of area.areas) parts.push(await describeArea(tx, context, part))
      return { kind: 'union', parts }
    }
  }
}

async function getCommuneName(tx: Tx, code: string): Promise<Named> {
  const row = await tx
    .selectFrom('communes')
    .select(['name', 'liaison'])
    .where('code', '=', code)
    .executeTakeFirst()
  return row ?? { name: code, liaison: 0 }
}

/** Maximum distance of a commune that names a point; farther points are at sea or abroad. */
const NAMES_WITHIN_KM = 30

async function findNearestCommune(tx: Tx, point: Point): Promise<Named | null> {
  const [here, there] = [centreSql(point), pointOfTable('c')]
  const { rows } = await sql<Named>`
    select c.name, c.liaison from communes c where ${withinKm(here, there, NAMES_WITHIN_KM)}
    order by ${distanceSql(here, there)}, c.code limit 1`.execute(tx)
  return rows[0] ?? null
}

/** Returns the time zone of a named area: that of its first commune. */
export async function timeZoneOf(tx: Tx, area: Area): Promise<string> {
  const [first] = area.kind === 'union' ? area.areas : [area]
  switch (first?.kind) {
    case 'commune':
    case 'departement':
    case 'arrondissement':
      return timeZoneOfCode(first.code)
    case 'communes':
      return timeZoneOfCode(first.codes[0] ?? '')
    case 'epci':
    case 'region': {
      const row = await tx
        .selectFrom('communes')
        .select('code')
        .where(first.kind === 'epci' ? 'epciCode' : 'regionCode', '=', first.code)
        .orderBy('code')
        .limit(1)
        .executeTakeFirst()
      return timeZoneOfCode(row?.code ?? '')
    }
    default:
      return timeZoneOfCode('')
  }
}

/** Returns whether a commune lies in the territory of the scheme. */
export async function isInside(tx: Tx, context: AreaContext, code: string): Promise<boolean> {
  const { rows } = await sql<{ inside: boolean }>`
    select ${code} in (${communeCodesOf({ kind: 'scheme' }, context)}) as inside`.execute(tx)
  return rows[0]?.inside ?? false
}
