import type { AuditAction } from '../../../src/alerts/audit/actions-list.ts'

export interface AuditSearch {
  acte?: AuditAction
  /** An account by its id, `contact` or `system`. */
  auteur?: string
  /** First and last day, 2026-03-12. */
  du?: string
  au?: string
}
