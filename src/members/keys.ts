import { sql } from 'kysely'
import { timeZoneSql } from '../platform/database/time-zone.ts'
import type { Tx } from '../platform/db.ts'
import type { MemberStatus } from '../schema.ts'

/** Former identity of a merged member, by which lists may still name it. */
export interface MemberAlias {
  readonly siret: string | null
  readonly searchName: string
  readonly communeCode: string
}

/** The data by which an import recognises a member. */
export interface MemberKeys {
  readonly id: string
  readonly name: string
  readonly trade: string
  readonly siret: string | null
  readonly searchName: string
  readonly communeCode: string
  readonly communeName: string
  readonly address: string | null
  readonly phones: readonly string[]
  readonly aliases: readonly MemberAlias[]
  readonly status: MemberStatus
  /** Whether the dues rule suspended it and it has not been reactivated since. */
  readonly isSuspendedForDues: boolean
  /** Noon, in milliseconds, of the day on which it left; null if it has not left. */
  readonly leftAt: number | null
}

/**
 * Lists the members that rows of a list may refer to, by SIRET, phone, or name and commune. Merged members are returned as
 * the member that they were merged into. One statement; callers pass a chunk.
 */
export async function listMemberKeys(
  tx: Tx,
  schemeId: string,
  rows: readonly Pick<MemberKeys, 'siret' | 'phones' | 'communeCode' | 'searchName'>[],
): Promise<MemberKeys[]> {
  const sirets = rows.flatMap((row) => row.siret ?? [])
  const phones = rows.flatMap((row) => row.phones)
  const places = sql`unnest(${rows.map((row) => row.searchName)}::text[], ${rows.map((row) => row.communeCode)}::text[])
    as place (name, code)`
  const { rows: found } = await sql<MemberKeys>`
    select m.id, m.name, m.trade, m.siret, m.search_name, m.commune_code, k.name as commune_name, m.address, m.status,
      m.status = 'suspended' and exists (select from dues_suspensions s
        where s.scheme_id = m.scheme_id and s.member_id = m.id and s.restored_at is null) as is_suspended_for_dues,
      case when m.status = 'left' then
        extract(epoch from date_trunc('day', m.updated_at at time zone ${timeZoneSql(schemeId)}) + interval '12 hours')::float8 * 1000
      end as left_at,
      array(select c.mobile from contacts c
        where c.scheme_id = m.scheme_id and c.member_id = m.id and c.mobile is not null) as phones,
      coalesce((
        select jsonb_agg(jsonb_build_object('siret', x.siret, 'searchName', x.search_name, 'communeCode', x.commune_code))
        from members p join member_aliases x on x.scheme_id = p.scheme_id and x.member_id = p.id
        where p.scheme_id = m.scheme_id and p.merged_into = m.id), '[]') as aliases
    from members m join communes k on k.code = m.commune_code
    where m.scheme_id = ${schemeId} and m.merged_into is null and m.id in (
      select id from members where scheme_id = ${schemeId} and siret = any (${sirets}::text[])
      union
      select member_id from contacts where scheme_id = ${schemeId} and mobile = any (${phones}::text[])
      union
      select id from members join ${places} on members.search_name = place.name and members.commune_code = place.code
        where scheme_id = ${schemeId}
      union
      select p.merged_into from member_aliases x join members p on p.scheme_id = x.scheme_id and p.id = x.member_id
        where x.scheme_id = ${schemeId} and x.siret = any (${sirets}::text[])
      union
      select p.merged_into from member_aliases x join members p on p.scheme_id = x.scheme_id and p.id = x.member_id
        join ${places} on x.search_name = place.name and x.commune_code = place.code
        where x.scheme_id = ${schemeId})
    order by m.id`.execute(tx)
  return found
}
