import { z } from 'zod'
import { DeliveryStateName } from '../../deliveries/contract.ts'
import { nameSchemas } from '../../platform/http/endpoints.ts'

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

nameSchemas({ TraceQuestion, TraceView })
