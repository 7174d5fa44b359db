import { z } from 'zod'
import { ContentLevel } from '../schemes/doctrine.ts'
import { CommuneCode } from '../territory/contract.ts'

const SchemeName = z.object({ id: z.string(), name: z.string() })

/** GET /neighbours?communes=63178,63287: the schemes to which something about these places could be relayed. */
export const NeighbourQuery = z.object({
  communes: z
    .string()
    .max(400)
    .transform((text) => text.split(',').filter(Boolean))
    .pipe(z.array(CommuneCode).min(1).max(50)),
})
export const NeighbourList = z.object({
  /** The nearest first. */
  schemes: z.array(
    SchemeName.extend({
      /** From the nearest of the places to the nearest commune of the scheme; null: farther than 80 km. */
      kilometres: z.number().nullable(),
      /** Near enough to be proposed. */
      near: z.boolean(),
    }),
  ),
})
export type NeighbourList = z.infer<typeof NeighbourList>

/** POST /alerts/:id/relay */
export const NewRelay = z.object({
  schemeIds: z.array(z.string().max(64)).min(1).max(20),
  /** To the operator there; members never see it. */
  note: z.string().trim().max(500).optional(),
})
export type NewRelay = z.infer<typeof NewRelay>

/** POST /relays/:id/accept */
export const AcceptRelay = z.object({
  /** The category it goes under here; absent: the one of the same code. */
  categoryCode: z.string().max(60).optional(),
})
export type AcceptRelay = z.infer<typeof AcceptRelay>

/** POST /relays/:id/decline */
export const DeclineRelay = z.object({ reason: z.string().trim().min(1).max(500) })
export type DeclineRelay = z.infer<typeof DeclineRelay>

export const RelayStateName = z.enum(['proposed', 'accepted', 'declined', 'withdrawn'])

/** One step of an incident that two schemes share. */
export const RelayStep = z.object({
  at: z.iso.datetime(),
  /** Who took it. */
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
  /** Persons are named for what they did to the relay, which both schemes see. */
  by: z.string().nullable(),
  reason: z.string().nullable(),
  /** What was sent, of the scheme that relayed it and to the one that accepted it. */
  text: z.string().nullable(),
})
export type RelayStep = z.infer<typeof RelayStep>

/** An alert that one scheme proposed to another, as one of the two sees it. */
export const RelayView = z.object({
  id: z.uuid(),
  direction: z.enum(['out', 'in']),
  /** The other one. */
  scheme: SchemeName,
  state: RelayStateName,
  note: z.string().nullable(),
  /** Of the alert that was relayed. */
  reference: z.string(),
  text: z.string(),
  level: ContentLevel,
  category: z.object({ code: z.string(), labelFr: z.string(), labelEn: z.string(), severity: z.string() }),
  commune: z.object({ code: z.string(), name: z.string() }),
  calledAt: z.iso.datetime(),
  occurredAt: z.iso.datetime(),
  exercise: z.boolean(),
  proposedAt: z.iso.datetime(),
  proposedBy: z.string(),
  decidedAt: z.iso.datetime().nullable(),
  decidedBy: z.string().nullable(),
  declineReason: z.string().nullable(),
  /** Of the reader's own scheme: the report it became, and its alert. */
  own: z.object({
    reportId: z.uuid().nullable(),
    alert: z.object({ id: z.uuid(), reference: z.string(), state: z.string() }).nullable(),
  }),
  /** What is told of the alert of the other scheme, once it left. */
  other: z
    .object({ reference: z.string(), state: z.string(), orderedAt: z.iso.datetime().nullable() })
    .nullable(),
  /** What both schemes did about the incident, in the order it happened: the same for both. */
  history: z.array(RelayStep),
})
export type RelayView = z.infer<typeof RelayView>

export const RelayQuery = z.object({
  /** Those of one alert of the reader's scheme, relayed or received. */
  alertId: z.uuid().optional(),
  direction: z.enum(['out', 'in']).optional(),
  state: RelayStateName.optional(),
})
export type RelayQuery = z.infer<typeof RelayQuery>

/** GET /relays: the latest first. */
export const RelayList = z.object({ relays: z.array(RelayView) })
export type RelayList = z.infer<typeof RelayList>
