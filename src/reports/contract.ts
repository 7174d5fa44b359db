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

/** SMS parts that the answer to a caller may take at most. */
export const MAX_ANSWER_PARTS = 2

export const NewReport = z.object({
  categoryCode: z.string().min(1).max(60),
  communeCode: CommuneCode,
  /** The name of a former commune by which the caller called it: what the text says then. */
  formerName: z.string().trim().max(80).optional(),
  /** Where in the commune, in words. */
  place: z.string().trim().max(200).optional(),
  /** When the call to 17 came; now when absent. The clock of the alert runs from here. */
  calledAt: z.iso.datetime({ offset: true }).optional(),
  /** When it happened; `calledAt` when absent. */
  occurredAt: z.iso.datetime({ offset: true }).optional(),
  /** Needed when the call came later than the doctrine of the scheme says: an hour after, if it says nothing. */
  lateReason: z.string().trim().max(500).optional(),
  callerPhone: z.string().trim().max(30).optional(),
  callerName: z.string().trim().max(120).optional(),
  callerMemberId: z.uuid().optional(),
  facts: z.string().trim().max(2000).optional(),
  /** An exercise from here on: what follows says so, and can only take a simulated route. */
  exercise: z.boolean().optional(),
})
export type NewReport = z.infer<typeof NewReport>

export const RefuseReport = z.object({
  reason: RefusalCode,
  note: z.string().trim().max(1000).optional(),
  /** Text to send to the caller by SMS; absent: no answer. */
  answer: z.string().trim().max(500).optional(),
})
export type RefuseReport = z.infer<typeof RefuseReport>

/** Minutes without activity after which a claim is over. */
export const CLAIM_MINUTES = 10

/** Who is on a report that waits: "prise en charge par …". */
export const ClaimView = z.object({
  userId: z.string(),
  /** As people read it: "Camille Roche (CIC Clermont-Ferrand)". */
  by: z.string(),
  /** The last sign of activity. */
  at: z.iso.datetime(),
  /** Over then, without another one. */
  until: z.iso.datetime(),
})
export type ClaimView = z.infer<typeof ClaimView>

/** POST /reports/:id/claim: again to stay on it. `take`: from whoever is on it. */
export const ClaimReport = z.object({ take: z.boolean().default(false) })
export type ClaimReport = z.infer<typeof ClaimReport>

/** Characters of JSON that the note of a call may take. */
export const NOTE_LENGTH = 20_000

/** A call being entered, kept for the one who enters it. PUT /call-notes/:id */
export const CallNoteDraft = z.object({
  /** In the shape of the screen that wrote it: given back as it came, and read by nobody else. */
  content: z
    .record(z.string().max(60), z.json())
    .refine((content) => JSON.stringify(content).length <= NOTE_LENGTH, { params: { limit: NOTE_LENGTH } }),
  /** The one that was read; 0 for a new note. */
  version: z.int32().min(0),
})
export type CallNoteDraft = z.infer<typeof CallNoteDraft>

export const CallNote = z.object({
  id: z.uuid(),
  content: z.record(z.string(), z.json()),
  version: z.number(),
  savedAt: z.iso.datetime(),
})
export type CallNote = z.infer<typeof CallNote>

/** GET /call-notes: one's own of the last 24 hours, latest first. */
export const CallNoteList = z.object({ notes: z.array(CallNote) })
export type CallNoteList = z.infer<typeof CallNoteList>

export const ReportView = z.object({
  id: z.uuid(),
  category: z.object({ code: z.string(), labelFr: z.string(), labelEn: z.string(), severity: z.string() }),
  commune: z.object({
    code: z.string(),
    name: z.string(),
    /** The name of a former commune by which the caller called it. */
    formerName: z.string().nullable(),
  }),
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
      /** Its number takes SMS: a refusal can be answered. */
      answerable: z.boolean(),
    })
    .nullable(),
  facts: z.string().nullable(),
  agency: z.object({ name: z.string(), kind: z.string() }).nullable(),
  state: z.enum(['waiting', 'broadcast', 'refused']),
  refusal: z.object({ code: RefusalCode, note: z.string().nullable() }).nullable(),
  /** What the caller of a refused report is answered, and what became of the message. */
  answer: z
    .object({
      text: z.string(),
      /** `sent`: the provider has it, or may have. */
      state: z.enum(['waiting', 'sent', 'delivered', 'failed']),
      /** When it came to that state; null while it waits. */
      at: z.iso.datetime().nullable(),
    })
    .nullable(),
  decidedAt: z.iso.datetime().nullable(),
  decidedBy: z.string().nullable(),
  createdBy: z.string(),
  /** Nothing of it can reach a real phone. */
  exercise: z.boolean(),
  /** The merchant entered it on the portal: nobody may have called yet. */
  portal: z.boolean(),
  /** Null when nobody is on it, or something is decided. */
  claim: ClaimView.nullable(),
  /** From which alert of another scheme it was taken up; null: from a call here. */
  relay: z.object({ scheme: z.string(), reference: z.string(), note: z.string().nullable() }).nullable(),
  /** The alert that this report led to. */
  alert: z
    .object({
      id: z.uuid(),
      reference: z.string(),
      state: z.string(),
      orderedAt: z.iso.datetime().nullable(),
      /** What a second person answered instead of sending it: when, who, and why; null: nothing, or it was sent. */
      answer: z
        .object({
          at: z.iso.datetime(),
          by: z.string(),
          reason: z.string().nullable(),
        })
        .nullable(),
    })
    .nullable(),
  /** The last alert of this report that a second person refused for good: what it said and why; null: none was. */
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
  /** Of the agency that took the call. */
  agencyId: z.uuid().optional(),
  /** Refused for this reason. */
  refusalCode: RefusalCode.optional(),
  /** Days of the call in France, both included. */
  from: z.iso.date().optional(),
  to: z.iso.date().optional(),
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
