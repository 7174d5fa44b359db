import { z } from 'zod'
import { nameSchemas } from '../platform/http/endpoints.ts'
import { AlertStateName } from '../reports/contract.ts'
import { ContentLevel, SeverityName } from '../schemes/doctrine.ts'
import { Area, CommuneCode } from '../territory/contract.ts'

const SchemeName = z.object({ id: z.string(), name: z.string() })

/** GET /neighbours?communes=63178,63287: schemes near these communes, to which an alert could be relayed. */
export const NeighbourQuery = z.object({
  communes: z
    .string()
    .max(400)
    .transform((text) => text.split(',').filter(Boolean))
    .pipe(z.array(CommuneCode).min(1).max(50)),
})
export const NeighbourList = z.object({
  /** Nearest first. */
  schemes: z.array(
    SchemeName.extend({
      /** Distance from the nearest of these communes to the nearest commune of the scheme; null: more than 80 km. */
      kilometres: z.number().nullable(),
      /** True when the scheme is near enough to be suggested. */
      near: z.boolean(),
    }),
  ),
})
export type NeighbourList = z.infer<typeof NeighbourList>

/** POST /neighbours/crossed: the other schemes with communes in an area, whose members an alert to it does not reach. */
export const CrossedQuery = z.object({ area: Area })
export const CrossedList = z.object({
  /** Most communes first. */
  schemes: z.array(SchemeName.extend({ communes: z.number() })),
})
export type CrossedList = z.infer<typeof CrossedList>

/** POST /alerts/:id/relay */
export const NewRelay = z.object({
  schemeIds: z.array(z.string().max(64)).min(1).max(20),
  /** For the operator of the other scheme; members never see it. */
  note: z.string().trim().max(500).optional(),
})
export type NewRelay = z.infer<typeof NewRelay>

/** POST /relays/:id/accept */
export const AcceptRelay = z.object({
  /** Category of the new report in this scheme; absent: the one with the same code. */
  categoryCode: z.string().max(60).optional(),
  /** The area of the draft; absent: the usual one of the category around the place, or the smallest that reaches this scheme. */
  area: Area.optional(),
})
export type AcceptRelay = z.infer<typeof AcceptRelay>

/** POST /relays/:id/decline */
export const DeclineRelay = z.object({ reason: z.string().trim().min(1).max(500) })
export type DeclineRelay = z.infer<typeof DeclineRelay>

export const RelayStateName = z.enum(['proposed', 'accepted', 'declined', 'withdrawn'])

/** One step of the history that two schemes share about an incident. */
export const RelayStep = z.object({
  at: z.iso.datetime(),
  /** The scheme that took the step. */
  scheme: SchemeName,
  kind: z.enum([
    'called',
    'first',
    'update',
    'correction',
    'all_clear',
    'closing',
    'proposed',
    'accepted',
    'declined',
    'withdrawn',
    'ended',
    'expired',
    'cancelled',
  ]),
  /** Name of the person, for acts on the relay only, which both schemes see. */
  by: z.string().nullable(),
  reason: z.string().nullable(),
  /** Text of a message of the proposing scheme, once the relay was accepted; else null. */
  text: z.string().nullable(),
})
export type RelayStep = z.infer<typeof RelayStep>

/** An alert that one scheme proposed to another, as seen by one of the two. */
export const RelayView = z.object({
  id: z.uuid(),
  direction: z.enum(['out', 'in']),
  /** The other scheme. */
  scheme: SchemeName,
  state: RelayStateName,
  note: z.string().nullable(),
  /** Reference of the relayed alert. */
  reference: z.string(),
  text: z.string(),
  level: ContentLevel,
  category: z.object({ code: z.string(), labelFr: z.string(), labelEn: z.string(), severity: SeverityName }),
  commune: z.object({ code: z.string(), name: z.string() }),
  calledAt: z.iso.datetime(),
  occurredAt: z.iso.datetime(),
  exercise: z.boolean(),
  proposedAt: z.iso.datetime(),
  proposedBy: z.string(),
  decidedAt: z.iso.datetime().nullable(),
  decidedBy: z.string().nullable(),
  declineReason: z.string().nullable(),
  /** The reader's own report (created from the relay) and alert. */
  own: z.object({
    reportId: z.uuid().nullable(),
    alert: z.object({ id: z.uuid(), reference: z.string(), state: AlertStateName }).nullable(),
  }),
  /** The alert of the other scheme, once it was sent. */
  other: z
    .object({ reference: z.string(), state: AlertStateName, orderedAt: z.iso.datetime().nullable() })
    .nullable(),
  /** The acts of both schemes on the incident in chronological order; identical for both. */
  history: z.array(RelayStep),
})
export type RelayView = z.infer<typeof RelayView>

export const RelayQuery = z.object({
  /** Only relays of this alert of the reader's scheme, proposed or received. */
  alertId: z.uuid().optional(),
  direction: z.enum(['out', 'in']).optional(),
  state: RelayStateName.optional(),
})
export type RelayQuery = z.infer<typeof RelayQuery>

/** GET /relays: latest first. */
export const RelayList = z.object({ relays: z.array(RelayView) })
export type RelayList = z.infer<typeof RelayList>

nameSchemas({
  AcceptRelay,
  CrossedList,
  CrossedQuery,
  DeclineRelay,
  NeighbourList,
  NewRelay,
  RelayList,
  RelayStateName,
  RelayStep,
  RelayView,
})
