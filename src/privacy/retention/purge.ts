import { type RawBuilder, sql } from 'kysely'
import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { isOfUnpaid } from '../../dues/store.ts'
import { dayInParis } from '../../platform/day.ts'
import { asOwner, type Tx } from '../../platform/db.ts'
import { listOpenRequests } from '../requests/open.ts'
import { booksBefore, emptyBooks } from './books.ts'
import type { RetentionKind } from './contract.ts'
import { eraseMembers, type ToErase } from './erase.ts'
import { pairs } from './pairs.ts'
import { keptDays } from './rules.ts'

const DAY_MS = 86_400_000
/** Rows of a kind removed in one transaction. */
const BATCH = 200

type PurgeDeps = Pick<Deps, 'db' | 'now' | 'config' | 'log'>
type Removed = readonly { readonly schemeId: string; readonly removed: number }[]
/** Removes up to a batch of what is older, and says how much of which scheme. */
type Purge = (tx: Tx, before: Date, deps: PurgeDeps) => Promise<Removed>

/** Deliveries go with their broadcasts, by the workers (deliveries/prune.ts). */
const purges: Readonly<Record<Exclude<RetentionKind, 'deliveries'>, Purge>> = {
  reports: purgeReports,
  messages: purgeMessages,
  member: purgeMembers,
  look: purgeLooks,
  request: purgeRequests,
  mandate: purgeMandates,
  dues: purgeDues,
  notice: purgeNotices,
  reason: purgeReasons,
}

/**
 * Removes what its time is over for, in every scheme. What left is on the audit record of its scheme, with how much and
 * from when on: the proof, which the chain keeps from being changed.
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
      // The other kinds have their time too.
      deps.log.error({ err: error, kind }, 'data whose time is over not removed, trying again')
    }
  }
  return removed
}

/** What is older than this leaves. */
function keptSince(kind: RetentionKind, { now, config }: Pick<PurgeDeps, 'now' | 'config'>): Date {
  // Books leave by whole years.
  if (kind === 'dues') return new Date(`${booksBefore(dayInParis(now()))}T00:00:00Z`)
  return new Date(now().getTime() - keptDays(kind, config.keepDeliveriesDays) * DAY_MS)
}

/** A batch of one kind, in a transaction. @returns the rows removed */
function purgeSome(deps: PurgeDeps, kind: RetentionKind, purge: Purge): Promise<number> {
  const before = keptSince(kind, deps)
  return asOwner(deps.db, async (tx) => {
    const rows = await purge(tx, before, deps)
    for (const row of rows)
      await recordAudit(tx, row.schemeId, deps.now(), {
        actor: 'system:clock',
        action: 'data.purge',
        subject: `scheme:${row.schemeId}`,
        details: { kind, removed: row.removed, before: before.toISOString() },
      })
    return rows.reduce((sum, row) => sum + row.removed, 0)
  })
}

