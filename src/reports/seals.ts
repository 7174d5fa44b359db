import { sql } from 'kysely'
import { digestOf, millisecondsSql, type SealKind } from '../audit/seals.ts'
import { REPORTS_KEPT_DAYS } from './retention.ts'

/** Decided reports: the facts. Callers and places, which an erasure removes, are left out. */
export const reportSeals: SealKind = {
  kind: 'reports',
  facts: sql`
    select r.scheme_id, r.id::text as id, r.called_at as at, '' as note,
      ${digestOf(
        sql`r.category_code`,
        sql`r.commune_code`,
        millisecondsSql(sql`r.called_at`),
        millisecondsSql(sql`r.occurred_at`),
        sql`r.facts`,
        sql`r.exercise`,
      )} as digest
    from reports r where r.decided_at is not null`,
  keptDays: () => REPORTS_KEPT_DAYS,
}

/** The decision on a report. A new decision, such as to broadcast a refused report after all, has another note. */
export const decisionSeals: SealKind = {
  kind: 'decisions',
  facts: sql`
    select r.scheme_id, r.id::text as id, r.called_at as at, r.state || ' ' || ${millisecondsSql(sql`r.decided_at`)} as note,
      ${digestOf(
        sql`r.state`,
        sql`r.late_reason`,
        sql`r.refusal_code`,
        sql`r.refusal_note`,
        millisecondsSql(sql`r.decided_at`),
        sql`r.decided_by`,
      )} as digest
    from reports r where r.decided_at is not null`,
  keptDays: () => REPORTS_KEPT_DAYS,
}
