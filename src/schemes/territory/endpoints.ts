import { z } from 'zod'
import { declareEndpoints } from '../../platform/http/endpoints.ts'
import { SchemeCode } from '../contract.ts'
import { TerritoryParts, TerritoryPreview, TerritoryProposal } from './contract.ts'

const InScheme = z.object({ scheme: SchemeCode })

export const territorySettingEndpoints = declareEndpoints('schemes', {
  searchTerritoryParts: {
    method: 'GET',
    path: '/api/schemes/:scheme/territory/parts',
    permission: 'doctrine.set',
    summary: 'Search the regions, départements, arrondissements, EPCI and communes of France for a territory',
    params: InScheme,
    query: z.object({ q: z.string().max(80) }),
    answer: TerritoryParts,
  },
  previewTerritory: {
    method: 'POST',
    path: '/api/schemes/:scheme/territory/preview',
    permission: 'doctrine.read',
    summary: 'Compare another territory with the one in force: communes, members, sectors and zones outside',
    params: InScheme,
    body: TerritoryProposal,
    answer: TerritoryPreview,
  },
})
