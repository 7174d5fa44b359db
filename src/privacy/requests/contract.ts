import { z } from 'zod'
import { ClientId, nameSchemas } from '../../platform/http/endpoints.ts'
import { TRACE_SECTIONS } from './sections.ts'

const Kind = z.enum(['access', 'rectification', 'erasure', 'objection'])
const Via = z.enum(['letter', 'mail', 'phone', 'desk'])

/** Number of records by section; sections without one are absent. */
const Traces = z.partialRecord(z.enum(TRACE_SECTIONS), z.number().int().positive())
export type Traces = z.infer<typeof Traces>

/** The records that an erasure of people erased, and those that it kept. */
const ErasedTraces = z.object({ erased: Traces, kept: Traces })
export type ErasedTraces = z.infer<typeof ErasedTraces>

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
  /** Number of members emptied by an erasure; 0: none, see `traces`. Null: not an erasure, or unknown. */
  erased: z.number().nullable(),
  /** Null unless people, and not a whole member, were erased. */
  traces: ErasedTraces.nullable(),
})
export type DataRequestView = z.infer<typeof DataRequestView>

/** GET /api/schemes/:scheme/data-requests: open ones by deadline, then answered ones, latest first. */
export const DataRequestQuery = z.object({
  /** Number of requests that were read already. */
  offset: z.coerce.number().int().min(0).max(100_000).default(0),
})
export type DataRequestQuery = z.infer<typeof DataRequestQuery>

/** At most 200 requests, and how many there are in total. */
export const DataRequestList = z.object({ requests: z.array(DataRequestView), total: z.number() })
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

/**
 * `member`: the whole member, which leaves. `people`: the chosen contacts, whose members stay, and what the numbers and addresses of
 * the request find.
 */
const Erase = z.enum(['member', 'people'])

/** POST /api/schemes/:scheme/data-requests/:id/answer */
export const AnswerDataRequest = z.object({
  outcome: z.enum(['done', 'refused']),
  /** Required for a refusal. */
  answer: z.string().trim().max(500).default(''),
  /** For an erasure: whom it is about. When absent, whom the request names. */
  erase: Erase.optional(),
  /** The contacts that are erased; used with `people` only. */
  contacts: z.array(z.uuid()).max(100).optional(),
})
export type AnswerDataRequest = z.infer<typeof AnswerDataRequest>

/** GET /api/schemes/:scheme/data-requests/:id/erasure: what granting an erasure would erase. */
export const ErasureQuery = z.object({
  erase: Erase.optional(),
  /** As in the answer, separated by commas. */
  contacts: z
    .string()
    .default('')
    .transform((ids) => ids.split(',').filter(Boolean))
    .pipe(z.array(z.uuid()).max(100)),
})
export type ErasureQuery = z.infer<typeof ErasureQuery>

export const ErasurePreview = z.object({
  /** Contacts that can be erased alone: those of the member; for no member, those with a number or an address of the request. */
  candidates: z.array(
    z.object({
      id: z.uuid(),
      person: z.string(),
      member: z.object({ id: z.uuid(), name: z.string() }),
      /** Whether the member would have no other contact. */
      isLast: z.boolean(),
    }),
  ),
  /** Null: the request names none of the contacts of its member, and the user must choose. */
  erase: Erase.nullable(),
  /** Contacts that would be erased. */
  contacts: z.array(z.uuid()),
  /** Numbers (E.164) and addresses by which data is searched. */
  keys: z.array(z.string()),
  /** Empty for a whole member. */
  found: Traces,
})
export type ErasurePreview = z.infer<typeof ErasurePreview>

nameSchemas({ AnswerDataRequest, DataRequestList, DataRequestView, ErasurePreview, NewDataRequest })
