import { sql } from 'kysely'
import { digestOf, millisecondsSql, type SealKind } from '../audit/seals.ts'
import { REPORTS_KEPT_DAYS } from '../reports/retention.ts'

/** Ordered alerts: what was decided, and by whom. */
export const alertSeals: SealKind = {
  kind: 'alerts',
  facts: sql`
    select a.scheme_id, a.id::text as id, r.called_at as at, '' as note,
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
        millisecondsSql(sql`a.ordered_at`),
        sql`a.ordered_by`,
      )} as digest
    from alerts a join reports r on r.scheme_id = a.scheme_id and r.id = a.report_id where a.ordered_at is not null`,
  keptDays: () => REPORTS_KEPT_DAYS,
}

/** Orders of alerts and follow-ups: the text as it left, from whom and how. */
export const orderSeals: SealKind = {
  kind: 'orders',
  facts: sql`
    select b.scheme_id, b.id::text as id, r.called_at as at, '' as note,
      ${digestOf(
        sql`b.kind`,
        sql`b.alert_id`,
        sql`b.text`,
        sql`b.level`,
        sql`b.content_hash`,
        sql`b.sender`,
        sql`b.simulated`,
        sql`b.planned`,
        millisecondsSql(sql`b.ordered_at`),
        sql`b.ordered_by`,
      )} as digest
    from broadcasts b
    join alerts a on a.scheme_id = b.scheme_id and a.id = b.alert_id
    join reports r on r.scheme_id = a.scheme_id and r.id = a.report_id`,
  // They go with the report of their alert.
  keptDays: () => REPORTS_KEPT_DAYS,
}
