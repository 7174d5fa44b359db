import { sql } from 'kysely'
import type { Actor } from '../permissions.ts'
import type { Tx } from '../platform/db.ts'
import type { LookKind, ShownLook } from './contract.ts'

/** One who reads on within so many minutes looked once: at a file; at the rest, of which lists are read all day. */
const SAME_LOOK_MINUTES = 10
const SAME_GLANCE_MINUTES = 60
const SHOWN = 50

/** Puts on record that somebody saw members; the program and contacts, who have their own, look at none. */
export async function noteLooks(
  tx: Tx,
  actor: Actor,
  schemeId: string,
  what: LookKind,
  memberIds: readonly string[],
  now: Date,
): Promise<void> {
  if (actor.kind !== 'user' || memberIds.length === 0) return
  const role = actor.grants.find((grant) => grant.schemeId === schemeId)?.role
  if (role === undefined) return
  const minutes = what === 'file' ? SAME_LOOK_MINUTES : SAME_GLANCE_MINUTES
  await sql`
    insert into member_looks (scheme_id, member_id, user_id, name, role, what, at)
    select ${schemeId}, m.id, ${actor.userId}, ${actor.name}, ${role}, ${what}, ${now}
    from (select distinct unnest(${memberIds}::uuid[]) as id) m
    where not exists (
      select from member_looks l where l.scheme_id = ${schemeId} and l.member_id = m.id and l.user_id = ${actor.userId}
        and l.what = ${what} and l.at > ${now}::timestamptz - make_interval(mins => ${minutes}))
    order by m.id
    on conflict do nothing`.execute(tx)
}

/** The latest looks at a member, newest first: without the searches for a caller, whose minute would tell who called 17. */
export function readLooks(tx: Tx, schemeId: string, memberId: string) {
  return tx
    .selectFrom('memberLooks')
    .select(['name', 'role', 'what', 'at'])
    .where('schemeId', '=', schemeId)
    .where('memberId', '=', memberId)
    .where('what', '!=', 'caller')
    .$narrowType<{ what: ShownLook }>()
    .orderBy('at', 'desc')
    .orderBy('what')
    .limit(SHOWN)
    .execute()
}
