import { z } from 'zod'
import { nameSchemas } from '../../platform/endpoints.ts'

const Kind = z.enum(['access', 'rectification', 'erasure', 'objection'])
const Via = z.enum(['letter', 'mail', 'phone', 'desk'])

export const DataRequestView = z.object({
  id: z.uuid(),
  kind: Kind,
  /** Null: of nobody who is a member. */
  member: z.object({ id: z.uuid(), name: z.string() }).nullable(),
  /** Empty once they were erased. */
  person: z.string(),
  via: Via,
  receivedOn: z.iso.date(),
  /** A month after it was received. */
  dueOn: z.iso.date(),
  state: z.enum(['open', 'done', 'refused']),
  answer: z.string(),
  decidedAt: z.iso.datetime().nullable(),
  /** Of an erasure that was done, members it emptied; 0: nothing was kept. Null: of another, or not known. */
  erased: z.number().nullable(),
})
export type DataRequestView = z.infer<typeof DataRequestView>

/** GET /api/schemes/:scheme/data-requests: the open ones by their deadline, then the answered ones, the latest first. */
export const DataRequestList = z.object({ requests: z.array(DataRequestView) })
export type DataRequestList = z.infer<typeof DataRequestList>

/** POST /api/schemes/:scheme/data-requests */
export const NewDataRequest = z.object({
  kind: Kind,
  memberId: z.uuid().optional(),
  /** Needed where it is no member who asks. */
  person: z.string().trim().max(120).default(''),
  via: Via,
  receivedOn: z.iso.date(),
})
export type NewDataRequest = z.infer<typeof NewDataRequest>

/** POST /api/schemes/:scheme/data-requests/:id/answer */
export const AnswerDataRequest = z.object({
  outcome: z.enum(['done', 'refused']),
  /** Needed to refuse. */
  answer: z.string().trim().max(500).default(''),
})
export type AnswerDataRequest = z.infer<typeof AnswerDataRequest>

nameSchemas({ AnswerDataRequest, DataRequestList, DataRequestView, NewDataRequest })
