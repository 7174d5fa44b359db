import { z } from 'zod'
import { CommuneCode } from '../territory/contract.ts'

/** Why a report is not broadcast (doctrine of the conventions). */
export const RefusalCode = z.enum([
  'no_offence',
  'doubt',
  'arrested',
  'too_late',
  'out_of_zone',
  'duplicate',
  'other',
])
export type RefusalCode = z.infer<typeof RefusalCode>

/** Minutes between the offence and the call beyond which a written reason is needed. */
export const LATE_MINUTES = 60

export const NewReport = z.object({
  categoryCode: z.string().min(1).max(60),
  communeCode: CommuneCode,
  /** Where in the commune, in words. */
  place: z.string().trim().max(200).optional(),
  /** When the call to 17 came; now when absent. The clock of the alert runs from here. */
  calledAt: z.iso.datetime({ offset: true }).optional(),
  /** When it happened; `calledAt` when absent. */
  occurredAt: z.iso.datetime({ offset: true }).optional(),
  /** Needed when the call came more than 60 minutes after. */
  lateReason: z.string().trim().max(500).optional(),
  callerPhone: z.string().trim().max(30).optional(),
  callerName: z.string().trim().max(120).optional(),
  callerMemberId: z.uuid().optional(),
  facts: z.string().trim().max(2000).optional(),
  /** An exercise from here on: what follows says so, and can only take a simulated route. */
  exercise: z.boolean().optional(),
})
export type NewReport = z.infer<typeof NewReport>

export const RefuseReport = z.object({ reason: RefusalCode, note: z.string().trim().max(1000).optional() })
export type RefuseReport = z.infer<typeof RefuseReport>

export const ReportView = z.object({
  id: z.uuid(),
  category: z.object({ code: z.string(), labelFr: z.string(), labelEn: z.string(), severity: z.string() }),
  commune: z.object({ code: z.string(), name: z.string() }),
  place: z.string().nullable(),
  calledAt: z.iso.datetime(),
  occurredAt: z.iso.datetime(),
  lateReason: z.string().nullable(),
  caller: z
    .object({
      name: z.string().nullable(),
      /** Masked but for the last two digits. */
      phone: z.string().nullable(),
      member: z.object({ id: z.uuid(), name: z.string() }).nullable(),
    })
    .nullable(),
  facts: z.string().nullable(),
  agency: z.object({ name: z.string(), kind: z.string() }).nullable(),
  state: z.enum(['waiting', 'broadcast', 'refused']),
  refusal: z.object({ code: RefusalCode, note: z.string().nullable() }).nullable(),
  decidedAt: z.iso.datetime().nullable(),
  decidedBy: z.string().nullable(),
  createdBy: z.string(),
  /** Nothing of it can reach a real phone. */
  exercise: z.boolean(),
  /** The alert that this report led to. */
  alert: z
    .object({
      id: z.uuid(),
      reference: z.string(),
      state: z.string(),
      orderedAt: z.iso.datetime().nullable(),
    })
    .nullable(),
})
export type ReportView = z.infer<typeof ReportView>

export const ReportQuery = z.object({
  state: z.enum(['waiting', 'broadcast', 'refused']).optional(),
  categoryCode: z.string().optional(),
  q: z.string().trim().max(100).optional(),
  /** Exercises only, or none of them; absent: both. */
  exercise: z.stringbool().optional(),
  /** `calledAt` of the last row of the page before. */
  before: z.iso.datetime().optional(),
  /** Its `id`, so that two calls of the same instant are both shown. */
  beforeId: z.uuid().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})
export type ReportQuery = z.infer<typeof ReportQuery>

/** GET /reports: latest call first. */
export const ReportList = z.object({
  reports: z.array(ReportView),
  /** By state, of all that the other filters keep. */
  counts: z.object({ waiting: z.number(), broadcast: z.number(), refused: z.number() }),
})
export type ReportList = z.infer<typeof ReportList>
