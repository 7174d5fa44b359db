import { z } from 'zod'
import { nameSchemas } from '../platform/http/endpoints.ts'

export const HandsetQuery = z.object({
  /** Digits of the number, or part of the owner's name. */
  q: z.string().trim().max(80).default(''),
  limit: z.coerce.number().int().min(1).max(500).default(60),
})

export const HandsetState = z.enum(['on', 'off', 'memoryFull'])
export type HandsetState = z.infer<typeof HandsetState>

export const HandsetMessage = z.object({
  id: z.string(),
  from: z.string(),
  text: z.string(),
  receivedAt: z.iso.datetime(),
  parts: z.number(),
})

/** A simulated phone with its owner in the demo's schemes. */
export const Handset = z.object({
  /** E.164 */
  phone: z.string(),
  owner: z.string().nullable(),
  state: HandsetState,
  /** Latest first. */
  messages: z.array(HandsetMessage),
})
export type Handset = z.infer<typeof Handset>

/** An event on the phones: a message arrived, or a phone was switched on or off. */
export const HandsetEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('message'), phone: z.string(), message: HandsetMessage }),
  z.object({ type: z.literal('state'), phone: z.string(), state: HandsetState }),
])
export type HandsetEvent = z.infer<typeof HandsetEvent>

export const MailSummary = z.object({
  id: z.uuid(),
  to: z.string(),
  subject: z.string(),
  at: z.iso.datetime(),
  attachments: z.array(z.object({ name: z.string(), bytes: z.number() })),
})
export type MailSummary = z.infer<typeof MailSummary>

/** A mail with both bodies; the reader's program shows one of them. */
export const MailView = MailSummary.extend({ text: z.string(), html: z.string() })

/** GET /api/demo/cards/:order: an order on the page of the stand-in for card payments. */
export const DemoCardOrder = z.object({
  label: z.string(),
  reference: z.string(),
  amountCents: z.number(),
  /** The page to which a payer returns who does not pay. */
  backUrl: z.url(),
  paid: z.boolean(),
})

nameSchemas({ DemoCardOrder, Handset, HandsetEvent, HandsetMessage, HandsetState, MailSummary, MailView })
