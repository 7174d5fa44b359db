import { z } from 'zod'
import { ClientId, nameSchemas } from '../../platform/http/endpoints.ts'
import { CommuneCode } from '../../territory/contract.ts'

/** Maximum number of sectors of a scheme. */
export const MAX_SECTORS = 200
/** Maximum length of a sector's name, which appears in messages. */
export const MAX_NAME = 60
/** Maximum number of communes, as in an area that lists its communes. */
const MAX_COMMUNES = 2000

/** A named set of communes of the scheme; sectors may overlap. */
export const SectorView = z.object({
  id: z.uuid(),
  name: z.string(),
  communeCodes: z.array(CommuneCode),
  /** Incremented with every change. */
  version: z.number(),
})
export type SectorView = z.infer<typeof SectorView>

/** When something was removed, and by whom; null when that was not recorded. */
const Removal = z.object({ at: z.iso.datetime(), by: z.string().nullable() })

/** A removed sector, which can be restored. */
export const RemovedSector = SectorView.extend({ removed: Removal })
export type RemovedSector = z.infer<typeof RemovedSector>

/** The zone of a police or gendarmerie agency. */
export const ZoneView = z.object({
  agencyId: z.uuid(),
  name: z.string(),
  kind: z.enum(['police', 'gendarmerie']),
  /** Null: the whole territory. */
  communeCodes: z.array(CommuneCode).nullable(),
  /** The former zone of an agency that now acts in the whole territory. */
  removed: Removal.extend({ communeCodes: z.array(CommuneCode) }).nullable(),
  version: z.number(),
})
export type ZoneView = z.infer<typeof ZoneView>

const Named = z.object({ code: z.string(), name: z.string() })

/** The data for the editor of sectors and zones. GET /api/schemes/:scheme/sectors */
export const SectorsView = z.object({
  sectors: z.array(SectorView),
  /** Latest first, limited to MAX_SECTORS. */
  removed: z.array(RemovedSector),
  zones: z.array(ZoneView),
  /** Communes of the territory by name, each with its number of active members. */
  communes: z.array(
    z.object({
      code: CommuneCode,
      name: z.string(),
      postalCodes: z.array(z.string()),
      epciCode: z.string().nullable(),
      arrondissementCode: z.string().nullable(),
      members: z.number(),
    }),
  ),
  /** EPCIs with a commune in the territory. */
  epcis: z.array(Named),
  arrondissements: z.array(Named),
})
export type SectorsView = z.infer<typeof SectorsView>

export const SectorInput = z.object({
  name: z.string().max(200),
  communeCodes: z.array(CommuneCode).max(MAX_COMMUNES),
})
export type SectorInput = z.infer<typeof SectorInput>

/** POST /api/schemes/:scheme/sectors */
export const NewSector = SectorInput.extend({
  /** Chosen by the client, so that a request whose answer was lost can be sent again (ADR 22). */
  id: ClientId.optional(),
})
export type NewSector = z.infer<typeof NewSector>

/** PUT /api/schemes/:scheme/sectors/:id */
export const SectorChange = SectorInput.extend({
  /** Version of the sector that was read; the change is refused if it has another one by now. */
  version: z.int32(),
})
export type SectorChange = z.infer<typeof SectorChange>

/** PUT /api/schemes/:scheme/zones/:agency */
export const ZoneChange = z.object({
  communeCodes: z.array(CommuneCode).max(MAX_COMMUNES).nullable(),
  version: z.int32(),
})
export type ZoneChange = z.infer<typeof ZoneChange>

/** POST /api/schemes/:scheme/sectors/read: names, INSEE or postal codes, on separate lines or separated by commas. */
export const TypedCommunes = z.object({ text: z.string().max(50_000) })

const Found = z.object({ code: CommuneCode, name: z.string() })

/** The result of matching a typed list with the territory. */
export const ReadCommunes = z.object({
  found: z.array(Found),
  /** Entries that match several communes, with each of them. */
  unclear: z.array(z.object({ typed: z.string(), communes: z.array(Found) })),
  /** Entries that match no commune of the territory. */
  unknown: z.array(z.string()),
})
export type ReadCommunes = z.infer<typeof ReadCommunes>

nameSchemas({
  NewSector,
  ReadCommunes,
  RemovedSector,
  SectorChange,
  SectorInput,
  SectorView,
  SectorsView,
  TypedCommunes,
  ZoneChange,
  ZoneView,
})
