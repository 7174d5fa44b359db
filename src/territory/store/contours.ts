import { sql } from 'kysely'
import type { Tx } from '../../platform/db.ts'
import type { Area, Point } from '../contract.ts'
import type { Box, CodedContour, Contour } from '../map/contours.ts'
import { type AreaContext, type CommuneRef, communeCodesOf } from './areas.ts'

/** The data that the map draws for a commune. */
interface MapCommune {
  readonly code: string
  readonly name: string
  readonly departementCode: string
  readonly population: number
  readonly latitude: number | null
  readonly longitude: number | null
}

export async function listMapCommunes(tx: Tx, context: AreaContext, area: Area): Promise<MapCommune[]> {
  const { rows } = await sql<MapCommune>`
    select code, name, departement_code, population, latitude, longitude from communes
    where code in (${communeCodesOf(area, context)}) order by code`.execute(tx)
  return rows
}

/** Returns a text that changes whenever the map of an area does: by its communes, a load of the reference data, or an import. */
export async function getMapVersion(tx: Tx, context: AreaContext, area: Area): Promise<string> {
  const { rows } = await sql<{ version: string }>`
    select concat_ws(' ',
      (select md5(coalesce(string_agg(code, ',' order by code), '')) from communes
        where code in (${communeCodesOf(area, context)})),
      (select max(loaded_at) from reference_loads),
      (select md5(string_agg(departement_code || imported_at::text, ',' order by departement_code)) from contour_imports)
    ) as version`.execute(tx)
  return rows[0]?.version ?? ''
}

/** Lists the imports that replaced the shipped contours, of these départements. */
export async function listContourImports(
  tx: Tx,
  departementCodes: readonly string[],
): Promise<{ departementCode: string; importedAt: Date; source: string }[]> {
  return tx
    .selectFrom('contourImports')
    .select(['departementCode', 'importedAt', 'source'])
    .where('departementCode', 'in', [...departementCodes, ''])
    .execute()
}

/** Lists the imported contours of a département. */
export async function listImportedContours(tx: Tx, departementCode: string): Promise<CodedContour[]> {
  const { rows } = await sql<CodedContour>`
    select code, contour from communes
    where departement_code = ${departementCode} and contour is not null order by code`.execute(tx)
  return rows
}

/** Lists the communes of a département, to match an import of contours. */
export async function listDepartementCommunes(tx: Tx, departementCode: string): Promise<CommuneRef[]> {
  return tx
    .selectFrom('communes')
    .select(['code', 'name'])
    .where('departementCode', '=', departementCode)
    .orderBy('code')
    .execute()
}

/** Maps each of these old codes to the commune of today into which it was merged. */
export async function findMergedInto(tx: Tx, codes: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await sql<{ code: string; communeCode: string }>`
    select code, commune_code from former_communes where code = any (${codes}::text[])`.execute(tx)
  return new Map(rows.map(({ code, communeCode }) => [code, communeCode]))
}

export async function findDepartement(
  tx: Tx,
  code: string,
): Promise<{ code: string; name: string } | undefined> {
  return tx.selectFrom('departements').select(['code', 'name']).where('code', '=', code).executeTakeFirst()
}

/** Lists the contours of other départements near a rectangle (degrees). */
export async function listContoursAround(tx: Tx, departementCode: string, box: Box): Promise<CodedContour[]> {
  // A commune whose contour reaches into the rectangle has its point within this distance of it.
  const margin = 0.5
  const { rows } = await sql<CodedContour>`
    select code, contour from communes
    where departement_code <> ${departementCode} and contour is not null
      and latitude between ${box.south - margin}::float8 and ${box.north + margin}::float8
      and longitude between ${box.west - margin}::float8 and ${box.east + margin}::float8`.execute(tx)
  return rows
}

interface ContourRow {
  readonly code: string
  readonly contour: Contour
  readonly centroid: Point
}

/**
 * Replaces the contours of a département. A centroid becomes the commune's point only if no better one (the GeoNames town) is
 * known; a known point is kept when its contour is removed.
 */
export async function replaceContours(
  tx: Tx,
  departementCode: string,
  rows: readonly ContourRow[],
): Promise<void> {
  const codes = rows.map((row) => row.code)
  await sql`
    update communes set contour = null, neighbour_codes = null
    where departement_code = ${departementCode} and code <> all (${codes}::text[])`.execute(tx)
  await sql`
    update communes c set
      contour = data.contour::jsonb,
      latitude = case when c.point_source = 'points' then c.latitude else data.latitude end,
      longitude = case when c.point_source = 'points' then c.longitude else data.longitude end,
      point_source = coalesce(nullif(c.point_source, 'contour'), 'contour')
    from unnest(
      ${codes}::text[], ${rows.map((row) => JSON.stringify(row.contour))}::text[],
      ${rows.map((row) => row.centroid.latitude)}::float8[], ${rows.map((row) => row.centroid.longitude)}::float8[]
    ) as data (code, contour, latitude, longitude)
    where c.code = data.code`.execute(tx)
}

/**
 * Replaces the neighbours of the communes of a département by these pairs, each given once. Known neighbours across the
 * border of the département are kept: another source may draw that border differently, and it hardly ever changes.
 */
export async function replaceNeighbours(
  tx: Tx,
  departementCode: string,
  pairs: readonly (readonly [string, string])[],
): Promise<void> {
  const [a, b] = [pairs.map(([one]) => one), pairs.map(([, other]) => other)]
  await sql`
    with given (code, neighbour) as (
      select * from unnest(${a}::text[], ${b}::text[]) union select * from unnest(${b}::text[], ${a}::text[])
    ), known_from_outside (code, neighbour) as (
      select o.code, n.code from communes o cross join unnest(o.neighbour_codes) as k (code) join communes n on n.code = k.code
      where o.departement_code <> ${departementCode}
        and (n.departement_code = ${departementCode} or o.code in (select code from given))
    ), found as (
      select code, array_agg(distinct neighbour order by neighbour) as neighbours
      from (
        select * from given
        union all select * from known_from_outside
        union all select neighbour, code from known_from_outside
      ) as all_pairs group by code
    )
    update communes c set neighbour_codes = coalesce(f.neighbours, '{}')
    from communes same left join found f using (code)
    where same.code = c.code and (
      c.departement_code = ${departementCode} and c.contour is not null or c.code in (select code from given))`.execute(
    tx,
  )
}

export async function saveContourImport(
  tx: Tx,
  row: {
    readonly departementCode: string
    readonly importedAt: Date
    readonly source: string
    readonly matched: number
    readonly unmatchedCodes: string[]
    readonly missingCodes: string[]
  },
): Promise<void> {
  const { departementCode: _, ...changes } = row
  await tx
    .insertInto('contourImports')
    .values(row)
    .onConflict((conflict) => conflict.column('departementCode').doUpdateSet(changes))
    .execute()
}
