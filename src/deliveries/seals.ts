import { sql } from 'kysely'
import { digestOf, millis, type SealKind } from '../audit/seals.ts'

/** The broadcasts of alerts, and of service messages to a group; those to one person leave with their retention of days. */
const ofAlerts = sql`b.alert_id is not null`
const ofMany = sql`(b.alert_id is not null or b.kind = 'group')`
/** A running broadcast is left alone: its recipients are read once they have been submitted. */
const submitted = sql`b.state <> 'running'`

/** Orders of alerts and follow-ups: the text as it left, from whom and how. */
export const orderSeals: SealKind = {
  kind: 'orders',
  facts: sql`
    select b.scheme_id, b.id::text as id, b.ordered_at as at, '' as note,
      ${digestOf(
        sql`b.kind`,
        sql`b.alert_id`,
        sql`b.text`,
        sql`b.level`,
        sql`b.content_hash`,
        sql`b.sender`,
        sql`b.simulated`,
        sql`b.planned`,
        millis(sql`b.ordered_at`),
        sql`b.ordered_by`,
      )} as digest
    from broadcasts b where ${ofAlerts}`,
  // The broadcasts of an alert go with it, and it is called before it is ordered.
  keptDays: () => 729,
}

function ofDeliveries(columns: ReturnType<typeof sql>) {
  return sql`(select encode(sha256(convert_to(coalesce(string_agg(concat_ws(' ', ${columns}), E'\\n' order by d.no), ''), 'UTF8')), 'hex')
    from deliveries d where d.scheme_id = b.scheme_id and d.broadcast_id = b.id)`
}
const hasDeliveries = sql`exists (select from deliveries d where d.scheme_id = b.scheme_id and d.broadcast_id = b.id)`

/** The snapshot of recipients of a broadcast: who, and at which number. */
export const recipientSeals: SealKind = {
  kind: 'recipients',
  facts: sql`
    select b.scheme_id, b.id::text as id, b.ordered_at as at, '' as note,
      ${ofDeliveries(sql`d.no, d.contact_id, d.member_id, d.phone`)} as digest
    from broadcasts b where ${ofMany} and ${submitted} and ${hasDeliveries}`,
  keptDays: ({ keepDeliveriesDays }) => keepDeliveriesDays,
}

/** What became of each delivery once a broadcast is over. Late receipts change its counts, which are the note. */
export const outcomeSeals: SealKind = {
  kind: 'outcomes',
  facts: sql`
    select b.scheme_id, b.id::text as id, b.ordered_at as at,
      concat_ws(' ', b.delivered, b.accepted, b.in_doubt, b.failed, b.expired, b.withdrawn, b.possible_duplicates) as note,
      ${ofDeliveries(sql`d.no, d.state, d.possible_duplicate`)} as digest
    from broadcasts b where ${ofMany} and b.state = 'done' and ${hasDeliveries}`,
  keptDays: ({ keepDeliveriesDays }) => keepDeliveriesDays,
}
