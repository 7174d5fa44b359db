import { z } from 'zod'
import { declareEndpoints } from '../platform/http/endpoints.ts'
import {
  AreaChoices,
  CommuneCode,
  Contours,
  DepartementCode,
  MAX_PLACES,
  NamedArea,
  PlaceNames,
  Places,
  PublicMap,
  ResolvedAreaView,
  TerritoryMap,
} from './contract.ts'

const InScheme = z.object({ scheme: z.string().max(64) })

export const territoryEndpoints = declareEndpoints('territory', {
  searchPlaces: {
    method: 'GET',
    path: '/api/schemes/:scheme/places',
    permission: 'territory.read',
    summary: 'Search the communes of the territory by name, postal code or INSEE code, best match first',
    params: InScheme,
    query: z.object({
      q: z.string().max(200).default(''),
      limit: z.coerce.number().int().min(1).max(MAX_PLACES).default(10),
    }),
    answer: Places,
  },
  listPlaceNames: {
    method: 'GET',
    path: '/api/schemes/:scheme/places/names',
    permission: 'territory.read',
    summary: 'List the names of all communes of the territory, those of merged communes included',
    params: InScheme,
    answer: PlaceNames,
  },
  listAreaChoices: {
    method: 'GET',
    path: '/api/schemes/:scheme/areas',
    permission: 'territory.read',
    summary: 'List the areas to propose around a commune',
    params: InScheme,
    query: z.object({ commune: CommuneCode }),
    answer: AreaChoices,
  },
  listAreaCommunes: {
    method: 'POST',
    path: '/api/schemes/:scheme/areas/resolve',
    permission: 'territory.read',
    summary: 'List the communes of an area',
    params: InScheme,
    body: NamedArea,
    answer: ResolvedAreaView,
  },
  getTerritoryMap: {
    method: 'GET',
    path: '/api/schemes/:scheme/map',
    permission: 'territory.read',
    summary:
      'List the communes of the territory with their points, and the départements whose contours draw them',
    params: InScheme,
    answer: TerritoryMap,
    produces: 'application/json',
    otherAnswers: { 304: null },
    cacheable: true,
  },
  getPublicMap: {
    method: 'GET',
    path: '/api/public/schemes/:scheme/map',
    permission: 'public',
    summary: 'Get the outline of the territory and its towns, as a drawing',
    params: InScheme,
    answer: PublicMap,
    produces: 'application/json',
    otherAnswers: { 304: null },
    cacheable: true,
  },
  getContours: {
    method: 'GET',
    path: '/api/contours/:departement',
    permission: 'public',
    summary: 'Get the contours of the communes of a département (IGN Admin Express, Licence Ouverte)',
    params: z.object({ departement: DepartementCode }),
    query: z.object({ v: z.string().max(40).optional() }),
    answer: Contours,
    produces: 'application/json',
    otherAnswers: { 304: null },
    cacheable: true,
  },
})
