import { z } from 'zod'
import { DeliveryStateName } from '../../deliveries/contract.ts'
import { nameSchemas } from '../../platform/http/endpoints.ts'

/**
 * A message to check. It is sent in a body, since URLs are kept in logs and browser histories. POST /api/public/verify
 */
export const VerifyQuestion = z.strictObject({
  /** 63-26-0142, with or without the mark after it; may be part of `text` instead. */
  reference: z.string().max(60).default(''),
  /** The whole message: a part of it gets the same response as a wrong text. */
  text: z.string().max(2000).default(''),
})
export type VerifyQuestion = z.infer<typeof VerifyQuestion>

/** Whether this message was sent. The shape is always the same; with `genuine: false` all other fields are empty. */
export const VerifyView = z.object({
  genuine: z.boolean(),
  scheme: z.string().nullable(),
  /** Time zone of the time that is shown. */
  timeZone: z.string().nullable(),
  sentAt: z.iso.datetime().nullable(),
  state: z.enum(['current', 'over']).nullable(),
  /** Whether a later message of the same alert was sent. */
  followed: z.boolean(),
  exercise: z.boolean(),
})
export type VerifyView = z.infer<typeof VerifyView>

/** POST /alerts/:id/trace */
export const TraceQuestion = z.object({
  /** K7Q4A, alone or after the reference. */
  mark: z.string().max(1000),
  /** The reason for the search, kept with the audit log. */
  reason: z.string().trim().min(3).max(500),
})
export type TraceQuestion = z.infer<typeof TraceQuestion>

/** The recipient whose copy has the mark. */
export const TraceView = z.object({
  mark: z.string(),
  /** One for each message of the alert; several recipients only if there were more than 27,000. */
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
  /** The recipients of the alert are no longer kept. */
  forgotten: z.boolean(),
})
export type TraceView = z.infer<typeof TraceView>

nameSchemas({ TraceQuestion, TraceView, VerifyQuestion, VerifyView })
