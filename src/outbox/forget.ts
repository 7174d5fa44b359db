import { sql } from 'kysely'
import { type ErasedPeople, unsharedAddresses, unsharedNumbers } from '../identity/erased.ts'
import { rowKeysSql } from '../platform/database/pairs.ts'
import type { Tx } from '../platform/db.ts'

/** Deletes messages to erased people and their outcomes, across schemes. */
export async function forgetOutbox(tx: Tx, people: ErasedPeople): Promise<void> {
  await sql`delete from outbox
    where (scheme_id, member_id) in ${rowKeysSql(people.members)}
      or channel = 'sms' and (scheme_id, address) in ${unsharedNumbers(people)}
      or channel = 'mail' and (scheme_id, lower(address)) in ${unsharedAddresses(people)}`.execute(tx)
}

/**
 * Deletes messages that are older than `before` and no longer valid, across schemes.
 * @returns the scheme of each row
 */
export async function purgeOutbox(tx: Tx, before: Date, limit: number): Promise<{ schemeId: string }[]> {
  const { rows } = await sql<{ schemeId: string }>`
    with old as (
      select scheme_id, id from outbox where created_at < ${before} and valid_until < ${before} limit ${limit}
    )
    delete from outbox m using old o where m.scheme_id = o.scheme_id and m.id = o.id
    returning m.scheme_id`.execute(tx)
  return rows
}
