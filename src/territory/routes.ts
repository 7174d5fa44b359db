import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Deps } from '../deps.ts'
import { type App, addEndpoint, langOfRequest } from '../platform/http/http.ts'
import { listAreaChoices, listAreaCommunes, listPlaceNames, searchPlaces } from './actions.ts'
import { territoryEndpoints } from './endpoints.ts'
import {
  findContours,
  getPublicMap,
  getPublicMapVersion,
  getTerritoryMap,
  getTerritoryMapVersion,
} from './map/map.ts'

const compress = promisify(gzip)
const uncompress = promisify(gunzip)
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
  const maps = keepLast<Buffer>(MAPS_KEPT)
  addEndpoint(app, territoryEndpoints.getTerritoryMap, async (request, reply) => {
    const schemeId = request.params.scheme
    const version = await getTerritoryMapVersion(deps, request.actor, schemeId)
    return sendCompressed(request, reply, {
      version,
      cacheControl: 'private, no-cache',
      read: () =>
        maps(version, async () =>
          compress(JSON.stringify(await getTerritoryMap(deps, request.actor, schemeId))),
        ),
    })
  })

  const publicMaps = keepLast<Buffer>(MAPS_KEPT)
  addEndpoint(app, territoryEndpoints.getPublicMap, async (request, reply) => {
    const schemeId = request.params.scheme
    const version = await getPublicMapVersion(deps, schemeId)
    return sendCompressed(request, reply, {
      version,
      cacheControl: 'public, no-cache',
      read: () =>
        publicMaps(version, async () => compress(JSON.stringify(await getPublicMap(deps, schemeId)))),
    })
  })

  const contours = keepLast<Buffer>(MAPS_KEPT)
  addEndpoint(app, territoryEndpoints.getContours, async (request, reply) => {
    const { version, read } = await findContours(deps, request.params.departement)
    return sendCompressed(request, reply, {
      version,
      // Another version than the one asked for may be replaced by the next import.
      cacheControl: request.query.v === version ? 'public, max-age=31536000, immutable' : 'no-cache',
      read: () => contours(version, read),
    })
  })
}

/** Sends JSON that was compressed once, and 304 to a browser that has this version. */
async function sendCompressed(
  request: FastifyRequest,
  reply: FastifyReply,
  content: { readonly version: string; readonly cacheControl: string; read(): Promise<Buffer> },
): Promise<FastifyReply> {
  const wantsGzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))
  // Each encoding is a representation of its own, so the strong ETag must differ.
  const etag = `"${content.version}${wantsGzip ? '-gz' : ''}"`
  reply.headers({ etag, 'cache-control': content.cacheControl, vary: 'accept-encoding' })
  if (matchesEtag(request.headers['if-none-match'], etag)) return reply.status(304).send()
  const gzipped = await content.read()
  if (wantsGzip) reply.header('content-encoding', 'gzip')
  return reply.type('application/json').send(wantsGzip ? gzipped : await uncompress(gzipped))
}

/** Returns a function that makes a value once for each of the last keys. A failure is not kept. */
function keepLast<T>(limit: number): (key: string, make: () => Promise<T>) => Promise<T> {
  const kept = new Map<string, Promise<T>>()
  return (key, make) => {
    const known = kept.get(key)
    if (known !== undefined) return known
    const made = make()
    made.catch(() => kept.delete(key))
    kept.set(key, made)
    for (const oldest of kept.keys()) if (kept.size > limit) kept.delete(oldest)
    return made
  }
}

function matchesEtag(ifNoneMatch: string | undefined, etag: string): boolean {
  return (ifNoneMatch ?? '').split(',').some((one) => one.trim().replace(/^W\//, '') === etag)
}
