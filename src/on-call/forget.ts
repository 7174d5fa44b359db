import { sql } from 'kysely'
import { rowKeysSql, type SchemeRow } from '../platform/database/pairs.ts'
import type { Tx } from '../platform/db.ts'

/** Deletes the calls made about alerts, across schemes. */
export async function deleteCallOuts(tx: Tx, alerts: readonly SchemeRow[]): Promise<void> {
  await sql`delete from call_outs where (scheme_id, alert_id) in ${rowKeysSql(alerts)}`.execute(tx)
}

/** A person removed from the list of a scheme. */
export interface RemovedPerson extends SchemeRow {
  /** Whether something that is kept refers to them by name. */
  readonly isNamed: boolean
}

/**
 * Erases the number and the address of removed people, across schemes; the row goes with them unless something refers to it. Calls
 * that were made keep the name.
 */
export async function forgetPeople(tx: Tx, people: readonly RemovedPerson[]): Promise<void> {
  const { named = [], unnamed = [] } = Object.groupBy(people, ({ isNamed }) =>
    isNamed ? 'named' : 'unnamed',
  )
  await sql`update on_call_people set phone = null, mail = null where (scheme_id, id) in ${rowKeysSql(named)}`.execute(
    tx,
  )
  await sql`delete from on_call_people where (scheme_id, id) in ${rowKeysSql(unnamed)}`.execute(tx)
}
