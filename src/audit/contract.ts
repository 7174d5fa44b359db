import { z } from 'zod'
import { nameSchemas } from '../platform/http/endpoints.ts'
import { AUDIT_ACTIONS, INSTALLATION_ACTIONS } from './list.ts'

const Filter = z.object({
  /** The id of an account, `contact` for merchants on the portal, or `system` for the program. */
  actor: z.string().max(60).optional(),
  from: z.iso.date().optional(),
  to: z.iso.date().optional(),
})
const PAGE = {
  /** `next` of the page before. */
  before: z.coerce.number().int().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
}

/** Filters of the audit record of a scheme. Days are calendar days there. */
export const AuditFilter = Filter.extend({ action: z.enum(AUDIT_ACTIONS).optional() })
export type AuditFilter = z.infer<typeof AuditFilter>

/** GET /api/schemes/:scheme/audit */
export const AuditQuery = AuditFilter.extend(PAGE)
export type AuditQuery = z.infer<typeof AuditQuery>

/** Filters of the audit record of the installation. Days are calendar days in mainland France. */
export const InstallationAuditFilter = Filter.extend({ action: z.enum(INSTALLATION_ACTIONS).optional() })
export type InstallationAuditFilter = z.infer<typeof InstallationAuditFilter>

/** GET /api/installation/audit */
export const InstallationAuditQuery = InstallationAuditFilter.extend(PAGE)
export type InstallationAuditQuery = z.infer<typeof InstallationAuditQuery>

export const AuditEntryView = z.object({
  seq: z.number(),
  at: z.iso.datetime(),
  actor: z.object({
    /** `hidden`: the reporting merchant, shown to a reader who may not know which one it was. */
    kind: z.enum(['user', 'contact', 'system', 'hidden']),
    /** Name of the account; null for a deleted account and for actors that are not accounts. */
    name: z.string().nullable(),
  }),
  action: z.string(),
  /** The object acted on, such as `alert:<id>`. */
  subject: z.string(),
  /** Name of the account acted on; null when the subject is no account, the author's own, or deleted. */
  of: z.string().nullable(),
  /** The network from which it was caused, truncated (192.0.2.0/24); null: not over HTTP, deleted since, or hidden. */
  network: z.string().nullable(),
  /** Empty when hidden. */
  details: z.record(z.string(), z.unknown()),
  /** True when the reader may not see the details because they concern a report or an alert. */
  hidden: z.boolean(),
})
export type AuditEntryView = z.infer<typeof AuditEntryView>

/** A page of entries, latest first. */
export const AuditPage = z.object({
  entries: z.array(AuditEntryView),
  /** Value of `before` for the next page; null on the last page. */
  next: z.number().nullable(),
  /** Accounts that wrote entries, sorted by name; on the first page only. */
  actors: z.array(z.object({ id: z.string(), name: z.string() })).nullable(),
})
export type AuditPage = z.infer<typeof AuditPage>

/**
 * Whether the audit record is intact: as the last check found (GET /api/schemes/:scheme/audit/chain), or as a check made now
 * finds (POST).
 */
export const ChainView = z.object({
  checkedAt: z.iso.datetime(),
  /** Number of entries from the first one that verified. */
  entries: z.number(),
  /** Number of entries on the record now; usually more than were checked. */
  entriesNow: z.number(),
  /** The first entry that does not verify; null when the chain is intact. */
  broken: z
    .object({
      seq: z.number(),
      /** `rewritten`: the entries fit together, but not with a signed anchor. `reason`, `network`: what is stored beside an entry was changed. `seal`: forged. */
      reason: z.enum(['changed', 'missing', 'cut', 'unexpected', 'rewritten', 'reason', 'network', 'seal']),
    })
    .nullable(),
  /** When the last signed anchor that was checked was made; null: there was none. */
  anchoredAt: z.iso.datetime().nullable(),
  /** Number of anchors that are missing, or whose signature is wrong or unknown. */
  anchorProblems: z.number(),
  /** Facts that are not as they were sealed, 20 at most: a report, an alert, an order, its recipients… */
  facts: z.array(z.object({ kind: z.string(), id: z.string(), reason: z.enum(['changed', 'removed']) })),
})
export type ChainView = z.infer<typeof ChainView>

nameSchemas({ AuditEntryView, AuditPage, ChainView })
