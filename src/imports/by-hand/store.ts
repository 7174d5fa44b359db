import { sql } from 'kysely'
import type { Tx } from '../../platform/db.ts'
import type { MemberStatus } from '../../schema.ts'

/** How an id of a member was first used. */
interface CreationRow {
  /** The change that created it by hand; null if it came otherwise. */
  readonly changeId: string | null
  readonly by: string | undefined
  readonly undoneAt: Date | null
  /** Whether the member is there. */
  readonly exists: boolean
}

/** Finds how the member of an id was created; undefined if there never was one. */
export async function findCreation(tx: Tx, schemeId: string, id: string): Promise<CreationRow | undefined> {
  const { rows } = await sql<CreationRow>`
    select c.id as change_id, c.by, c.undone_at, m.id is not null as exists
    from (select ${id}::uuid as id) i
    left join members m on m.scheme_id = ${schemeId} and m.id = i.id
    left join (
      member_change_rows r join member_changes c
        on c.scheme_id = r.scheme_id and c.id = r.change_id and c.kind = 'create'
    ) on r.scheme_id = ${schemeId} and r.member_id = i.id and r.created
    where m.id is not null or c.id is not null`.execute(tx)
  return rows[0]
}

/** Finds the other member that has a SIRET. */
export function findSiretHolder(
  tx: Tx,
  schemeId: string,
  siret: string,
  memberId: string,
): Promise<{ name: string; trade: string; status: MemberStatus } | undefined> {
  return tx
    .selectFrom('members')
    .select(['name', 'trade', 'status'])
    .where('schemeId', '=', schemeId)
    .where('siret', '=', siret)
    .where('id', '<>', memberId)
    .where('mergedInto', 'is', null)
    .executeTakeFirst()
}

/** Lists those of the given ids that contacts have. */
export async function listTakenContactIds(
  tx: Tx,
  schemeId: string,
  ids: readonly string[],
): Promise<string[]> {
  if (ids.length === 0) return []
  const rows = await tx
    .selectFrom('contacts')
    .select('id')
    .where('schemeId', '=', schemeId)
    .where('id', 'in', ids)
    .execute()
  return rows.map(({ id }) => id)
}
