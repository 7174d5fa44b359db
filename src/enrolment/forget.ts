import { sql } from 'kysely'
import { type ErasedPeople, unsharedAddresses, unsharedNumbers } from '../identity/erased.ts'
import { rowKeysSql } from '../platform/database/pairs.ts'
import type { Tx } from '../platform/db.ts'

/**
 * Deletes applications and charter signatures of erased members before the members are emptied, across schemes, including
 * applications with the same SIRET, number or mail.
 * @param keepsPending whether to keep undecided applications with the same SIRET, number or mail: a former member may apply again
 */
export async function forgetEnrolments(tx: Tx, people: ErasedPeople, keepsPending: boolean): Promise<void> {
  const these = rowKeysSql(people.members)
  await sql`
    delete from enrolments e where (e.scheme_id, e.id) in (
        select scheme_id, enrolment_id from charter_signatures where (scheme_id, member_id) in ${these})
      or (e.scheme_id, e.member_id) in ${these}
      or (((e.scheme_id, e.siret) in (select scheme_id, siret from members where (scheme_id, id) in ${these})
          or e.member_id is null and ((e.scheme_id, e.mobile) in ${unsharedNumbers(people)}
            or (e.scheme_id, lower(e.mail)) in ${unsharedAddresses(people)}))
        and (${!keepsPending} or e.state in ('approved', 'refused')))`.execute(tx)
  await sql`delete from charter_signatures where (scheme_id, member_id) in ${these}`.execute(tx)
}
