import { z } from 'zod'
import { ClientId, nameSchemas } from '../platform/http/endpoints.ts'
import { SeverityName } from '../schemes/doctrine.ts'
import { CommuneCode } from '../territory/contract.ts'

/** States of the alert that resulted from a report. */
export const AlertStateName = z.enum([
  'draft',
  'submitted',
  'returned',
  'rejected',
  'approved',
  'broadcasting',
  'active',
  'updated',
  'ended',
  'cancelled',
  'expired',
  'discarded',
])

/** Reasons for which a report is not broadcast (doctrine of the conventions). */
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

/** Maximum number of SMS parts of an answer to a caller. */
export const MAX_ANSWER_PARTS = 2

export const NewReport = z.object({
  id: ClientId.optional(),
  categoryCode: z.string().min(1).max(60),
  communeCode: CommuneCode,
  /** The name of a former commune, if the caller used it; the alert text then uses it too. */
  formerName: z.string().trim().max(80).optional(),
  /** The place within the commune, in words. */
  place: z.string().trim().max(200).optional(),
  /** When the call to 17 came in; now if absent. The alert's delay is measured from here. */
  calledAt: z.iso.datetime({ offset: true }).optional(),
  /** When it happened; `calledAt` if absent. */
  occurredAt: z.iso.datetime({ offset: true }).optional(),
  /** Required if the call came later than the scheme's doctrine allows: one hour after the offence by default. */
  lateReason: z.string().trim().max(500).optional(),
  callerPhone: z.string().trim().max(30).optional(),
  callerName: z.string().trim().max(120).optional(),
  callerMemberId: z.uuid().optional(),
  facts: z.string().trim().max(2000).optional(),
  /** Marks the report and all that follows as an exercise, which only simulated routes may carry. */
  exercise: z.boolean().optional(),
})
export type NewReport = z.infer<typeof NewReport>

export const RefuseReport = z.object({
  reason: RefusalCode,
  note: z.string().trim().max(1000).optional(),
  /** Text to send to the caller by SMS; no answer if absent. */
  answer: z.string().trim().max(500).optional(),
})
export type RefuseReport = z.infer<typeof RefuseReport>

/** Minutes without activity after which a claim expires. */
export const CLAIM_MINUTES = 10

/** The user who handles a waiting report: "prise en charge par …". */
export const ClaimView = z.object({
  userId: z.string(),
  /** Display name: "Camille Roche (CIC Clermont-Ferrand)". */
  by: z.string(),
  /** The last activity. */
  at: z.iso.datetime(),
  /** The claim expires at this time unless renewed. */
  until: z.iso.datetime(),
})
export type ClaimView = z.infer<typeof ClaimView>

/** POST /reports/:id/claim: repeat it to keep the claim. `take` takes it over from another user. */
export const ClaimReport = z.object({ take: z.boolean().default(false) })
export type ClaimReport = z.infer<typeof ClaimReport>

/** Maximum length of a call note, in characters of JSON. */
export const NOTE_LENGTH = 20_000

const JsonValue = z.json()

/** PUT /call-notes/:id: a call being entered, stored for its author. */
export const CallNoteDraft = z.object({
  /** In the format of the screen that wrote it: stored and returned unchanged, not read by the server. */
  content: z
    .record(z.string().max(60), JsonValue)
    .refine((content) => JSON.stringify(content).length <= NOTE_LENGTH, { params: { limit: NOTE_LENGTH } }),
  /** The version that was read; 0 for a new note. */
  version: z.int32().min(0),
})
export type CallNoteDraft = z.infer<typeof CallNoteDraft>

export const CallNote = z.object({
  id: z.uuid(),
  content: z.record(z.string(), JsonValue),
  version: z.number(),
  savedAt: z.iso.datetime(),
})
export type CallNote = z.infer<typeof CallNote>

/** GET /call-notes: the user's own notes of the last 24 hours, latest first. */
export const CallNoteList = z.object({ notes: z.array(CallNote) })
export type CallNoteList = z.infer<typeof CallNoteList>