/** Reports with all that came of them. */
async function purgeReports(tx: Tx, before: Date): Promise<Removed> {
  const { rows: reports } = await sql<{ schemeId: string; id: string }>`
    select r.scheme_id, r.id from reports r
    where r.called_at < ${before} and not exists (
      select from broadcasts b join alerts a on a.scheme_id = b.scheme_id and a.id = b.alert_id
      where a.scheme_id = r.scheme_id and a.report_id = r.id and b.state <> 'done')
    order by r.scheme_id, r.called_at limit ${BATCH} for update of r`.execute(tx)
  if (reports.length === 0) return []
  const ofReports = pairs(reports)
  const { rows: alerts } = await sql<{ schemeId: string; id: string }>`
    select scheme_id, id from alerts where (scheme_id, report_id) in ${ofReports}`.execute(tx)
  const ofAlerts = pairs(alerts)
  const { rows: broadcasts } = await sql<{ schemeId: string; id: string }>`
    select scheme_id, id from broadcasts
    where (scheme_id, alert_id) in ${ofAlerts} or (scheme_id, report_id) in ${ofReports}`.execute(tx)
  const ofBroadcasts = pairs(broadcasts)
  const statements: readonly RawBuilder<unknown>[] = [
    sql`delete from relays where (from_scheme_id, from_alert_id) in ${ofAlerts} or (to_scheme_id, to_report_id) in ${ofReports}`,
    ...['alert_reads', 'held_back', 'follow_ups', 'authorisations', 'alert_events'].map(
      (table) => sql`delete from ${sql.table(table)} where (scheme_id, alert_id) in ${ofAlerts}`,
    ),
    ...['delivery_tallies', 'solicited_broadcasts', 'delivery_attempts', 'deliveries', 'delivery_chunks'].map(
      (table) => sql`delete from ${sql.table(table)} where (scheme_id, broadcast_id) in ${ofBroadcasts}`,
    ),
    sql`delete from broadcasts where (scheme_id, id) in ${ofBroadcasts}`,
    sql`delete from series_apart where (scheme_id, report_id) in ${ofReports} or (scheme_id, other_id) in ${ofReports}`,
    sql`delete from series_reports where (scheme_id, report_id) in ${ofReports}`,
    sql`delete from alerts where (scheme_id, id) in ${ofAlerts}`,
    sql`delete from reports where (scheme_id, id) in ${ofReports}`,
  ]
  for (const statement of statements) await statement.execute(tx)
  await sql`delete from series s where not exists (
    select from series_reports r where r.scheme_id = s.scheme_id and r.series_id = s.id)`.execute(tx)
  return countBy(reports)
}

/** Messages of service, to one person or to a group, those that nobody decided on too: their text, and the numbers that they went to. */
async function purgeMessages(tx: Tx, before: Date): Promise<Removed> {
  const { rows } = await sql<{ schemeId: string }>`
    with old as (
      select scheme_id, id from direct_messages where created_at < ${before} and valid_until < ${before} limit ${BATCH}
    ), gone as (
      delete from direct_messages m using old o where m.scheme_id = o.scheme_id and m.id = o.id returning m.scheme_id
    ), sent as (
      -- Their deliveries have left by the same setting.
      delete from broadcasts b using (
        select d.scheme_id, d.id from broadcasts d
        where d.kind in ('service', 'code', 'group', 'digest') and d.state = 'done' and d.done_at < ${before}
          and not exists (select from delivery_chunks c where c.scheme_id = d.scheme_id and c.broadcast_id = d.id)
          and not exists (select from held_back h where h.scheme_id = d.scheme_id and h.broadcast_id = d.id)
          and not exists (select from service_messages m where m.scheme_id = d.scheme_id and m.broadcast_id = d.id)
        limit ${BATCH}
      ) o
      where b.scheme_id = o.scheme_id and b.id = o.id
      returning b.scheme_id
    ), written as (
      delete from service_messages where (scheme_id, id) in (
        select scheme_id, id from service_messages where coalesce(decided_at, written_at) < ${before} limit ${BATCH})
      returning scheme_id
    )
    select scheme_id from gone union all select scheme_id from sent union all select scheme_id from written`.execute(
    tx,
  )
  return countBy(rows)
}

/**
 * Members that left: all that tells who they were. An empty row stays, on which counts, dues and opt-outs stand. That a
 * number wants no SMS is kept: to forget it would be to send to it again. Whoever waits for an answer about its data stays
 * until it has it.
 */
async function purgeMembers(tx: Tx, before: Date, deps: PurgeDeps): Promise<Removed> {
  for (let after: ToErase | undefined; ; ) {
    const { rows: left } = await sql<ToErase>`
      select scheme_id, id from members m
      where status = 'left' and erased_at is null and merged_into is null and updated_at < ${before}
        ${after === undefined ? sql`` : sql`and (scheme_id, id) > (${after.schemeId}, ${after.id}::uuid)`}
      order by scheme_id, id limit ${BATCH}`.execute(tx)
    const due: ToErase[] = []
    for (const [schemeId, of] of Map.groupBy(left, (row) => row.schemeId)) {
      const ids = of.map(({ id }) => id)
      const asked = await listOpenRequests(tx, schemeId, ids)
      due.push(...of.filter(({ id }) => !asked.has(id)))
    }
    if (due.length > 0) return countBy(await eraseMembers(tx, deps, due, undefined))
    // All of them wait: those behind them do not have to.
    after = left.at(-1)
    if (left.length < BATCH || after === undefined) return []
  }
}

