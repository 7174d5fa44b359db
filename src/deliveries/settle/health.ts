import { sql } from 'kysely'
import { isUnreadable } from '../../cipher/pseudonyms.ts'
import type { Deps } from '../../deps.ts'
import { type NumberOutcomes, recordNumberOutcomes } from '../../members/numbers/health.ts'
import { LEAVE_UNREADABLE } from '../../platform/database/client.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { isSimulated } from '../simulation.ts'
import { RECEIPT_GRACE_SECONDS } from './arrival.ts'
import { evidenceOf } from './evidence.ts'

type HealthDeps = Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'mailer' | 'config' | 'log'>

/**
 * Deliveries read per transaction: about 40 ms on the embedded database, so that an alert sent meanwhile does not wait.
 */
const READ = 1000
/** Broadcasts fetched at once. */
const BROADCASTS = 100

/**
 * Reads outcomes settled since the last run for the health of numbers. A broadcast is read once it is done, in ranges
 * of its deliveries, each range once, so the ledger is never read while sending writes to it. Simulated outcomes say
 * nothing of phones, unless all are simulated (the demo).
 */
export async function readHealth(deps: HealthDeps, signal?: AbortSignal): Promise<void> {
  for (;;) {
    const over = await deps.db
      .selectFrom('broadcasts')
      .select(['schemeId', 'id'])
      .where('state', '=', 'done')
      .whereRef('healthNo', '<', 'planned')
      .orderBy('doneAt')
      .limit(BROADCASTS)
      .execute()
    let read = 0
    for (const { schemeId, id } of over) {
      while (
        signal?.aborted !== true &&
        (await inScheme(deps.db, schemeId, (tx) => readRange(tx, deps, schemeId, id)))
      )
        read += 1
    }
    // Nothing left, or other processes read the rest.
    if (read === 0 || over.length < BROADCASTS || signal?.aborted === true) return
  }
}

/** @returns false when the broadcast is fully read, or locked by another process */
async function readRange(tx: Tx, deps: HealthDeps, schemeId: string, broadcastId: string): Promise<boolean> {
  const broadcast = await tx
    .selectFrom('broadcasts')
    .select(['healthNo', 'planned', 'simulated', 'validUntil'])
    .where('schemeId', '=', schemeId)
    .where('id', '=', broadcastId)
    .whereRef('healthNo', '<', 'planned')
    .forUpdate()
    .skipLocked()
    .executeTakeFirst()
  if (broadcast === undefined) return false
  const { healthNo, planned, simulated, validUntil } = broadcast
  const { demo, gateways } = deps.config
  const isReal = simulated === isSimulated(demo, gateways)
  const upTo = isReal ? Math.min(planned, healthNo + READ) : planned
  if (isReal) {
    const kinds = new Map(gateways.map(({ name, kind }) => [name, kind]))
    const learnt = await readOutcomes(tx, { schemeId, broadcastId, validUntil }, [healthNo, upTo], kinds)
    await recordNumberOutcomes(tx, deps, schemeId, learnt)
  }
  await tx
    .updateTable('broadcasts')
    .set({ healthNo: upTo })
    .where('schemeId', '=', schemeId)
    .where('id', '=', broadcastId)
    .execute()
  return true
}

async function readOutcomes(
  tx: Tx,
  of: { readonly schemeId: string; readonly broadcastId: string; readonly validUntil: Date },
  [after, upTo]: readonly [number, number],
  kindOf: ReadonlyMap<string, string>,
): Promise<NumberOutcomes> {
  const graceEnd = new Date(of.validUntil.getTime() + RECEIPT_GRACE_SECONDS * 1000)
  const { rows } = await sql<{
    phone: string
    state: 'delivered' | 'failed' | 'expired'
    errorCode: number | null
    acceptedAt: Date | null
    settledAt: Date
    gateway: string | null
  }>`${LEAVE_UNREADABLE}
    select phone, state, error_code, accepted_at, settled_at, gateway from deliveries
    where scheme_id = ${of.schemeId} and broadcast_id = ${of.broadcastId}::uuid and no > ${after} and no <= ${upTo}
      and settled_at is not null
      -- Expired as reported by the provider, not for lack of a receipt: see arrival.ts.
      and (state in ('delivered', 'failed')
        or state = 'expired' and accepted_at is not null and settled_at < ${graceEnd})`.execute(tx)
  const delivered: NumberOutcomes['delivered'][number][] = []
  const failed: NumberOutcomes['failed'][number][] = []
  for (const { phone, state, errorCode, acceptedAt, settledAt, gateway } of rows) {
    if (isUnreadable(phone)) continue
    if (state === 'delivered') {
      delivered.push({ phone, at: settledAt })
      continue
    }
    const kind = evidenceOf({ state, errorCode, acceptedAt, gatewayKind: kindOf.get(gateway ?? '') })
    if (kind !== undefined) failed.push({ phone, kind, at: settledAt })
  }
  return { delivered, failed }
}
