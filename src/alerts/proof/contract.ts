import { z } from 'zod'
import { DeliveryStateName } from '../../deliveries/contract.ts'
import { nameSchemas } from '../../platform/endpoints.ts'

/** POST /api/public/verify: a message to check, in a body, since addresses are kept in logs and histories. */
export const VerifyQuestion = z.strictObject({
  /** 63-26-0142, with or without the mark behind it; may be part of `text` instead. */
  reference: z.string().max(60).default(''),
  /** The whole message: any part of it is answered as a wrong text. */
  text: z.string().max(2000).default(''),
})
export type VerifyQuestion = z.infer<typeof VerifyQuestion>

/** Tells whether such a message was sent. The shape is always the same; `genuine: false` comes with nothing else. */
export const VerifyView = z.object({
  genuine: z.boolean(),
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

nameSchemas({ TraceQuestion, TraceView, VerifyQuestion, VerifyView })
