import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { type Actor, authorize } from '../../permissions.ts'
import { acrossSchemes, inScheme, type Tx } from '../../platform/db.ts'
import type { Area, PublicMap, TerritoryMap } from '../contract.ts'
import { readShippedContours, shippedVersion } from '../reference/shipped.ts'
import { getAreaContext } from '../store/areas.ts'
import {
  getMapVersion,
  listContourImports,
  listImportedContours,
  listMapCommunes,
} from '../store/contours.ts'
import { type CodedContour, simplifyForMap } from './contours.ts'
import { drawPublicMap } from './public-map.ts'
import { readTopology, topologyOfContours } from './topology.ts'

type Facts = Pick<Deps, 'db'>

const SCHEME: Area = { kind: 'scheme' }

const compress = promisify(gzip)
const uncompress = promisify(gunzip)

/** Increment when the same data is written differently, so that browsers drop what they cached. */
const MAP_FORM = 2

function digestOf(text: string): string {
  return createHash('sha256').update(`${MAP_FORM} ${text}`).digest('base64url').slice(0, 22)
}

/** @throws AppError `unknown_scheme` */
function findMapVersion(deps: Facts, schemeId: string): Promise<string> {
  return inScheme(deps.db, schemeId, async (tx) =>
    digestOf(await getMapVersion(tx, await getAreaContext(tx, schemeId), SCHEME)),
  )
}

/**
 * Returns the version of the map of a scheme's territory. While it is unchanged, `getTerritoryMap` returns the same map.
 * @throws AppError `unknown_scheme`
 */
export function getTerritoryMapVersion(deps: Facts, actor: Actor, schemeId: string): Promise<string> {
  authorize(actor, 'territory.read', schemeId)
  return findMapVersion(deps, schemeId)
}

/** Returns the communes of a scheme's territory and the versions of the contours that draw them. */
export function getTerritoryMap(deps: Facts, actor: Actor, schemeId: string): Promise<TerritoryMap> {
  authorize(actor, 'territory.read', schemeId)
  return findTerritoryMap(deps, schemeId)
}

/**
 * Returns the version of the public map: it changes with the same facts.
 * @throws AppError `unknown_scheme`
 */
export function getPublicMapVersion(deps: Facts, schemeId: string): Promise<string> {
  return findMapVersion(deps, schemeId)
}

/** Returns the public map of a scheme's territory. */
export async function getPublicMap(deps: Facts, schemeId: string): Promise<PublicMap> {
  const map = await findTerritoryMap(deps, schemeId)
  const contours: CodedContour[] = []
  for (const { code, version } of map.departements) {
    if (version === null) continue
    const { read } = await findContours(deps, code)
    contours.push(...readTopology(JSON.parse((await uncompress(await read())).toString())))
  }
  return drawPublicMap(map, contours)
}

function findTerritoryMap(deps: Facts, schemeId: string): Promise<TerritoryMap> {
  return inScheme(deps.db, schemeId, (tx) => readTerritoryMap(tx, schemeId))
}

/** Reads the same map in a transaction of the scheme, for a page that is opened by a code. */
export async function readTerritoryMap(tx: Tx, schemeId: string): Promise<TerritoryMap> {
  const communes = await listMapCommunes(tx, await getAreaContext(tx, schemeId), SCHEME)
  const codes = [...new Set(communes.map(({ departementCode }) => departementCode))].sort()
  const imports = new Map(
    (await listContourImports(tx, codes)).map((one) => [one.departementCode, one] as const),
  )
  const departements: TerritoryMap['departements'] = []
  for (const code of codes) {
    const imported = imports.get(code)
    departements.push(
      imported
        ? { code, version: importedVersion(imported), source: imported.source }
        : { code, version: await shippedVersion(code), source: null },
    )
  }
  return {
    departements,
    communes: communes.map(({ code, name, departementCode, population, latitude, longitude }) => ({
      code,
      name,
      departement: departementCode,
      population,
      point: latitude === null || longitude === null ? null : { latitude, longitude },
    })),
  }
}

function importedVersion({
  departementCode,
  importedAt,
}: {
  departementCode: string
  importedAt: Date
}): string {
  return digestOf(`${departementCode} ${importedAt.toISOString()}`)
}

/** The contours of a département, compressed with gzip. */
export interface ServedContours {
  readonly version: string
  read(): Promise<Buffer>
}

/**
 * Finds the contours of a département: those imported, otherwise those that ship with the program.
 * @throws AppError `unknown_area` when there are none
 */
export async function findContours(deps: Facts, departementCode: string): Promise<ServedContours> {
  const [imported] = await acrossSchemes(deps.db, (tx) => listContourImports(tx, [departementCode]))
  if (imported !== undefined) {
    return {
      version: importedVersion(imported),
      read: async () => {
        const contours = await acrossSchemes(deps.db, (tx) => listImportedContours(tx, departementCode))
        return compress(JSON.stringify(topologyOfContours(simplifyForMap(contours))))
      },
    }
  }
  const version = await shippedVersion(departementCode)
  if (version === null) throw new AppError('unknown_area', { values: { code: departementCode } })
  return { version, read: async () => (await readShippedContours(departementCode)) ?? Buffer.alloc(0) }
}
