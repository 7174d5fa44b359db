import { z } from 'zod'
import { declareEndpoints } from '../platform/endpoints.ts'
import {
  AreaChoices,
  CommuneCode,
  MAX_PLACES,
  NamedArea,
  Places,
  ResolvedAreaView,
  TerritoryMap,
} from './contract.ts'

const InScheme = z.object({ scheme: z.string().max(64) })

export const territoryEndpoints = declareEndpoints('territory', {
  searchPlaces: {
    method: 'GET',
    path: '/api/schemes/:scheme/places',
    permission: 'territory.read',
    summary: 'Communes of the territory by name, postal code or INSEE code, best match first',
    params: InScheme,
    query: z.object({
      q: z.string().max(200).default(''),
      limit: z.coerce.number().int().min(1).max(MAX_PLACES).default(10),
    }),
    answer: Places,
  },
  listAreaChoices: {
    method: 'GET',
    path: '/api/schemes/:scheme/areas',
    permission: 'territory.read',
    summary: 'Areas to propose around a commune',
    params: InScheme,
    query: z.object({ commune: CommuneCode }),
    answer: AreaChoices,
  },
  listAreaCommunes: {
    method: 'POST',
    path: '/api/schemes/:scheme/areas/resolve',
    permission: 'territory.read',
    summary: 'The communes of an area',
    params: InScheme,
    body: NamedArea,
    answer: ResolvedAreaView,
  },
  getTerritoryMap: {
    method: 'GET',
    path: '/api/schemes/:scheme/map',
    permission: 'territory.read',
    summary: 'GeoJSON of the territory: contours of its communes when imported, else their points',
    params: InScheme,
    answer: TerritoryMap,
    produces: 'application/geo+json',
    otherAnswers: { 304: null },
    cacheable: true,
  },
})
