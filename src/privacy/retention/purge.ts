import { sql } from 'kysely'
import { deleteAlerts, purgeRemovedPeople } from '../../alerts/forget.ts'
import { purgeNetworks, purgeReasons } from '../../audit/forget.ts'
import { recordAudit } from '../../audit/record.ts'
import { deleteBroadcasts } from '../../deliveries/forget.ts'
import type { Deps } from '../../deps.ts'
import { purgeBooks, purgeMandates, purgeNotices, purgeStatements } from '../../dues/forget.ts'
import { deleteUnusedNumbers } from '../../encryption/unused.ts'
import { purgeMemberAccesses } from '../../members/forget.ts'
import { DAY_MS, HOUR_MS } from '../../message/clock.ts'
import { purgeMessages as purgeServiceMessages } from '../../messages/forget.ts'
import { purgeOutbox } from '../../outbox/forget.ts'
import { rowKeysSql, type SchemeRow } from '../../platform/database/pairs.ts'
import { acrossSchemes, type Tx } from '../../platform/db.ts'
import { deleteRelays } from '../../relays/forget.ts'
import { deleteReports } from '../../reports/forget.ts'
import { purgeSettingChanges } from '../../settings/forget.ts'
import { listOpenRequests } from '../requests/open.ts'
import type { RetentionKind } from './contract.ts'
import { eraseMembers } from './erase.ts'
import { booksBefore, keptDays } from './rules.ts'

/** Number of rows of a kind removed in one transaction. */
const BATCH = 200

type PurgeDeps = Pick<Deps, 'db' | 'now' | 'config' | 'log'>
type Rows = readonly { readonly schemeId: string }[]
/** Deletes or empties up to `limit` rows of each table that are older, and returns the scheme of each. */
type Purge = (tx: Tx, before: Date, limit: number, deps: PurgeDeps) => Promise<Rows>

/** Deliveries go with their broadcasts, by the workers (deliveries/settle/prune.ts). */
const purges: Readonly<Record<Exclude<RetentionKind, 'deliveries'>, Purge>> = {
  reports: purgeReports,
  messages: purgeMessages,
  member: purgeMembers,
  look: purgeMemberAccesses,
  request: purgeRequests,
  mandate: purgeMandates,
  statement: purgeStatements,
  dues: (tx, before, limit) => purgeBooks(tx, before.toISOString().slice(0, 10), limit),
  notice: purgeNotices,
  reason: async (tx, before, limit) => [
    ...(await purgeReasons(tx, before, limit)),
    ...(await purgeSettingChanges(tx, before, limit)),
  ],
  network: purgeNetworks,
  on_call: purgeRemovedPeople,
}

/**
 * Deletes rows past their retention period in every scheme and records kind, count and cut-off date in the audit log of the
 * scheme, whose hash chain makes the proof tamper-evident.
 * @returns rows removed by kind
 */
export async function purgeOld(deps: PurgeDeps): Promise<Readonly<Record<string, number>>> {
  const removed: Record<string, number> = {}
  for (const [kind, purge] of Object.entries(purges)) {
    removed[kind] = 0
    try {
      for (let last = 1; last > 0; removed[kind] += last)
        last = await purgeSome(deps, kind as RetentionKind, purge)
    } catch (error) {
      // A failure must not hold up the other kinds.
      deps.log.error({ err: error, kind }, 'expired personal data not removed, trying again')
    }
  }
  try {
    await deleteUnusedNumbers(deps)
  } catch (error) {
    deps.log.error({ err: error }, 'unused numbers not deleted, trying again')
  }
  return removed
}

/** Time from the end of a day in UTC to its end in the last time zone. */
const LAST_TO_END_MS = 12 * HOUR_MS

/** Returns the cut-off date: older data is removed. */
function keptSince(kind: RetentionKind, { now, config }: Pick<PurgeDeps, 'now' | 'config'>): Date {
  // Books expire by whole years: once the year has ended in every time zone, so that no scheme loses them too early.
  if (kind === 'dues') {
    const day = new Date(now().getTime() - LAST_TO_END_MS).toISOString().slice(0, 10)
    return new Date(`${booksBefore(day)}T00:00:00Z`)
  }
  return new Date(now().getTime() - keptDays(kind, config.keepDeliveriesDays) * DAY_MS)
}

