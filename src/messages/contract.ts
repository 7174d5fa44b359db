import { z } from 'zod'

/** Parts of an SMS: each costs as much again. */
export const PARTS_MAX = 3

const Channel = z.enum(['sms', 'mail'])

/** Which members: the active ones that all of it keeps. */
const GroupFilter = z.object({
  trade: z.string().min(1).max(60).optional(),
  sectorId: z.uuid().optional(),
  /** Those who have not settled what they owe. */
  unpaid: z.boolean().optional(),
})
export type GroupFilter = z.infer<typeof GroupFilter>

/** POST /api/schemes/:scheme/messages/preview: what a message would come to, without sending it. */
export const DraftMessage = z.object({
  channel: Channel,
  subject: z.string().trim().max(150).default(''),
  text: z.string().trim().max(4000),
  filter: GroupFilter,
})
export type DraftMessage = z.infer<typeof DraftMessage>

/** POST /api/schemes/:scheme/messages. The sender makes its id: the same one sent again is the same message. */
export const NewServiceMessage = DraftMessage.extend({ id: z.uuid() })
export type NewServiceMessage = z.infer<typeof NewServiceMessage>

/** What it would come to now. */
export const MessagePreview = z.object({
  recipients: z.number(),
  /** Members of the group without a number that SMS reach, or without an address. */
  without: z.number(),
  /** Parts of the SMS, its text as it will leave and its price; null for a mail. */
  sms: z.object({ parts: z.number(), text: z.string(), costCents: z.number() }).nullable(),
  /** Whether a second person orders: there are more than `aloneMax`, which the scheme says. */
  needsSecond: z.boolean(),
  aloneMax: z.number(),
  /** When it leaves: not at night, nor on Sundays. */
  leavesAt: z.iso.datetime(),
})
export type MessagePreview = z.infer<typeof MessagePreview>

export const ServiceMessageView = z.object({
  id: z.uuid(),
  channel: Channel,
  subject: z.string(),
  text: z.string(),
  filter: GroupFilter,
  state: z.enum(['waiting', 'sent', 'refused']),
  recipients: z.number(),
  writtenAt: z.iso.datetime(),
  writer: z.string(),
  /** Whether whoever reads it wrote it, and so does not order it. */
  own: z.boolean(),
  decidedAt: z.iso.datetime().nullable(),
  decider: z.string().nullable(),
  reason: z.string().nullable(),
  /** Of an SMS: how many arrived; null for a mail. */
  delivered: z.number().nullable(),
  /** Of an SMS: how many left and never arrive, as far as is known; null for a mail. */
  failed: z.number().nullable(),
  /** How many were withdrawn before they left. */
  withdrawn: z.number(),
  /** Of a mail: how many still wait for the mail server; null for an SMS. */
  waiting: z.number().nullable(),
  /** Who stopped it before all of it had left, and when; null: nobody. */
  stopped: z.object({ at: z.iso.datetime(), by: z.string() }).nullable(),
})
export type ServiceMessageView = z.infer<typeof ServiceMessageView>

/** GET /api/schemes/:scheme/messages: the latest first, a hundred at most. */
export const ServiceMessageList = z.object({
  messages: z.array(ServiceMessageView),
  /** Whether a mail server is set up. */
  mail: z.boolean(),
})
export type ServiceMessageList = z.infer<typeof ServiceMessageList>

/** POST …/messages/:id/decision */
export const MessageDecision = z.object({
  outcome: z.enum(['send', 'refuse']),
  /** Needed to refuse. */
  reason: z.string().trim().max(300).default(''),
  /** As many as were shown: refused when the group is another by now. */
  recipients: z.int32().optional(),
})
export type MessageDecision = z.infer<typeof MessageDecision>
