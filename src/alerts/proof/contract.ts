import { z } from 'zod'
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

nameSchemas({ VerifyQuestion, VerifyView })
