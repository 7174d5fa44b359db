import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { z } from 'zod'
import type { Deps } from '../deps.ts'
import { type App, langOfRequest } from '../platform/http.ts'
import {
  getTerritoryMap,
  getTerritoryMapVersion,
  listAreaChoices,
  listAreaCommunes,
  searchPlaces,
} from './actions.ts'
import { AreaChoices, CommuneCode, NamedArea, Places, ResolvedAreaView } from './contract.ts'
import { MAX_PLACES } from './store/places.ts'

const compress = promisify(gzip)

const InScheme = z.object({ scheme: z.string().max(64) })
/** Number of maps cached; few schemes are viewed at the same time. */
const MAPS_KEPT = 8

export function territoryRoutes(app: App, deps: Pick<Deps, 'db'>): void {
  const config = { permission: 'territory.read' } as const
  const tags = ['territory']
  const prefix = '/api/schemes/:scheme'

  app.get(
    `${prefix}/places`,
    {
      config,
      schema: {
        tags,
        summary: 'Communes of the territory by name, postal code or INSEE code, best match first',
        params: InScheme,
        querystring: z.object({
          q: z.string().max(200).default(''),
          limit: z.coerce.number().int().min(1).max(MAX_PLACES).default(10),
        }),
        response: { 200: Places },
      },
    },
    async (request) => ({
      places: await searchPlaces(deps, request.actor, {
        schemeId: request.params.scheme,
        text: request.query.q,
        limit: request.query.limit,
      }),
    }),
  )

  app.get(
    `${prefix}/areas`,
    {
      config,
      schema: {
        tags,
        summary: 'Areas to propose around a commune',
        params: InScheme,
        querystring: z.object({ commune: CommuneCode }),
        response: { 200: AreaChoices },
      },
    },
    async (request) => ({
      choices: await listAreaChoices(deps, request.actor, {
        schemeId: request.params.scheme,
        communeCode: request.query.commune,
        lang: langOfRequest(request),
      }),
    }),
  )

  app.post(
    `${prefix}/areas/resolve`,
    {
      config,
      schema: {
        tags,
        summary: 'The communes of an area',
        params: InScheme,
        body: NamedArea,
        response: { 200: ResolvedAreaView },
      },
    },
    async (request) => {
      const { communes, withoutPoint, unplaced } = await listAreaCommunes(deps, request.actor, {
        schemeId: request.params.scheme,
        area: request.body.area,
      })
      return { communes: [...communes], withoutPoint: [...withoutPoint, ...unplaced] }
    },
  )

  // Keyed by version, which identifies the territory and its data: schemes with the same communes share an entry.
  const maps = new Map<string, Promise<{ plain: Buffer; gzipped: Buffer }>>()

  app.get(
    `${prefix}/map`,
    {
      config: { ...config, cacheable: true },
      schema: {
        tags,
        summary: 'GeoJSON of the territory: contours of its communes when imported, else their points',
        params: InScheme,
      },
    },
    async (request, reply) => {
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
    },
  )
}

function matchesEtag(ifNoneMatch: string | undefined, etag: string): boolean {
  return (ifNoneMatch ?? '').split(',').some((one) => one.trim().replace(/^W\//, '') === etag)
}