/** Removes one batch of a kind in a transaction. @returns the number of rows removed */
function purgeSome(deps: PurgeDeps, kind: RetentionKind, purge: Purge): Promise<number> {
  const before = keptSince(kind, deps)
  return acrossSchemes(deps.db, async (tx) => {
    const rows = await purge(tx, before, BATCH, deps)
    for (const [schemeId, { length: removed }] of Map.groupBy(rows, (row) => row.schemeId))
      await recordAudit(tx, schemeId, deps.now(), {
        actor: 'system:clock',
        action: 'data.purge',
        subject: `scheme:${schemeId}`,
        details: { kind, removed, before: before.toISOString() },
      })
    return rows.length
  })
}

/** Removes reports and all rows that depend on them. */
async function purgeReports(tx: Tx, before: Date, limit: number): Promise<Rows> {
  const { rows: reports } = await sql<SchemeRow>`
    select r.scheme_id, r.id from reports r
    where r.called_at < ${before} and not exists (
      select from broadcasts b join alerts a on a.scheme_id = b.scheme_id and a.id = b.alert_id
      where a.scheme_id = r.scheme_id and a.report_id = r.id and b.state <> 'done')
    order by r.scheme_id, r.called_at limit ${limit} for update of r`.execute(tx)
  if (reports.length === 0) return []
  const { rows: alerts } = await sql<SchemeRow>`
    select scheme_id, id from alerts where (scheme_id, report_id) in ${rowKeysSql(reports)}`.execute(tx)
  const { rows: broadcasts } = await sql<SchemeRow>`
    select scheme_id, id from broadcasts
    where (scheme_id, alert_id) in ${rowKeysSql(alerts)} or (scheme_id, report_id) in ${rowKeysSql(reports)}`.execute(
    tx,
  )
  await deleteRelays(tx, { alerts, reports })
  await deleteAlerts(tx, alerts, broadcasts)
  await deleteReports(tx, reports)
  return reports
}

/** Removes service messages to one person or to a group, including undecided ones: their texts and the numbers of their recipients. */
async function purgeMessages(tx: Tx, before: Date, limit: number): Promise<Rows> {
  const direct = await purgeOutbox(tx, before, limit)
  // Their deliveries were pruned by the same setting. A broadcast is kept as long as something refers to it.
  const { rows: ended } = await sql<SchemeRow>`
    select d.scheme_id, d.id from broadcasts d
    where d.kind in ('service', 'code', 'group', 'digest') and d.state = 'done' and d.done_at < ${before}
      and not exists (select from delivery_chunks c where c.scheme_id = d.scheme_id and c.broadcast_id = d.id)
      and not exists (select from held_back h where h.scheme_id = d.scheme_id and h.broadcast_id = d.id)
      and not exists (select from service_messages m where m.scheme_id = d.scheme_id and m.broadcast_id = d.id)
    limit ${limit}`.execute(tx)
  const sent = await deleteBroadcasts(tx, ended)
  return [...direct, ...sent, ...(await purgeServiceMessages(tx, before, limit))]
}

/**
 * Removes what identifies former members. An empty row is kept, since counts, dues and opt-outs refer to it. Opt-outs are kept:
 * without them, messages would be sent to the number again. Members with an open request about their data are kept until it is
 * answered.
 */
async function purgeMembers(tx: Tx, before: Date, limit: number, deps: PurgeDeps): Promise<Rows> {
  for (let after: SchemeRow | undefined; ; ) {
    const { rows: left } = await sql<SchemeRow>`
      select scheme_id, id from members m
      where status = 'left' and erased_at is null and merged_into is null and updated_at < ${before}
        ${after === undefined ? sql`` : sql`and (scheme_id, id) > (${after.schemeId}, ${after.id}::uuid)`}
      order by scheme_id, id limit ${limit}`.execute(tx)
    const due: SchemeRow[] = []
    for (const [schemeId, of] of Map.groupBy(left, (row) => row.schemeId)) {
      const ids = of.map(({ id }) => id)
      const withRequest = await listOpenRequests(tx, schemeId, ids)
      due.push(...of.filter(({ id }) => !withRequest.has(id)))
    }
    if (due.length > 0) return eraseMembers(tx, deps, due, undefined)
    // All members of this page have open requests: continue with the next page.
    after = left.at(-1)
    if (left.length < limit || after === undefined) return []
  }
}

async function purgeRequests(tx: Tx, before: Date, limit: number): Promise<Rows> {
  const { rows } = await sql<{ schemeId: string }>`
    delete from data_requests where (scheme_id, id) in (
      select scheme_id, id from data_requests where state <> 'open' and decided_at < ${before} limit ${limit})
    returning scheme_id`.execute(tx)
  return rows
}
