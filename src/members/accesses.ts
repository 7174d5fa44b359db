import { sql } from 'kysely'
import type { Actor } from '../permissions.ts'
import type { Tx } from '../platform/db.ts'
import type { AccessKind, ShownAccessKind } from './contract.ts'

/**
 * Repeated accesses by one user within this many minutes count as one: 10 for a member's file; 60 for the rest, since lists
 * are read all day.
 */
const SAME_FILE_ACCESS_MINUTES = 10
const SAME_OTHER_ACCESS_MINUTES = 60
const ACCESSES_SHOWN = 50

/**
 * Records that a user accessed the data of members. Accesses by the program, and by contacts to their own data, are not
 * recorded.
 */
export async function recordMemberAccess(
  tx: Tx,
  actor: Actor,
  schemeId: string,
  {
    what,
    memberIds,
    now,
  }: { readonly what: AccessKind; readonly memberIds: readonly string[]; readonly now: Date },
): Promise<void> {
  if (actor.kind !== 'user' || memberIds.length === 0) return
  const role = actor.grants.find((grant) => grant.schemeId === schemeId)?.role
  if (role === undefined) return
  const minutes = what === 'file' ? SAME_FILE_ACCESS_MINUTES : SAME_OTHER_ACCESS_MINUTES
  await sql`
    insert into member_accesses (scheme_id, member_id, user_id, name, role, what, at)
    select ${schemeId}, m.id, ${actor.userId}, ${actor.name}, ${role}, ${what}, ${now}
    from (select distinct unnest(${memberIds}::uuid[]) as id) m
    where not exists (
      select from member_accesses l where l.scheme_id = ${schemeId} and l.member_id = m.id and l.user_id = ${actor.userId}
        and l.what = ${what} and l.at > ${now}::timestamptz - make_interval(mins => ${minutes}))
    order by m.id
    on conflict do nothing`.execute(tx)
}

/**
 * Lists the latest accesses to a member's data, newest first. Searches for a caller are left out: their time would reveal who
 * called 17.
 */
export function findMemberAccesses(tx: Tx, schemeId: string, memberId: string) {
  return tx
    .selectFrom('memberAccesses')
    .select(['name', 'role', 'what', 'at'])
    .where('schemeId', '=', schemeId)
    .where('memberId', '=', memberId)
    .where('what', '!=', 'caller')
    .$narrowType<{ what: ShownAccessKind }>()
    .orderBy('at', 'desc')
    .orderBy('what')
    .limit(ACCESSES_SHOWN)
    .execute()
}
