import { z } from 'zod'
import { nameSchemas } from '../../platform/http/endpoints.ts'
import { Area } from '../../territory/contract.ts'

/** Kinds of area that a territory is made of, from the largest to the smallest. */
export const PART_KINDS = ['region', 'departement', 'arrondissement', 'epci', 'commune'] as const

/** A part of a territory, by its official name. */
export const TerritoryPart = z.object({
  kind: z.enum(PART_KINDS),
  code: z.string(),
  name: z.string(),
  /** The département of a commune or an EPCI, to tell two of the same name apart; null for the others. */
  departement: z.string().nullable(),
})
export type TerritoryPart = z.infer<typeof TerritoryPart>

/** GET /api/schemes/:scheme/territory/parts */
export const TerritoryParts = z.object({ parts: z.array(TerritoryPart) })

/** Body of POST /api/schemes/:scheme/territory/preview. */
export const TerritoryProposal = z.object({ territory: Area })

const Communes = z.object({
  count: z.number(),
  /** The most populous ones. */
  names: z.array(z.string()),
})

/** A sector or a zone of which communes would be outside. */
const Crossed = z.object({
  name: z.string(),
  communes: z.number(),
  /** Communes of it outside the territory; a change that leaves none inside is refused. */
  outside: z.number(),
})

/** The effects of another territory on a scheme, compared with the one in force. */
export const TerritoryPreview = z.object({
  parts: z.array(TerritoryPart),
  communes: z.number(),
  added: Communes,
  removed: Communes,
  /** Active members outside: they stay members. */
  membersOutside: z.number(),
  sectors: z.array(Crossed),
  /** Zones, by the names of their services. */
  zones: z.array(Crossed),
})
export type TerritoryPreview = z.infer<typeof TerritoryPreview>

nameSchemas({ TerritoryPart, TerritoryParts, TerritoryPreview, TerritoryProposal })
