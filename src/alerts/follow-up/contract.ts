import { z } from 'zod'
import { Progress } from '../../deliveries/contract.ts'
import { nameSchemas } from '../../platform/http/endpoints.ts'
import { ContentLevel } from '../../schemes/doctrine.ts'
import { ApprovalView, AuthorisationView, GivenAuthorisation, ReturnedText } from '../approval/contract.ts'

const FOLLOW_UP_KINDS = ['update', 'correction', 'all_clear'] as const

export type { FollowUpKind } from '../../schema.ts'

/**
 * A follow-up to exactly the recipients of the first message. An all-clear ends the alert.
 * POST /alerts/:id/follow-ups (order it), /follow-ups/submit (submit it to a second person)
 */
export const NewFollowUp = z.object({
  kind: z.enum(FOLLOW_UP_KINDS),
  /** Without the reference, which is added on sending. */
  text: z.string().max(1000),
  /** Content level of the text. */
  level: ContentLevel.default('established'),
  /** The prosecutor's authorisation of this very text, for the level `precise`; recorded with the text. */
  authorisation: GivenAuthorisation.optional(),
  /** The last message that the author has read: the order is refused if another follow-up was sent since. */
  after: z.uuid(),
  /** Idempotency key chosen by the client: an order repeated with the same key is carried out once. */
  key: z.uuid(),
  /** The pending follow-up, in the version read, that this one replaces. */
  replaces: z.object({ id: z.uuid(), version: z.int32().min(1) }).optional(),
})
export type NewFollowUp = z.infer<typeof NewFollowUp>

/** An order by a chief without the second person, with the reason. POST /alerts/:id/follow-ups/override */
export const OverridingFollowUp = NewFollowUp.extend({ reason: z.string().trim().min(1).max(500) })
export type OverridingFollowUp = z.infer<typeof OverridingFollowUp>

/** The last return of a follow-up by a second person, with its content as it was then. */
export const ReturnedFollowUp = ReturnedText.extend({ kind: NewFollowUp.shape.kind })
export type ReturnedFollowUp = z.infer<typeof ReturnedFollowUp>

/** A follow-up of an alert. */
export const FollowUpView = z.object({
  id: z.uuid(),
  kind: NewFollowUp.shape.kind,
  version: z.number(),
  /** `ordered`: sent, with or without a second person. */
  state: z.enum(['submitted', 'returned', 'rejected', 'ordered']),
  /** As it was written. Empty when hidden. */
  text: z.string(),
  level: ContentLevel,
  /** The message that it follows. */
  after: z.uuid(),
  createdAt: z.iso.datetime(),
  createdBy: z.string(),
  authorisation: AuthorisationView.nullable(),
  approval: ApprovalView,
  /** Null: it was never returned, or the text is hidden. */
  returned: ReturnedFollowUp.nullable(),
  /** SHA-256 as for an alert: text as sent, recipients, level, sender, route. Null where the text is hidden. */
  contentHash: z.string().nullable(),
  /** The message that was sent of it. */
  broadcastId: z.uuid().nullable(),
})
export type FollowUpView = z.infer<typeof FollowUpView>

/** Recipients of a follow-up sent now. GET /alerts/:id/follow-ups/preview */
export const FollowUpPreview = z.object({
  recipients: z.number(),
  /** Recipients of the first message who left the scheme since and receive no follow-up. */
  left: z.number(),
  /** For a text of one part; multiply by the parts. */
  costCents: z.number(),
})
export type FollowUpPreview = z.infer<typeof FollowUpPreview>

/** The outcome of a closed alert. POST /alerts/:id/outcome */
export const NewOutcome = z.object({
  outcome: z.enum(['arrest', 'nothing', 'unknown']),
  /** Hidden from members and the chamber. */
  note: z.string().trim().max(1000).optional(),
  /** Whether to notify and thank the recipients of the alert; once per alert. */
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
  progress: Progress,
})
export type BroadcastView = z.infer<typeof BroadcastView>

nameSchemas({
  BroadcastView,
  FollowUpPreview,
  FollowUpView,
  NewFollowUp,
  NewOutcome,
  OutcomeView,
  OverridingFollowUp,
  ReturnedFollowUp,
})
