import { z } from 'zod'
import { ClientId, nameSchemas } from '../../platform/endpoints.ts'

const Kind = z.enum(['access', 'rectification', 'erasure', 'objection'])
const Via = z.enum(['letter', 'mail', 'phone', 'desk'])

export const DataRequestView = z.object({
  id: z.uuid(),
  kind: Kind,
  /** Null: the person is not a member. */
  member: z.object({ id: z.uuid(), name: z.string() }).nullable(),
  /** Empty once the person was erased. */
  person: z.string(),
  via: Via,
  receivedOn: z.iso.date(),
  /** One month after receipt. */
  dueOn: z.iso.date(),
  state: z.enum(['open', 'done', 'refused']),
  answer: z.string(),
  decidedAt: z.iso.datetime().nullable(),
  /** Number of members emptied by an erasure; 0: no data was held. Null: not an erasure, or unknown. */
  erased: z.number().nullable(),
})
export type DataRequestView = z.infer<typeof DataRequestView>

/** GET /api/schemes/:scheme/data-requests: open ones by deadline, then answered ones, latest first. */
export const DataRequestList = z.object({ requests: z.array(DataRequestView) })
export type DataRequestList = z.infer<typeof DataRequestList>

/** POST /api/schemes/:scheme/data-requests */
export const NewDataRequest = z.object({
  /** Chosen by the client, so that the same request can be sent again after a lost answer. */
  id: ClientId.optional(),
  kind: Kind,
  memberId: z.uuid().optional(),
  /** Required when the request is not entered for a member. */
  person: z.string().trim().max(120).default(''),
  via: Via,
  receivedOn: z.iso.date(),
})
export type NewDataRequest = z.infer<typeof NewDataRequest>

/** POST /api/schemes/:scheme/data-requests/:id/answer */
export const AnswerDataRequest = z.object({
  outcome: z.enum(['done', 'refused']),
  /** Required for a refusal. */
  answer: z.string().trim().max(500).default(''),
})
export type AnswerDataRequest = z.infer<typeof AnswerDataRequest>

nameSchemas({ AnswerDataRequest, DataRequestList, DataRequestView, NewDataRequest })
