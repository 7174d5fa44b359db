import { z } from 'zod'
import { ClientId, nameSchemas } from '../platform/http/endpoints.ts'

/** Maximum parts of an SMS; each part is charged as one SMS. */
export const PARTS_MAX = 3

const Channel = z.enum(['sms', 'mail'])

/** Selects the active members that satisfy every field. */
const GroupFilter = z.object({
  trade: z.string().min(1).max(60).optional(),
  sectorId: z.uuid().optional(),
  /** Only members with unpaid dues. */
  unpaid: z.boolean().optional(),
  /** Only the members of this view of the list, or of this group chosen by hand, as they are when it is sent. */
  viewId: z.uuid().optional(),
})
export type GroupFilter = z.infer<typeof GroupFilter>

/** POST /api/schemes/:scheme/messages/preview: counts recipients and price without sending. */
export const DraftMessage = z.object({
  channel: Channel,
  subject: z.string().trim().max(150).default(''),
  text: z.string().trim().max(4000),
  filter: GroupFilter,
})
export type DraftMessage = z.infer<typeof DraftMessage>

/** POST /api/schemes/:scheme/messages */
export const NewServiceMessage = DraftMessage.extend({
  /** Chosen by the client, so that a request whose answer was lost can be sent again (ADR 22). */
  id: ClientId.optional(),
})
export type NewServiceMessage = z.infer<typeof NewServiceMessage>

/** Recipients, price and time of sending of a message, counted now. */
export const MessagePreview = z.object({
  recipients: z.number(),
  /** Number of members in the group whose contacts have no number that takes SMS (or no mail address). */
  without: z.number(),
  /** Parts, final text and price of the SMS; null for a mail. */
  sms: z.object({ parts: z.number(), text: z.string(), costCents: z.number() }).nullable(),
  /** True when more than `aloneMax` (a setting of the scheme) recipients require a second person. */
  needsSecond: z.boolean(),
  aloneMax: z.number(),
  /** Time of sending, outside nights and Sundays. */
  leavesAt: z.iso.datetime(),
})
export type MessagePreview = z.infer<typeof MessagePreview>

export const ServiceMessageView = z.object({
  id: z.uuid(),
  channel: Channel,
  subject: z.string(),
  text: z.string(),
  /** Without the id of a view of which the reader may not see the name. */
  filter: GroupFilter,
  /** Whether it goes to the members of a view or a group. */
  ofView: z.boolean(),
  /**
   * Name of the view; null if there is none, if it was deleted, or if its owner saw more than the reader.
   */
  viewName: z.string().nullable(),
  state: z.enum(['waiting', 'sent', 'refused']),
  recipients: z.number(),
  writtenAt: z.iso.datetime(),
  writer: z.string(),
  /** True when the reader wrote it, and so may not approve it. */
  own: z.boolean(),
  decidedAt: z.iso.datetime().nullable(),
  decider: z.string().nullable(),
  reason: z.string().nullable(),
  /** Number of SMS delivered; null for a mail. */
  delivered: z.number().nullable(),
  /** Number of SMS submitted that failed or expired so far; null for a mail. */
  failed: z.number().nullable(),
  /** Number withdrawn before they were submitted. */
  withdrawn: z.number(),
  /** Number of mails not yet sent to the mail server; null for an SMS. */
  waiting: z.number().nullable(),
  /** The person who stopped it before all of it was submitted; null: not stopped. */
  stopped: z.object({ at: z.iso.datetime(), by: z.string() }).nullable(),
})
export type ServiceMessageView = z.infer<typeof ServiceMessageView>

/** GET /api/schemes/:scheme/messages: latest first, a hundred at most. */
export const ServiceMessageList = z.object({
  messages: z.array(ServiceMessageView),
  /** True when a mail server is configured. */
  mail: z.boolean(),
})
export type ServiceMessageList = z.infer<typeof ServiceMessageList>

/** POST …/messages/:id/decision */
export const MessageDecision = z.object({
  outcome: z.enum(['send', 'refuse']),
  /** Required to refuse. */
  reason: z.string().trim().max(300).default(''),
  /** The number of recipients shown to the approver; the request is refused when the group has changed. */
  recipients: z.int32().optional(),
})
export type MessageDecision = z.infer<typeof MessageDecision>

nameSchemas({
  DraftMessage,
  MessageDecision,
  MessagePreview,
  NewServiceMessage,
  ServiceMessageList,
  ServiceMessageView,
})
