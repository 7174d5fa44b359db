import { z } from 'zod'
import { MemberFilter } from '../members/contract.ts'

/** Members named at most, of those that an undoing left as they are. */
export const MAX_KEPT_NAMED = 200

export const ChangeKind = z.enum(['import', 'suspend', 'resume', 'leave', 'trade'])
export type ChangeKind = z.infer<typeof ChangeKind>

/** POST /api/schemes/:scheme/member-changes */
export const BulkChange = z.object({
  /** What to do. `resume` brings suspended members back; those that it does not concern are left. */
  action: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('suspend'), reason: z.string().trim().max(200).default('') }),
    z.object({ kind: z.literal('resume') }),
    z.object({ kind: z.literal('leave'), reason: z.string().trim().max(200).default('') }),
    z.object({ kind: z.literal('trade'), trade: z.string().max(60) }),
  ]),
  /** To whom: those named, or all that the filters keep, as many as were shown. */
  members: z.union([
    z.object({ ids: z.array(z.uuid()).min(1).max(1000) }),
    z.object({ filter: MemberFilter, count: z.int32().min(1) }),
  ]),
})
export type BulkChange = z.infer<typeof BulkChange>

/** What one act did to the list of members. */
export const ChangeView = z.object({
  id: z.uuid(),
  kind: ChangeKind,
  /** Who did it. */
  by: z.string(),
  at: z.iso.datetime(),
  /** The reason, the code of the trade, or the name of the file. */
  note: z.string().nullable(),
  created: z.number(),
  updated: z.number(),
  /** Until when it can be undone; null: it is too late, or it was undone or is being so. */
  undoableUntil: z.iso.datetime().nullable(),
  undone: z
    .object({
      at: z.iso.datetime(),
      /** Members put back as they were; and those left as they are, because somebody changed them since. */
      restored: z.number(),
      kept: z.number(),
    })
    .nullable(),
  /** How many of its members are dealt with, while it is being undone. */
  undoing: z.object({ done: z.number(), total: z.number() }).nullable(),
  /**
   * How many members were told of it by SMS or mail, wait to be, could not be, or were not since it was undone first; null:
   * it is nothing that they are told.
   */
  told: z
    .object({ told: z.number(), waiting: z.number(), untold: z.number(), withdrawn: z.number() })
    .nullable(),
})
export type ChangeView = z.infer<typeof ChangeView>

/** POST /api/schemes/:scheme/member-changes/preview: what a change would come to, without making it. */
export const BulkPreview = z.object({
  /** Whom it would change, and whom it does not concern. */
  members: z.number(),
  skipped: z.number(),
  /** What they would be told; null: nothing. */
  told: z
    .object({
      sms: z.object({
        messages: z.number(),
        /** Each is paid. */
        parts: z.number(),
        costCents: z.number(),
        /** The SMS to the first of them; null: there is none. */
        example: z.string().nullable(),
      }),
      mails: z.number(),
      /** Members without a number that SMS reach nor an address. */
      untold: z.number(),
      /** When they leave: until then, an undoing sends nothing. */
      mailsAt: z.iso.datetime(),
      smsAt: z.iso.datetime(),
    })
    .nullable(),
})
export type BulkPreview = z.infer<typeof BulkPreview>

export const BulkResult = z.object({
  /** Null: it concerned none of them, and nothing was written. */
  change: ChangeView.nullable(),
  /** Members of the choice that it did not concern: they were so already, or stand where this leads nowhere. */
  skipped: z.number(),
})
export type BulkResult = z.infer<typeof BulkResult>

/** POST /api/schemes/:scheme/member-changes/:id/undo */
export const UndoResult = z.object({
  change: ChangeView,
  /** Those that were left as they are, by name; the first of very many. */
  kept: z.array(
    z.object({
      id: z.uuid(),
      name: z.string(),
      /** `changed`: somebody changed it since. `history`: made by the change, something came of it since. */
      why: z.enum(['changed', 'history', 'gone']),
    }),
  ),
})
export type UndoResult = z.infer<typeof UndoResult>
