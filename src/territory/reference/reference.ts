import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { sql } from 'kysely'
import { NO_SCHEME } from '../../audit/chain.ts'
import { recordAudit } from '../../audit/record.ts'
import { type Actor, actorName } from '../../permissions.ts'
import { acrossSchemes, type Db, type Tx } from '../../platform/db.ts'
import { searchName } from '../places/spelling.ts'
import { communesOfIndex, contourDigest, readContourIndex, type ShippedCommune } from './shipped.ts'

/**
 * Loads the public reference data that comes with the program: the communes of France (COG of INSEE, EPCI of the DGCL, postal
 * codes of La Poste; Licence Ouverte), their points (GeoNames, CC BY 4.0), and the centroids and neighbours of the shipped
 * contours (IGN, Licence Ouverte).
 *
 * Only current communes are loaded. A municipal arrondissement (Paris, Lyon, Marseille) and a delegated or associated commune
 * are parts of one: their members belong to the commune, whose postal codes cover them.
 */
const FILE = new URL('../../../contours/reference.json.gz', import.meta.url)
const unzip = promisify(gunzip)

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

/** Returns one text with the digests of the two files, and the form of the load. */
async function referenceVersion(): Promise<string> {
  const [bytes, contours] = await Promise.all([readFile(FILE), contourDigest()])
  const digest = createHash('sha256').update(bytes).digest('base64url').slice(0, 10)
  return `reference@${digest} contours@${contours} form@${FORM}`
}

/** A place of the official geographic code of INSEE. */
export interface CogPlace {
  readonly code: string
  readonly nom: string
  readonly typeLiaison?: number
}
/** An EPCI, which groups communes. */
interface Epci {
  readonly code: string
  readonly nom: string
  readonly type: string
}

/** A commune of today, as the file of the program has it. */
export interface ReferenceCommune {
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
}

interface CommuneRow extends ReferenceCommune {
  /** Centroid and neighbours by the shipped contours; absent where these do not draw the commune. */
  readonly shipped: ShippedCommune | undefined
}

/** The file of the program, `contours/reference.json.gz`, which `scripts/reference.ts` writes. */
export interface Reference {
  /** The packages and their versions that it was made from. */
  readonly sources: string
  readonly regions: readonly CogPlace[]
  readonly departements: readonly (CogPlace & { readonly region: string })[]
  readonly arrondissements: readonly (CogPlace & { readonly departement: string })[]
  readonly epcis: readonly Epci[]
  readonly communes: readonly ReferenceCommune[]
  readonly former: readonly FormerCommune[]
}

type ReferenceData = Omit<Reference, 'communes'> & { readonly communes: readonly CommuneRow[] }

/** A commune that was merged into one of today. */
export interface FormerCommune {
  readonly code: string
  readonly communeCode: string
  /** Null when the data has only its code, or when the commune of today has the same name. */
  readonly name: string | null
}

/** Reads the file of the program with the communes of France. */
export async function readReferenceFile(): Promise<Reference> {
  return JSON.parse((await unzip(await readFile(FILE))).toString('utf8'))
}

async function readReference(): Promise<ReferenceData> {
  const [reference, index] = await Promise.all([readReferenceFile(), readContourIndex()])
  const shipped = communesOfIndex(index)
  const communes = reference.communes.map((commune) => ({ ...commune, shipped: shipped.get(commune.code) }))
  return { ...reference, communes }
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
