import { z } from 'zod'
import type { Deps } from '../../deps.ts'
import type { App } from '../../platform/http.ts'
import { SchemeCode } from '../contract.ts'
import {
  changeSector,
  createSector,
  getSectors,
  readTypedCommunes,
  removeSector,
  restoreSector,
  setZone,
} from './actions.ts'
import {
  ReadCommunes,
  SectorChange,
  SectorInput,
  SectorsView,
  SectorView,
  TypedCommunes,
  ZoneChange,
  ZoneView,
} from './contract.ts'

const InScheme = z.object({ scheme: SchemeCode })
const OfSector = InScheme.extend({ id: z.uuid() })

export function sectorRoutes(app: App, deps: Pick<Deps, 'db' | 'now' | 'newId' | 'live'>): void {
  const config = { permission: 'sector.manage' } as const
  const tags = ['schemes']
  const prefix = '/api/schemes/:scheme/sectors'

  app.get(
    prefix,
    {
      config,
      schema: {
        tags,
        summary: 'Sectors, zones of police and gendarmerie, and the communes of the territory',
        params: InScheme,
        response: { 200: SectorsView },
      },
    },
    (request) => getSectors(deps, request.actor, request.params.scheme),
  )

  app.post(
    `${prefix}/read`,
    {
      config,
      schema: {
        tags,
        summary: 'Read a typed list of communes: names, INSEE or postal codes',
        params: InScheme,
        body: TypedCommunes,
        response: { 200: ReadCommunes },
      },
    },
    ({ actor, params, body }) => readTypedCommunes(deps, actor, params.scheme, body.text),
  )

  app.post(
    prefix,
    {
      config,
      schema: {
        tags,
        summary: 'Add a sector',
        params: InScheme,
        body: SectorInput,
        response: { 200: SectorView },
      },
    },
    ({ actor, params, body }) => createSector(deps, actor, params.scheme, body),
  )

  app.put(
    `${prefix}/:id`,
    {
      config,
      schema: {
        tags,
        summary: 'Change the name and communes of a sector',
        params: OfSector,
        body: SectorChange,
        response: { 200: SectorView },
      },
    },
    ({ actor, params, body }) => changeSector(deps, actor, params.scheme, params.id, body),
  )

  app.delete(
    `${prefix}/:id`,
    {
      config,
      schema: {
        tags,
        summary: 'Remove a sector, unless an open alert or a zone uses it',
        params: OfSector,
        querystring: z.object({ version: z.coerce.number().int().max(2_147_483_647) }),
        response: { 200: SectorView },
      },
    },
    ({ actor, params, query }) => removeSector(deps, actor, params.scheme, params.id, query.version),
  )

  app.post(
    `${prefix}/:id/restore`,
    {
      config,
      schema: {
        tags,
        summary: 'Restore a removed sector',
        params: OfSector,
        response: { 200: SectorView },
      },
    },
    ({ actor, params }) => restoreSector(deps, actor, params.scheme, params.id),
  )

  app.put(
    '/api/schemes/:scheme/zones/:agency',
    {
      config: { permission: 'zone.manage' },
      schema: {
        tags,
        summary: 'Set the zone of a police or gendarmerie agency; null: the whole territory',
        params: InScheme.extend({ agency: z.uuid() }),
        body: ZoneChange,
        response: { 200: ZoneView },
      },
    },
    ({ actor, params, body }) => setZone(deps, actor, params.scheme, params.agency, body),
  )
}
