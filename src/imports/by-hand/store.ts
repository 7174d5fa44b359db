import { sql } from 'kysely'
import type { Tx } from '../../platform/db.ts'
import type { MemberStatus } from '../../schema.ts'

/** The first use of a member's id. */
interface CreationRow {
  /** The change that created it by hand; null if it came otherwise. */
  readonly changeId: string | null
  readonly by: string | undefined
  readonly undoneAt: Date | null
  /** Whether the member exists now. */
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

/**
 * Finds the change that added a contact to a member; undefined if that was over a day ago, when the states of a change are deleted.
 */
export async function findAddition(
  tx: Tx,
  schemeId: string,
  { memberId, contactId }: { readonly memberId: string; readonly contactId: string },
): Promise<{ readonly changeId: string; readonly by: string } | undefined> {
  const contact = JSON.stringify([{ id: contactId }])
  const { rows } = await sql<{ changeId: string; by: string }>`
    select c.id as change_id, c.by
    from member_change_rows r join member_changes c on c.scheme_id = r.scheme_id and c.id = r.change_id
    where r.scheme_id = ${schemeId} and r.member_id = ${memberId}::uuid
      and r.after->'contacts' @> ${contact}::jsonb and not r.before->'contacts' @> ${contact}::jsonb
    order by c.at desc limit 1`.execute(tx)
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

/** Lists those of the given numbers that members of the given trades have. */
export async function listNumbersOfTrades(
  tx: Tx,
  schemeId: string,
  trades: readonly string[],
  phones: readonly string[],
): Promise<string[]> {
  const { rows } = await sql<{ mobile: string }>`
    select distinct c.mobile from contacts c join members m on m.scheme_id = c.scheme_id and m.id = c.member_id
    where c.scheme_id = ${schemeId} and c.mobile = any (${phones}::text[]) and m.trade = any (${trades}::text[])`.execute(
    tx,
  )
  return rows.map(({ mobile }) => mobile)
}

/** Lists those of the given ids that are of existing contacts. */
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
