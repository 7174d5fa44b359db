import { sql } from 'kysely'
import type { Actor } from '../permissions.ts'
import type { Tx } from '../platform/db.ts'

/** One who reads on within so long looked once. */
const SAME_LOOK_MINUTES = 10
const SHOWN = 50

/** Puts on record that somebody opened the file of a member; the program and contacts, who have their own, look at none. */
export async function noteLook(
  tx: Tx,
  actor: Actor,
  schemeId: string,
  memberId: string,
  now: Date,
): Promise<void> {
  if (actor.kind !== 'user') return
  const role = actor.grants.find((grant) => grant.schemeId === schemeId)?.role
  if (role === undefined) return
  await sql`
    insert into member_looks (scheme_id, member_id, user_id, name, role, at)
    select ${schemeId}, ${memberId}::uuid, ${actor.userId}, ${actor.name}, ${role}, ${now}
    where not exists (
      select from member_looks where scheme_id = ${schemeId} and member_id = ${memberId}::uuid and user_id = ${actor.userId}
        and at > ${now}::timestamptz - make_interval(mins => ${SAME_LOOK_MINUTES}))
    on conflict do nothing`.execute(tx)
}

/** The latest looks at a member, newest first. */
export function readLooks(tx: Tx, schemeId: string, memberId: string) {
  return tx
    .selectFrom('memberLooks')
    .select(['name', 'role', 'at'])
    .where('schemeId', '=', schemeId)
    .where('memberId', '=', memberId)
    .orderBy('at', 'desc')
    .limit(SHOWN)
    .execute()
}
