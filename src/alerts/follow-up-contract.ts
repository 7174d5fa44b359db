import { z } from 'zod'
import { Progress } from '../deliveries/contract.ts'
import { ContentLevel } from '../schemes/doctrine.ts'

const FOLLOW_UP_KINDS = ['update', 'correction', 'all_clear'] as const
export type FollowUpKind = (typeof FOLLOW_UP_KINDS)[number]

/**
 * What is told to exactly those who got the first message. An all-clear ends the alert.
 * POST /alerts/:id/follow-ups
 */
export const NewFollowUp = z.object({
  kind: z.enum(FOLLOW_UP_KINDS),
  /** Without the reference, which is added. */
  text: z.string().max(1000),
  /** What the text tells. At `precise`, the prosecutor's authorisation of this very text goes with it. */
  level: ContentLevel.default('established'),
  authorisation: z
    .object({
      magistrate: z.string().trim().min(1).max(120),
      /** "Parquet de Clermont-Ferrand". */
      service: z.string().trim().min(1).max(120),
      /** Now when absent. */
      givenAt: z.iso.datetime({ offset: true }).optional(),
      /** What it covers. */
      scope: z.string().trim().min(1).max(500),
    })
    .optional(),
  /** The last message that was read: nobody answers one that another has just followed up. */
  after: z.uuid(),
  /** Made by whoever orders, once an order: the same one twice is sent once. */
  key: z.uuid(),
})
export type NewFollowUp = z.infer<typeof NewFollowUp>

/** Whom a follow-up would go to now. GET /alerts/:id/follow-ups/preview */
export const FollowUpPreview = z.object({
  recipients: z.number(),
  /** Recipients of the first message who left the scheme since, and get nothing more. */
  left: z.number(),
  /** For a text of one part; multiply by the parts. */
  costCents: z.number(),
})
export type FollowUpPreview = z.infer<typeof FollowUpPreview>

/** What came of an alert that is over. POST /alerts/:id/outcome */
export const NewOutcome = z.object({
  outcome: z.enum(['arrest', 'nothing', 'unknown']),
  /** Not told to members nor to the chamber. */
  note: z.string().trim().max(1000).optional(),
  /** Whether those who got the alert are told, and thanked; once an alert. */
  thank: z.boolean(),
})
export type NewOutcome = z.infer<typeof NewOutcome>

export const OutcomeView = z.object({
  outcome: NewOutcome.shape.outcome,
  note: z.string().nullable(),
  at: z.iso.datetime(),
  by: z.string(),
})

/** One message of an alert, to all its recipients. */
export const BroadcastView = z.object({
  id: z.uuid(),
  kind: z.enum(['first', 'update', 'correction', 'all_clear', 'closing', 'thanks']),
  /** As phones show it. Empty when hidden. */
  text: z.string(),
  parts: z.number(),
  orderedAt: z.iso.datetime(),
  orderedBy: z.string(),
  /** Null for a member. */
  progress: Progress.nullable(),
})
export type BroadcastView = z.infer<typeof BroadcastView>
