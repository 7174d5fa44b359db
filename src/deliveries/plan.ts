import { type RawBuilder, sql } from 'kysely'
import type { Deps } from '../deps.ts'
import type { Segmentation } from '../message/segment.ts'
import type { Tx } from '../platform/db.ts'

/** One row a distinct phone, in the order they should be sent. */
export interface PlannedRecipient {
  contactId: string
  memberId: string
  phone: string
  communeCode: string
  trade: string
}

export interface BroadcastPlan {
  readonly schemeId: string
  readonly alertId: string
  readonly segmentation: Segmentation
  readonly sender: string
  /** SMPP priority_flag, 0 to 3. */
  readonly priority: 0 | 1 | 2 | 3
  readonly simulated: boolean
  readonly validUntil: Date
  readonly orderedBy: string
  /**
   * A SELECT that gives columns contact_id, member_id, phone, commune_code, trade: the audience, each phone once.
   * It runs inside this transaction, so under the row-level security of the scheme.
   */
  readonly recipients: RawBuilder<PlannedRecipient>
}

/**
 * Deliveries claimed at once: a quarter of what the gateway may hold unanswered, so that several chunks are in
 * work at a time and what is claimed, which a crash puts in doubt, stays within the window.
 */
export function chunkSizeFor(smpp: { readonly window: number; readonly links: number }): number {
  return Math.min(500, Math.max(1, Math.floor((smpp.window * smpp.links) / 4)))
}

/**
 * Writes a broadcast in the caller's transaction: the approved text, the snapshot of its audience as one delivery
 * a recipient, the chunks to claim, and the job. Nothing is sent before the transaction commits.
 * @returns how many deliveries are planned; 0 leaves nothing written but the broadcast row, so refuse it.
 */
export async function planBroadcast(
  tx: Tx,
  deps: Pick<Deps, 'config' | 'jobs' | 'newId' | 'now'>,
  plan: BroadcastPlan,
): Promise<{ broadcastId: string; planned: number }> {
  const broadcastId = deps.newId()
  const chunkSize = chunkSizeFor(deps.config.smpp)
  await tx
    .insertInto('broadcasts')
    .values({
      schemeId: plan.schemeId,
      id: broadcastId,
      alertId: plan.alertId,
      text: plan.segmentation.parts.join(''),
      encoding: plan.segmentation.encoding,
      parts: plan.segmentation.parts.length,
      sender: plan.sender,
      priority: plan.priority,
      simulated: plan.simulated,
      state: 'running',
      validUntil: plan.validUntil,
      orderedAt: deps.now(),
      orderedBy: plan.orderedBy,
      planned: 0,
    })
    .execute()
  const {
    rows: [counted],
  } = await sql<{ planned: number }>`
    with planned as (
      insert into deliveries (scheme_id, broadcast_id, no, contact_id, member_id, phone, commune_code, trade)
      select ${plan.schemeId}, ${broadcastId}::uuid, row_number() over (), a.contact_id, a.member_id, a.phone, a.commune_code, a.trade
      from (${plan.recipients}) a
      returning no
    ), counted as (
      select count(*)::int as planned from planned
    ), chunks as (
      insert into delivery_chunks (scheme_id, broadcast_id, first_no, last_no)
      select ${plan.schemeId}, ${broadcastId}::uuid, first_no, least(first_no + ${chunkSize}::int - 1, planned)
      from counted, generate_series(1, planned, ${chunkSize}::int) as first_no
    )
    select planned from counted`.execute(tx)
  const planned = counted?.planned ?? 0
  await tx
    .updateTable('broadcasts')
    .set({ planned })
    .where('schemeId', '=', plan.schemeId)
    .where('id', '=', broadcastId)
    .execute()
  await deps.jobs.enqueue(tx, 'broadcast.dispatch', { schemeId: plan.schemeId, broadcastId })
  return { broadcastId, planned }
}
