import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Deps } from '../deps.ts'
import { type App, addEndpoint, langOfRequest } from '../platform/http.ts'
import {
  getTerritoryMap,
  getTerritoryMapVersion,
  listAreaChoices,
  listAreaCommunes,
  listPlaceNames,
  searchPlaces,
} from './actions.ts'
import { territoryEndpoints } from './endpoints.ts'

const compress = promisify(gzip)
/** Number of maps cached; few schemes are viewed at the same time. */
const MAPS_KEPT = 8

export function territoryRoutes(app: App, deps: Pick<Deps, 'db'>): void {
  addEndpoint(app, territoryEndpoints.searchPlaces, async (request) => ({
    places: await searchPlaces(deps, request.actor, {
      schemeId: request.params.scheme,
      text: request.query.q,
      limit: request.query.limit,
    }),
  }))

  addEndpoint(app, territoryEndpoints.listPlaceNames, async (request) => ({
    names: await listPlaceNames(deps, request.actor, { schemeId: request.params.scheme }),
  }))

  addEndpoint(app, territoryEndpoints.listAreaChoices, async (request) => ({
    choices: await listAreaChoices(deps, request.actor, {
      schemeId: request.params.scheme,
      communeCode: request.query.commune,
      lang: langOfRequest(request),
    }),
  }))

  addEndpoint(app, territoryEndpoints.listAreaCommunes, async (request) => {
    const { communes, withoutPoint, unplaced } = await listAreaCommunes(deps, request.actor, {
      schemeId: request.params.scheme,
      area: request.body.area,
    })
    return { communes: [...communes], withoutPoint: [...withoutPoint, ...unplaced] }
  })

  // Keyed by version, which identifies the territory and its data: schemes with the same communes share an entry.
  const maps = new Map<string, Promise<{ plain: Buffer; gzipped: Buffer }>>()

  addEndpoint(app, territoryEndpoints.getTerritoryMap, async (request, reply) => {
    const input = { schemeId: request.params.scheme }
    const version = await getTerritoryMapVersion(deps, request.actor, input)
    const wantsGzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))
    // Each encoding is a representation of its own, so the strong ETag must differ.
    const etag = `"${version}${wantsGzip ? '-gz' : ''}"`
    reply.headers({ etag, 'cache-control': 'private, no-cache', vary: 'accept-encoding' })
    if (matchesEtag(request.headers['if-none-match'], etag)) return reply.status(304).send()
    let map = maps.get(version)
    if (map === undefined) {
      map = getTerritoryMap(deps, request.actor, input).then(async (collection) => {
        const plain = Buffer.from(JSON.stringify(collection))
        return { plain, gzipped: await compress(plain) }
      })
      map.catch(() => maps.delete(version))
      maps.set(version, map)
      for (const oldest of maps.keys()) if (maps.size > MAPS_KEPT) maps.delete(oldest)
    }
    const { plain, gzipped } = await map
    if (wantsGzip) reply.header('content-encoding', 'gzip')
    return reply.type('application/geo+json').send(wantsGzip ? gzipped : plain)
  })
}

function matchesEtag(ifNoneMatch: string | undefined, etag: string): boolean {
  return (ifNoneMatch ?? '').split(',').some((one) => one.trim().replace(/^W\//, '') === etag)
}
