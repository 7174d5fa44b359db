export interface AuditSearch {
  acte?: string
  /** An account id, `contact` or `system`. */
  auteur?: string
  /** First and last day, 2026-03-12. */
  du?: string
  au?: string
}
