import { sql } from 'kysely'
import { recordAudit } from '../../audit/record.ts'
import { DAY_MS } from '../../message/clock.ts'
import { acrossSchemes, type Db } from '../../platform/db.ts'
import { UNCOUNTED_KINDS } from '../kinds.ts'

/** Days after which the number of a one-time code is removed: it may belong to no member. */
const CODE_DAYS = 2

/**
 * Deletes deliveries, with their attempts and chunks, of broadcasts that ended before an instant; those of one-time
 * codes after two days. The figures of each broadcast stay; broadcasts that are counted (tallies.ts) are deleted only
 * afterwards. Deletion frees whole pages at the beginning of the tables, which new broadcasts then fill. Call it again
 * while it returns `limit`. The number of deleted rows is recorded in the audit log of the scheme.
 * @param limit deliveries removed at once
 * @returns the deliveries removed.
 */
export async function pruneDeliveries(db: Db, endedBefore: Date, limit: number, now: Date): Promise<number> {
  const codesBefore = new Date(now.getTime() - CODE_DAYS * DAY_MS)
  return acrossSchemes(db, async (tx) => {
    const { rows } = await sql<{ schemeId: string; removed: number; reported: number }>`
    with old as (
      select scheme_id, id, kind from broadcasts b
      where b.state = 'done'
        and (b.done_at < ${endedBefore} or (b.kind = 'code' and b.done_at < ${codesBefore}))
        and (b.tallied_at is not null or b.kind in ${UNCOUNTED_KINDS})
        and exists (select from delivery_chunks c where c.scheme_id = b.scheme_id and c.broadcast_id = b.id)
      order by b.done_at limit 50
    ), removed as (
      delete from deliveries d using (
        select d.scheme_id, d.broadcast_id, d.no, o.kind from old o
        join deliveries d on d.scheme_id = o.scheme_id and d.broadcast_id = o.id
        limit ${limit}
      ) l
      where d.scheme_id = l.scheme_id and d.broadcast_id = l.broadcast_id and d.no = l.no
      returning d.scheme_id, l.kind
    ), forgotten as (
      delete from delivery_attempts a using old o where a.scheme_id = o.scheme_id and a.broadcast_id = o.id
    ), emptied as (
      -- Sees the deliveries as of the start of the statement: a broadcast loses its chunks in the pass after its last delivery.
      delete from delivery_chunks c using old o
      where c.scheme_id = o.scheme_id and c.broadcast_id = o.id
        and not exists (select from deliveries d where d.scheme_id = o.scheme_id and d.broadcast_id = o.id)
    )
    select scheme_id, count(*)::int as removed, (count(*) filter (where kind <> 'code'))::int as reported
    from removed group by scheme_id`.execute(tx)
    // Codes, sent every day, need no audit record.
    for (const { schemeId, reported } of rows.filter((row) => row.reported > 0))
      await recordAudit(tx, schemeId, now, {
        actor: 'system:clock',
        action: 'data.purge',
        subject: `scheme:${schemeId}`,
        details: { kind: 'deliveries', removed: reported, before: endedBefore.toISOString() },
      })
    return rows.reduce((sum, { removed }) => sum + removed, 0)
  })
}

/** Deletes unmatched receipts received before an instant. */
export async function pruneUnknownReceipts(db: Db, receivedBefore: Date): Promise<void> {
  await db.deleteFrom('unknownReceipts').where('receivedAt', '<', receivedBefore).execute()
}

/** Deletes the numbers that schemes lost before an instant: deliveries to them are deleted then, too. */
export async function pruneFormerNumbers(db: Db, lostBefore: Date): Promise<void> {
  await db.deleteFrom('formerNumbers').where('at', '<', lostBefore).execute()
}
