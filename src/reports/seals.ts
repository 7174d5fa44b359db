import { sql } from 'kysely'
import { digestOf, millis, type SealKind } from '../audit/seals.ts'

/**
 * Decided reports: the facts and the decision. Callers and places, which an erasure removes, are left out; a report that is decided
 * anew has another note.
 */
export const reportSeals: SealKind = {
  kind: 'reports',
  facts: sql`
    select r.scheme_id, r.id::text as id, r.called_at as at, r.state || ' ' || ${millis(sql`r.decided_at`)} as note,
      ${digestOf(
        sql`r.category_code`,
        sql`r.commune_code`,
        millis(sql`r.called_at`),
        millis(sql`r.occurred_at`),
        sql`r.late_reason`,
        sql`r.facts`,
        sql`r.exercise`,
        sql`r.state`,
        sql`r.refusal_code`,
        sql`r.refusal_note`,
        sql`r.decided_by`,
      )} as digest
    from reports r where r.decided_at is not null`,
  keptDays: () => KEPT_DAYS,
}

/** Days for which reports and alerts are kept, as src/privacy/retention/rules.ts has it. */
export const KEPT_DAYS = 730
