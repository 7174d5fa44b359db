import { sql } from 'kysely'
import type { Tx } from '../platform/db.ts'
import { pairs } from '../platform/pairs.ts'
import { type ErasedPeople, unsharedAddresses, unsharedNumbers } from './erased.ts'

/** Deletes pending SMS and mails to erased people and the records of sent ones, with the owner's rights. */
export async function forgetDirectMessages(tx: Tx, people: ErasedPeople): Promise<void> {
  await sql`delete from direct_messages
    where (scheme_id, member_id) in ${pairs(people.members)} or (scheme_id, phone) in ${unsharedNumbers(people)}`.execute(
    tx,
  )
  await sql`delete from mails where (scheme_id, lower(address)) in ${unsharedAddresses(people)}`.execute(tx)
}

/**
 * Deletes SMS to one person that are older than `before` and no longer valid, with the owner's rights.
 * @returns the scheme of each row
 */
export async function purgeDirectMessages(
  tx: Tx,
  before: Date,
  limit: number,
): Promise<{ schemeId: string }[]> {
  const { rows } = await sql<{ schemeId: string }>`
    with old as (
      select scheme_id, id from direct_messages where created_at < ${before} and valid_until < ${before} limit ${limit}
    )
    delete from direct_messages m using old o where m.scheme_id = o.scheme_id and m.id = o.id
    returning m.scheme_id`.execute(tx)
  return rows
}
