import { z } from 'zod'
import { declareEndpoints } from '../../platform/http/endpoints.ts'
import { SchemeCode } from '../contract.ts'
import {
  NewSector,
  ReadCommunes,
  SectorChange,
  SectorsView,
  SectorView,
  TypedCommunes,
  ZoneChange,
  ZoneView,
} from './contract.ts'

const InScheme = z.object({ scheme: SchemeCode })
const OfSector = InScheme.extend({ id: z.uuid() })

export const sectorEndpoints = declareEndpoints('schemes', {
  getSectors: {
    method: 'GET',
    path: '/api/schemes/:scheme/sectors',
    permission: 'sector.manage',
    summary: 'List sectors, zones of police and gendarmerie, and the communes of the territory',
    params: InScheme,
    answer: SectorsView,
  },
  readTypedCommunes: {
    method: 'POST',
    path: '/api/schemes/:scheme/sectors/read',
    permission: 'sector.manage',
    summary: 'Match a typed list of communes: names, INSEE or postal codes',
    params: InScheme,
    body: TypedCommunes,
    answer: ReadCommunes,
  },
  createSector: {
    method: 'POST',
    path: '/api/schemes/:scheme/sectors',
    permission: 'sector.manage',
    summary: 'Add a sector',
    params: InScheme,
    body: NewSector,
    answer: SectorView,
  },
  changeSector: {
    method: 'PUT',
    path: '/api/schemes/:scheme/sectors/:id',
    permission: 'sector.manage',
    summary: 'Change the name and communes of a sector',
    params: OfSector,
    body: SectorChange,
    answer: SectorView,
  },
  removeSector: {
    method: 'DELETE',
    path: '/api/schemes/:scheme/sectors/:id',
    permission: 'sector.manage',
    summary: 'Remove a sector, unless an open alert or a zone uses it',
    params: OfSector,
    query: z.object({ version: z.coerce.number().int().max(2_147_483_647) }),
    answer: SectorView,
  },
  restoreSector: {
    method: 'POST',
    path: '/api/schemes/:scheme/sectors/:id/restore',
    permission: 'sector.manage',
    summary: 'Restore a removed sector',
    params: OfSector,
    answer: SectorView,
  },
  setZone: {
    method: 'PUT',
    path: '/api/schemes/:scheme/zones/:agency',
    permission: 'zone.manage',
    needsFactor: true,
    summary: 'Set the zone of a police or gendarmerie agency; null: the whole territory',
    params: InScheme.extend({ agency: z.uuid() }),
    body: ZoneChange,
    answer: ZoneView,
  },
})
