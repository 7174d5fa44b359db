import { sql } from 'kysely'
import { digestOf, millis, type SealKind } from '../audit/seals.ts'
import { KEPT_DAYS } from '../reports/seals.ts'

/** Ordered alerts: what was decided, and by whom. */
export const alertSeals: SealKind = {
  kind: 'alerts',
  facts: sql`
    select a.scheme_id, a.id::text as id, r.called_at as at, ${millis(sql`a.ordered_at`)}::text as note,
      ${digestOf(
        sql`a.reference`,
        sql`a.report_id`,
        sql`a.category_code`,
        sql`a.severity`,
        sql`a.text`,
        sql`a.area_label`,
        sql`a.trades`,
        sql`a.doctrine`,
        sql`a.simulated`,
        sql`a.author_ids`,
        sql`a.decision`,
        sql`a.decided_by`,
        sql`a.decided_by_id`,
        sql`a.ordered_by`,
      )} as digest
    from alerts a join reports r on r.scheme_id = a.scheme_id and r.id = a.report_id where a.ordered_at is not null`,
  keptDays: () => KEPT_DAYS,
}
