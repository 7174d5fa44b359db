import { sql } from 'kysely'
import { type ErasedPeople, FORGOTTEN, unsharedNumbers } from '../identity/erased.ts'
import { rowKeysSql, type SchemeRow } from '../platform/database/pairs.ts'
import type { Tx } from '../platform/db.ts'

/**
 * Lists ended single-message broadcasts sent only to these members, across schemes. Deliveries still on their way are withdrawn and
 * deleted with their record.
 */
export async function listEndedBroadcastsTo(tx: Tx, members: readonly SchemeRow[]): Promise<SchemeRow[]> {
  const { rows } = await sql<SchemeRow>`
    select b.scheme_id, b.id from broadcasts b join deliveries d on d.scheme_id = b.scheme_id and d.broadcast_id = b.id
    where b.kind in ('service', 'code') and b.state = 'done'
    group by b.scheme_id, b.id having bool_and((d.scheme_id, d.member_id) in ${rowKeysSql(members)})`.execute(
    tx,
  )
  return rows
}

/** Deletes the deliveries of broadcasts with their attempts and figures, across schemes. */
export async function deleteDeliveries(tx: Tx, broadcasts: readonly SchemeRow[]): Promise<void> {
  const these = rowKeysSql(broadcasts)
  await sql`delete from delivery_tallies where (scheme_id, broadcast_id) in ${these}`.execute(tx)
  await sql`delete from delivery_attempts where (scheme_id, broadcast_id) in ${these}`.execute(tx)
  await sql`delete from deliveries where (scheme_id, broadcast_id) in ${these}`.execute(tx)
  await sql`delete from delivery_chunks where (scheme_id, broadcast_id) in ${these}`.execute(tx)
}

/** Deletes broadcasts whose deliveries are gone, across schemes. @returns the scheme of each row */
export async function deleteBroadcasts(
  tx: Tx,
  broadcasts: readonly SchemeRow[],
): Promise<{ schemeId: string }[]> {
  const { rows } = await sql<{ schemeId: string }>`
    delete from broadcasts where (scheme_id, id) in ${rowKeysSql(broadcasts)} returning scheme_id`.execute(tx)
  return rows
}

/** Replaces the texts of ended broadcasts that named an erased person, across schemes. */
export async function forgetBroadcastTexts(tx: Tx, schemeId: string, ids: readonly string[]): Promise<void> {
  await sql`update broadcasts set text = ${FORGOTTEN} where scheme_id = ${schemeId} and id = any (${ids}::uuid[])`.execute(
    tx,
  )
}

/**
 * Deletes the numbers that schemes lost by an erasure. A later STOP of them is ignored: nothing is sent to a number that no contact
 * has, and storing its STOP would keep a number of an erased person for as long as the scheme exists. A STOP from before the
 * erasure is kept.
 */
export async function forgetFormerNumbers(tx: Tx, people: ErasedPeople): Promise<void> {
  await sql`delete from former_numbers where (scheme_id, phone) in ${unsharedNumbers(people)}`.execute(tx)
}
