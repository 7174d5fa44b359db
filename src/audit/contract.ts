import { z } from 'zod'
import { AUDIT_ACTIONS } from './list.ts'

/** Which entries. Days are of France. */
export const AuditFilter = z.object({
  action: z.enum(AUDIT_ACTIONS).optional(),
  /** An account by its id; `contact`: a merchant on the portal; `system`: the program. */
  actor: z.string().max(60).optional(),
  from: z.iso.date().optional(),
  to: z.iso.date().optional(),
})
export type AuditFilter = z.infer<typeof AuditFilter>

/** GET /api/schemes/:scheme/audit */
export const AuditQuery = AuditFilter.extend({
  /** `next` of the page before. */
  before: z.coerce.number().int().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})
export type AuditQuery = z.infer<typeof AuditQuery>

export const AuditEntryView = z.object({
  seq: z.number(),
  at: z.iso.datetime(),
  actor: z.object({
    /** `hidden`: who reported, to those who may not know. */
    kind: z.enum(['user', 'contact', 'system', 'hidden']),
    /** Of an account; null for one that is gone, and for the others. */
    name: z.string().nullable(),
  }),
  action: z.string(),
  /** What it was done to: `alert:<id>`. */
  subject: z.string(),
  /** Empty when hidden. */
  details: z.record(z.string(), z.unknown()),
  /** The reader may not see the details: they are of a report or an alert. */
  hidden: z.boolean(),
})
export type AuditEntryView = z.infer<typeof AuditEntryView>

/** The latest first, a page at a time. */
export const AuditPage = z.object({
  entries: z.array(AuditEntryView),
  /** What to give as `before` for the next page; null on the last. */
  next: z.number().nullable(),
  /** Accounts that wrote entries, by name; on the first page only. */
  actors: z.array(z.object({ id: z.string(), name: z.string() })).nullable(),
})
export type AuditPage = z.infer<typeof AuditPage>

/**
 * Whether the record is what was written: as its last check found (GET /api/schemes/:scheme/audit/chain), or as one does that is
 * made now (POST).
 */
export const ChainView = z.object({
  checkedAt: z.iso.datetime(),
  /** Checked and whole. */
  entries: z.number(),
  /** On the record now: more came since, as a rule. */
  entriesNow: z.number(),
  /** The first entry that is not; null: the chain is whole. */
  broken: z
    .object({ seq: z.number(), reason: z.enum(['changed', 'missing', 'cut', 'unexpected']) })
    .nullable(),
})
export type ChainView = z.infer<typeof ChainView>