async function purgeLooks(tx: Tx, before: Date): Promise<Removed> {
  const { rows } = await sql<{ schemeId: string }>`
    delete from member_looks l using (
      select scheme_id, member_id, at, user_id, what from member_looks where at < ${before} limit ${BATCH}
    ) o
    where l.scheme_id = o.scheme_id and l.member_id = o.member_id and l.at = o.at and l.user_id = o.user_id and l.what = o.what
    returning l.scheme_id`.execute(tx)
  return countBy(rows)
}

async function purgeRequests(tx: Tx, before: Date): Promise<Removed> {
  const { rows } = await sql<{ schemeId: string }>`
    delete from data_requests where (scheme_id, id) in (
      select scheme_id, id from data_requests where state <> 'open' and decided_at < ${before} limit ${BATCH})
    returning scheme_id`.execute(tx)
  return countBy(rows)
}

/** Accounts: of mandates that ended, and the files that went to the bank, which hold them too. */
async function purgeMandates(tx: Tx, before: Date): Promise<Removed> {
  const { rows } = await sql<{ schemeId: string }>`
    with old as (
      select scheme_id, id from dues_mandates
      where iban <> '' and revoked_at < ${before} and coalesce(used_at, revoked_at) < ${before} limit ${BATCH} for update
    ), emptied as (
      update dues_mandates m set iban = '', iban_end = '', holder = '', signed_name = '', text = ''
      from old o where m.scheme_id = o.scheme_id and m.id = o.id returning m.scheme_id
    ), sent as (
      select scheme_id, id from dues_debit_files
      where xml <> '' and coalesce(settled_at, created_at) < ${before} and collect_on < ${before}::date limit ${BATCH} for update
    ), files as (
      update dues_debit_files f set xml = '' from sent s where f.scheme_id = s.scheme_id and f.id = s.id returning f.scheme_id
    ), versions as (
      update dues_debit_file_versions v set xml = '' from sent s where v.scheme_id = s.scheme_id and v.file_id = s.id
    )
    select scheme_id from emptied union all select scheme_id from files`.execute(tx)
  return countBy(rows)
}

/** What names people in books whose time is over. */
async function purgeDues(tx: Tx, before: Date): Promise<Removed> {
  return countBy(await emptyBooks(tx, before.toISOString().slice(0, 10), BATCH))
}

/** What was told of a year that is still owed stays: the rule goes on from it, and would tell all of it again. */
async function purgeNotices(tx: Tx, before: Date): Promise<Removed> {
  const { rows } = await sql<{ schemeId: string }>`
    delete from dues_notices where (scheme_id, id) in (
      select n.scheme_id, n.id from dues_notices n where n.at < ${before} and not ${isOfUnpaid} limit ${BATCH})
    returning scheme_id`.execute(tx)
  return countBy(rows)
}

async function purgeReasons(tx: Tx, before: Date): Promise<Removed> {
  const { rows } = await sql<{ schemeId: string }>`
    delete from audit_reasons where (scheme_id, seq) in (
      select scheme_id, seq from audit_reasons where at < ${before} limit ${BATCH})
    returning scheme_id`.execute(tx)
  return countBy(rows)
}

function countBy(rows: readonly { readonly schemeId: string }[]): Removed {
  return [...Map.groupBy(rows, ({ schemeId }) => schemeId)].map(([schemeId, of]) => ({
    schemeId,
    removed: of.length,
  }))
}
