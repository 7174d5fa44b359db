import { z } from 'zod'
import { ChangeKind } from '../changes/contract.ts'

/** GET /api/schemes/:scheme/members/:id/history */
export const HistoryQuery = z.object({
  /** `next` of the page before. */
  before: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(30),
})
export type HistoryQuery = z.infer<typeof HistoryQuery>

const Entry = z.object({
  /** Unique in the history of a member. */
  id: z.string(),
  at: z.iso.datetime(),
  /** Who did it; null: the program, or it is not said. */
  by: z.string().nullable(),
})

/** One thing that happened to a member. */
export const HistoryEntry = z.discriminatedUnion('kind', [
  /** It came to be in the list. */
  Entry.extend({ kind: z.literal('created') }),
  /** With many others, by one act. */
  Entry.extend({
    kind: z.literal('change'),
    change: ChangeKind,
    /** Whether that act made the member. */
    made: z.boolean(),
    note: z.string().nullable(),
    undone: z.boolean(),
    /** What it was told of that, by which way; `resume` of a suspension: of its undoing. */
    told: z.array(
      z.object({
        kind: z.enum(['suspend', 'resume', 'leave']),
        channel: z.enum(['sms', 'mail']),
        /** `none`: it has no such way. `sent`: it is not known yet whether it arrived. `withdrawn`: undone before it left. */
        state: z.enum(['waiting', 'none', 'sent', 'reached', 'failed', 'withdrawn']),
      }),
    ),
  }),
  /** On the audit record: `contact.opt_out`, `member.quiet_hours`… */
  Entry.extend({ kind: z.literal('record'), action: z.string() }),
  Entry.extend({ kind: z.literal('charter'), version: z.number() }),
  /** A message of an alert was for it. */
  Entry.extend({
    kind: z.literal('alert'),
    alertId: z.uuid(),
    reference: z.string(),
    message: z.enum(['first', 'update', 'correction', 'all_clear', 'closing', 'thanks']),
    category: z.object({ labelFr: z.string(), labelEn: z.string() }),
    /** Null for who may not read it: precise elements, or no alerts at all. */
    text: z.string().nullable(),
    /** Null: no contact of it said so. */
    readAt: z.iso.datetime().nullable(),
  }),
  /** A message of service was for it. */
  Entry.extend({
    kind: z.literal('message'),
    channel: z.enum(['sms', 'mail']),
    /** The subject of a mail, the first words of an SMS; null for who may not read it. */
    words: z.string().nullable(),
    /**
     * `going`: it waits to leave; `sent`: the provider or the mail server has it, and more is not known; `withdrawn`: it was
     * stopped before it left.
     */
    state: z.enum(['going', 'sent', 'delivered', 'failed', 'withdrawn']),
  }),
])
export type HistoryEntry = z.infer<typeof HistoryEntry>

/** Latest first. */
export const HistoryPage = z.object({
  entries: z.array(HistoryEntry),
  /** What to give as `before` for the next page; null on the last. */
  next: z.string().nullable(),
})
export type HistoryPage = z.infer<typeof HistoryPage>
