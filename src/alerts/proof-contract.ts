import { z } from 'zod'
import { DeliveryStateName } from '../deliveries/contract.ts'

/** GET /api/public/verify: what somebody has of a message. */
export const VerifyQuery = z.object({
  /** 63-26-0142, with or without the mark behind it; may stand in `words` instead. */
  reference: z.string().max(60).default(''),
  /** The first words of the message at least, best all of it. */
  words: z.string().max(1000).default(''),
})
export type VerifyQuery = z.infer<typeof VerifyQuery>

/**
 * Whether such a message was sent. The same shape whatever the answer; nothing but `genuine: false` is told of a
 * message that was not.
 */
export const VerifyView = z.object({
  genuine: z.boolean(),
  /** How much of the message was given and is right. A `beginning` says nothing of what follows it. */
  extent: z.enum(['whole', 'beginning']).nullable(),
  scheme: z.string().nullable(),
  sentAt: z.iso.datetime().nullable(),
  state: z.enum(['current', 'over']).nullable(),
  /** A later message of the same alert was sent. */
  followed: z.boolean(),
  exercise: z.boolean(),
})
export type VerifyView = z.infer<typeof VerifyView>

/** POST /alerts/:id/trace */
export const TraceQuestion = z.object({
  /** K7Q, alone or behind the reference. */
  mark: z.string().max(1000),
  /** Why it is asked: on the audit record. */
  reason: z.string().trim().min(3).max(500),
})
export type TraceQuestion = z.infer<typeof TraceQuestion>

/** Whose copy bears a mark. */
export const TraceView = z.object({
  mark: z.string(),
  /** One for each message of the alert; several people only where more than 27,000 received it. */
  matches: z.array(
    z.object({
      kind: z.enum([
        'first',
        'update',
        'correction',
        'all_clear',
        'closing',
        'thanks',
        'copy',
        'answer',
        'digest',
        'code',
        'service',
      ]),
      sentAt: z.iso.datetime(),
      no: z.number(),
      name: z.string(),
      commune: z.string(),
      phone: z.string(),
      state: DeliveryStateName,
    }),
  ),
  /** Who received what is no longer kept. */
  forgotten: z.boolean(),
})
export type TraceView = z.infer<typeof TraceView>
