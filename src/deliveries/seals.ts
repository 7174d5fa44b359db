import { sql } from 'kysely'
import type { SealKind } from '../audit/seals.ts'

/** The broadcasts of alerts, and of service messages to a group; those to one person leave with their retention of days. */
const ofMany = sql`(b.alert_id is not null or b.kind = 'group')`
/** A running broadcast is left alone: its recipients are read once they have been submitted. */
const submitted = sql`b.state <> 'running'`

function ofDeliveries(columns: ReturnType<typeof sql>) {
  return sql`(select encode(sha256(convert_to(coalesce(string_agg(concat_ws(' ', ${columns}), E'\\n' order by d.no), ''), 'UTF8')), 'hex')
    from deliveries d where d.scheme_id = b.scheme_id and d.broadcast_id = b.id)`
}
const hasDeliveries = sql`exists (select from deliveries d where d.scheme_id = b.scheme_id and d.broadcast_id = b.id)`

/** The snapshot of recipients of a broadcast: who, and at which number. */
export const recipientSeals: SealKind = {
  kind: 'recipients',
  facts: sql`
    select b.scheme_id, b.id::text as id, b.ordered_at as at,
      -- The first encryption replaces every number by its pseudonym, which no later key changes.
      case when exists (select from encryption) then 'pseudonyms' else '' end as note,
      ${ofDeliveries(sql`d.no, d.contact_id, d.member_id, d.phone`)} as digest
    from broadcasts b where ${ofMany} and ${submitted} and ${hasDeliveries}`,
  keptDays: ({ keepDeliveriesDays }) => keepDeliveriesDays,
}

/** The final state of each delivery of a completed broadcast. Late receipts change the counts in the note. */
export const outcomeSeals: SealKind = {
  kind: 'outcomes',
  facts: sql`
    select b.scheme_id, b.id::text as id, b.ordered_at as at,
      concat_ws(' ', b.delivered, b.accepted, b.in_doubt, b.failed, b.expired, b.withdrawn, b.possible_duplicates) as note,
      ${ofDeliveries(sql`d.no, d.state, d.possible_duplicate`)} as digest
    from broadcasts b where ${ofMany} and b.state = 'done' and ${hasDeliveries}`,
  keptDays: ({ keepDeliveriesDays }) => keepDeliveriesDays,
}
