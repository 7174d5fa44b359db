import { type RawBuilder, sql } from 'kysely'
import { PREPARED } from '../../platform/database/client.ts'
import type { Tx } from '../../platform/db.ts'
import type { Care } from './care.ts'

/**
 * Counts the alerts sent since that are not counted yet, for each number: the first message of each alert, without
 * exercises. Deliveries that have failed or were withdrawn do not count.
 * Call it before reading `solicitations`, in the same transaction. Usually nothing is left to count, since it ran when
 * the broadcast had been sent.
 */
export async function countSolicitations(
  tx: Tx,
  schemeId: string,
  { since }: Pick<Care, 'since'>,
): Promise<void> {
  // Concurrent calls wait here, and then find nothing to count.
  const { rows } = await sql<{ broadcastId: string }>`${PREPARED}
    insert into solicited_broadcasts (scheme_id, broadcast_id, ordered_at)
    select b.scheme_id, b.id, b.ordered_at
    ${uncounted(schemeId, since)}
    order by b.id
    on conflict do nothing
    returning broadcast_id`.execute(tx)
  if (rows.length === 0) return
  // Sorted only where an alert is counted after a later one, which is rare.
  const merged = (column: 'latest' | 'alert' | 'notice', limit: number) => {
    const [known, added] = [sql.ref(`known.${column}`), sql.ref(`excluded.${column}`)]
    return sql`(case when ${known}[1] > ${added}[cardinality(${added})]
        then (select array_agg(at order by at desc) from unnest(${known} || ${added}) as at)
        else ${added} || ${known} end)[1:${sql.lit(limit)}]`
  }
  await sql`
    insert into solicitations as known (scheme_id, phone, latest, alert, notice)
    select b.scheme_id, d.phone, (array_agg(b.ordered_at order by b.ordered_at desc))[1:${sql.lit(KEPT_LATEST)}],
      coalesce(array_agg(b.ordered_at order by b.ordered_at desc) filter (where a.severity = 'alert'), '{}'),
      coalesce(array_agg(b.ordered_at order by b.ordered_at desc) filter (where a.severity = 'notice'), '{}')
    from broadcasts b
    join alerts a on a.scheme_id = b.scheme_id and a.id = b.alert_id
    join deliveries d on d.scheme_id = b.scheme_id and d.broadcast_id = b.id
    where b.scheme_id = ${schemeId} and b.id = any (${rows.map((row) => row.broadcastId)}::uuid[])
      and d.state not in ('failed', 'expired', 'withdrawn')
    group by b.scheme_id, d.phone
    order by d.phone
    on conflict (scheme_id, phone) do update set
      latest = ${merged('latest', KEPT_LATEST)},
      alert = ${merged('alert', MAX_COUNTED)},
      notice = ${merged('notice', MAX_COUNTED)}`.execute(tx)
}

/** Number of latest alerts kept for each number, newest first, of all severities. */
export const KEPT_LATEST = 4

/** Returns the condition that there are alerts for `countSolicitations` to count. */
export function hasUncounted(schemeId: string, since: Date): RawBuilder<boolean> {
  return sql`exists (select ${uncounted(schemeId, since)})`
}

function uncounted(schemeId: string, since: Date): RawBuilder<unknown> {
  return sql`from broadcasts b join alerts a on a.scheme_id = b.scheme_id and a.id = b.alert_id
    where b.scheme_id = ${schemeId} and b.ordered_at >= ${since}::timestamptz and not a.exercise
      and b.kind = 'first'
      and not exists (select from solicited_broadcasts done where done.scheme_id = b.scheme_id and done.broadcast_id = b.id)`
}

/** The largest possible budget of alerts of one severity (schemes/settings/care.ts). */
const MAX_COUNTED = 50

/** Deletes the counts of numbers that no alert reached since: personal data without a use. */
export async function forgetSolicitations(
  tx: Tx,
  schemeId: string,
  { since }: Pick<Care, 'since'>,
): Promise<void> {
  await sql`
    delete from solicitations where scheme_id = ${schemeId} and latest[1] < ${since}::timestamptz`.execute(tx)
  await sql`
    delete from solicited_broadcasts where scheme_id = ${schemeId} and ordered_at < ${since}::timestamptz`.execute(
    tx,
  )
}
