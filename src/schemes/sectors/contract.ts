import { z } from 'zod'
import { CommuneCode } from '../../territory/contract.ts'

/** Sectors of one scheme, at most. */
export const MAX_SECTORS = 200
/** Letters of a sector's name, at most: it stands in messages. */
export const MAX_NAME = 60
/** As an area that lists its communes. */
const MAX_COMMUNES = 2000

/** A named set of communes of the scheme; sectors may overlap. */
export const SectorView = z.object({
  id: z.uuid(),
  name: z.string(),
  communeCodes: z.array(CommuneCode),
  /** Counts up with every change. */
  version: z.number(),
})
export type SectorView = z.infer<typeof SectorView>

/** When something was taken off, and by whom: null where nobody noted it. */
const Removal = z.object({ at: z.iso.datetime(), by: z.string().nullable() })

/** A sector that was taken off. */
export const RemovedSector = SectorView.extend({ removed: Removal })
export type RemovedSector = z.infer<typeof RemovedSector>

/** Where a police or gendarmerie service acts. */
export const ZoneView = z.object({
  agencyId: z.uuid(),
  name: z.string(),
  kind: z.enum(['police', 'gendarmerie']),
  /** Null: the whole territory. */
  communeCodes: z.array(CommuneCode).nullable(),
  /** The zone that was taken off, while it acts in the whole territory since. */
  removed: Removal.extend({ communeCodes: z.array(CommuneCode) }).nullable(),
  version: z.number(),
})
export type ZoneView = z.infer<typeof ZoneView>

const Named = z.object({ code: z.string(), name: z.string() })

/** What the editor of sectors and zones works with. GET /api/schemes/:scheme/sectors */
export const SectorsView = z.object({
  sectors: z.array(SectorView),
  /** The latest first, as many as a scheme may have. */
  removed: z.array(RemovedSector),
  zones: z.array(ZoneView),
  /** Those of the territory, by name, each with its active members. */
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
  /** Those with a commune of the territory. */
  epcis: z.array(Named),
  arrondissements: z.array(Named),
})
export type SectorsView = z.infer<typeof SectorsView>

/** POST /api/schemes/:scheme/sectors */
export const SectorInput = z.object({
  name: z.string().max(200),
  communeCodes: z.array(CommuneCode).max(MAX_COMMUNES),
})
export type SectorInput = z.infer<typeof SectorInput>

/** PUT /api/schemes/:scheme/sectors/:id */
export const SectorChange = SectorInput.extend({
  /** Of the sector that was read: refused when it was changed since. */
  version: z.int32(),
})
export type SectorChange = z.infer<typeof SectorChange>

/** PUT /api/schemes/:scheme/zones/:agency */
export const ZoneChange = z.object({
  communeCodes: z.array(CommuneCode).max(MAX_COMMUNES).nullable(),
  version: z.int32(),
})
export type ZoneChange = z.infer<typeof ZoneChange>

/** POST /api/schemes/:scheme/sectors/read: names, INSEE or postal codes, one a line or between commas. */
export const TypedCommunes = z.object({ text: z.string().max(50_000) })

const Found = z.object({ code: CommuneCode, name: z.string() })

/** What a typed list means in the territory. */
export const ReadCommunes = z.object({
  found: z.array(Found),
  /** What may be several communes, with each of them. */
  unclear: z.array(z.object({ typed: z.string(), communes: z.array(Found) })),
  /** What is no commune of the territory. */
  unknown: z.array(z.string()),
})
export type ReadCommunes = z.infer<typeof ReadCommunes>
