import { type Kysely, sql } from 'kysely'
import { HOUR_MS } from '../message/clock.ts'
import { type Actor, actorName } from '../permissions.ts'
import { PREPARED } from '../platform/database/client.ts'
import type { Db, Tx } from '../platform/db.ts'
import type { Schema } from '../schema.ts'
import { recordAudit } from './record.ts'

/** A second reading of the same by the same person within this time is not recorded again: screens ask anew while they are open. */
const READ_EVERY_MS = HOUR_MS

/**
 * Records that a user read what only some may read, once an hour for each person and object. Call it last in the transaction
 * that reads. Only people are recorded: the program reads for itself.
 */
export async function recordRead(
  tx: Tx,
  schemeId: string,
  at: Date,
  actor: Actor,
  {
    action,
    subject,
  }: {
    readonly action: 'report.read' | 'alert.read_precise' | 'delivery.read'
    readonly subject: string
  },
): Promise<void> {
  if (actor.kind !== 'user') return
  const by = actorName(actor)
  const { rows } = await sql`${PREPARED}
    insert into audit_reads as r (scheme_id, actor, subject, action, at)
    values (${schemeId}, ${by}, ${subject}, ${action}, ${at})
    on conflict (scheme_id, actor, subject, action) do update set at = excluded.at
    where r.at <= ${new Date(at.getTime() - READ_EVERY_MS)}
    returning true`.execute(tx)
  if (rows.length > 0) await recordAudit(tx, schemeId, at, { actor: by, action, subject })
}

/** Deletes what no longer keeps a reading from being recorded. */
export async function purgeReads(db: Db | Tx, now: Date): Promise<void> {
  const before = new Date(now.getTime() - READ_EVERY_MS)
  await (db as Kysely<Schema>).deleteFrom('auditReads').where('at', '<', before).execute()
}
