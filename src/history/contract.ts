import { z } from 'zod'
import { ChangeFieldName, ChangeKind } from '../changes/contract.ts'
import { nameSchemas } from '../platform/http/endpoints.ts'

/** GET /api/schemes/:scheme/members/:id/history */
export const HistoryQuery = z.object({
  /** `next` of the previous page. */
  before: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(30),
})
export type HistoryQuery = z.infer<typeof HistoryQuery>

const Entry = z.object({
  /** Unique within the history of a member. */
  id: z.string(),
  at: z.iso.datetime(),
  /** Name of the person; null: the program, or not recorded. */
  by: z.string().nullable(),
})

/** One event in the history of a member. */
export const HistoryEntry = z.discriminatedUnion('kind', [
  /** The member was created. */
  Entry.extend({ kind: z.literal('created') }),
  /** A change set something of the member. */
  Entry.extend({
    kind: z.literal('change'),
    change: ChangeKind,
    /** True when that change created the member. */
    made: z.boolean(),
    note: z.string().nullable(),
    undone: z.boolean(),
    /**
     * Fields of the member that the change set; empty if it created the member, or if they are no longer known. `before` and
     * `after`: the values, if both are stored and can be shown in one line; trades and statuses are codes, days are ISO days.
     */
    fields: z.array(
      z.object({ field: ChangeFieldName, before: z.string().nullable(), after: z.string().nullable() }),
    ),
    /** Notices sent to the member about the change; `resume` of a suspension announces its undoing. */
    notified: z.array(
      z.object({
        kind: z.enum(['suspend', 'resume', 'leave', 'welcome']),
        channel: z.enum(['sms', 'mail']),
        /**
         * `none`: the member has no such address. `sent`: no receipt yet. `withdrawn`: undone before it was
         * submitted.
         */
        state: z.enum(['waiting', 'none', 'sent', 'reached', 'failed', 'withdrawn']),
      }),
    ),
  }),
  /** An audit entry: `contact.opt_out`, `member.quiet_hours`… */
  Entry.extend({ kind: z.literal('record'), action: z.string() }),
  Entry.extend({ kind: z.literal('charter'), version: z.number() }),
  /** A message of an alert was addressed to the member. */
  Entry.extend({
    kind: z.literal('alert'),
    alertId: z.uuid(),
    reference: z.string(),
    message: z.enum(['first', 'update', 'correction', 'all_clear', 'closing', 'thanks']),
    category: z.object({ labelFr: z.string(), labelEn: z.string() }),
    /** Null for a reader without permission: precise elements, or no access to alerts. */
    text: z.string().nullable(),
    /** Null: no contact of the member confirmed reading it. */
    readAt: z.iso.datetime().nullable(),
  }),
  /** A service message was addressed to the member. */
  Entry.extend({
    kind: z.literal('message'),
    channel: z.enum(['sms', 'mail']),
    /** The subject of a mail or an excerpt of an SMS; null for a reader without permission. */
    words: z.string().nullable(),
    /**
     * `going`: not submitted yet; `sent`: submitted to the provider or the mail server, no receipt; `withdrawn`:
     * stopped before it was submitted.
     */
    state: z.enum(['going', 'sent', 'delivered', 'failed', 'withdrawn']),
  }),
])
export type HistoryEntry = z.infer<typeof HistoryEntry>

/** Latest first. */
export const HistoryPage = z.object({
  entries: z.array(HistoryEntry),
  /** Pass it as `before` to get the next page; null on the last page. */
  next: z.string().nullable(),
})
export type HistoryPage = z.infer<typeof HistoryPage>

nameSchemas({ HistoryEntry, HistoryPage })