export const ReportView = z.object({
  id: z.uuid(),
  category: z.object({ code: z.string(), labelFr: z.string(), labelEn: z.string(), severity: SeverityName }),
  commune: z.object({
    code: z.string(),
    name: z.string(),
    /** The name of a former commune, if the caller used it. */
    formerName: z.string().nullable(),
  }),
  place: z.string().nullable(),
  calledAt: z.iso.datetime(),
  occurredAt: z.iso.datetime(),
  lateReason: z.string().nullable(),
  caller: z
    .object({
      name: z.string().nullable(),
      /** Masked except the last two digits. */
      phone: z.string().nullable(),
      member: z.object({ id: z.uuid(), name: z.string() }).nullable(),
      /** Whether the number receives SMS, so that a refusal can be answered. */
      answerable: z.boolean(),
    })
    .nullable(),
  facts: z.string().nullable(),
  agency: z.object({ name: z.string(), kind: z.string() }).nullable(),
  state: z.enum(['waiting', 'broadcast', 'refused']),
  refusal: z.object({ code: RefusalCode, note: z.string().nullable() }).nullable(),
  /** The answer to the caller of a refused report, with the state of its message. */
  answer: z
    .object({
      text: z.string(),
      /** `sent`: submitted to the provider, or possibly so. */
      state: z.enum(['waiting', 'sent', 'delivered', 'failed']),
      /** When it entered that state; null while it waits. */
      at: z.iso.datetime().nullable(),
    })
    .nullable(),
  decidedAt: z.iso.datetime().nullable(),
  decidedBy: z.string().nullable(),
  createdBy: z.string(),
  /** An exercise: nothing of it can reach a real phone. */
  exercise: z.boolean(),
  /** Whether a merchant entered it on the portal. */
  portal: z.boolean(),
  /** Reports from the portal only: whether the merchant called 17 too. Null for a call. */
  called17: z.boolean().nullable(),
  /** Null if no user has a claim, or the report is decided. */
  claim: ClaimView.nullable(),
  /** The alert of another scheme that it was taken over from; null for a call to this scheme. */
  relay: z.object({ scheme: z.string(), reference: z.string(), note: z.string().nullable() }).nullable(),
  /** The alert that resulted from this report. */
  alert: z
    .object({
      id: z.uuid(),
      reference: z.string(),
      state: AlertStateName,
      orderedAt: z.iso.datetime().nullable(),
      /** The response of the second person who did not approve: when, who and why; null if none, or if the alert was sent. */
      answer: z
        .object({
          at: z.iso.datetime(),
          by: z.string(),
          reason: z.string().nullable(),
        })
        .nullable(),
    })
    .nullable(),
  /** The last alert of this report that a second person rejected, with its text and the reason; null if none. */
  rejection: z
    .object({
      alertId: z.uuid(),
      reference: z.string(),
      text: z.string(),
      reason: z.string(),
      by: z.string(),
      at: z.iso.datetime(),
    })
    .nullable(),
})
export type ReportView = z.infer<typeof ReportView>

export const ReportQuery = z.object({
  state: z.enum(['waiting', 'broadcast', 'refused']).optional(),
  categoryCode: z.string().optional(),
  /** Reports of the agency that took the call. */
  agencyId: z.uuid().optional(),
  /** Reports refused for this reason. */
  refusalCode: RefusalCode.optional(),
  /** Days of the call in France, both included. */
  from: z.iso.date().optional(),
  to: z.iso.date().optional(),
  q: z.string().trim().max(100).optional(),
  /** Only exercises, or none; both if absent. */
  exercise: z.stringbool().optional(),
  /** `next` of the previous page. */
  before: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})
export type ReportQuery = z.infer<typeof ReportQuery>

/** GET /reports: latest call first. */
export const ReportList = z.object({
  reports: z.array(ReportView),
  /** Counts by state, over all reports that match the other filters. */
  counts: z.object({ waiting: z.number(), broadcast: z.number(), refused: z.number() }),
  /** Pass it as `before` to get the next page; null on the last page. */
  next: z.string().nullable(),
})
export type ReportList = z.infer<typeof ReportList>

nameSchemas({
  AlertStateName,
  CallNote,
  CallNoteDraft,
  CallNoteList,
  ClaimReport,
  ClaimView,
  JsonValue,
  NewReport,
  RefusalCode,
  RefuseReport,
  ReportList,
  ReportView,
})
