import { sql } from 'kysely'
import type { Tx } from '../platform/db.ts'
import type { MemberStatus } from '../schema.ts'
import { searchName } from '../territory/places/spelling.ts'
import { isNumberLike, matchesSearch, phoneSearch } from './filters.ts'

export interface CallerRow {
  readonly memberId: string
  readonly name: string
  readonly trade: string
  readonly communeCode: string
  readonly communeName: string
  readonly address: string | null
  readonly status: MemberStatus
  readonly person: string | null
  readonly mobile: string | null
}

/**
 * Finds members with a contact whose number begins like this, or ends with the four digits typed; current members first.
 * @param typed the text from which `phoneStart` made the beginning
 */
export async function findByPhone(
  tx: Tx,
  schemeId: string,
  { start, typed }: { readonly start: string; readonly typed: string },
  limit: number,
): Promise<CallerRow[]> {
  const { ending } = phoneSearch(typed, start)
  const { rows } = await sql<CallerRow>`
    select distinct on (m.status = 'left', m.search_name, m.id)
      m.id as member_id, m.name, m.trade, m.commune_code, k.name as commune_name, m.address, m.status, c.person, c.mobile
    from contacts c join members m on m.scheme_id = c.scheme_id and m.id = c.member_id
      join communes k on k.code = m.commune_code
    where c.scheme_id = ${schemeId} and m.merged_into is null and ${isNumberLike(sql`c.mobile`, {
      phone: sql`${`${start}%`}`,
      whole: sql`${start}::text`,
      ending: sql`${ending}::text`,
    })}
    order by m.status = 'left', m.search_name, m.id, c.position, c.id limit ${limit}`.execute(tx)
  return rows
}

/**
 * Finds members whose name and commune contain words that begin like this; names that begin with the first word come first.
 */
export async function findByName(tx: Tx, schemeId: string, q: string, limit: number): Promise<CallerRow[]> {
  const { rows } = await sql<CallerRow>`
    select f.id as member_id, f.name, f.trade, f.commune_code, f.commune_name, f.address, f.status, c.person, c.mobile
    -- The rows to show are selected first: a short word occurs in thousands of names.
    from (
      select m.*, k.name as commune_name,
        row_number() over (order by m.status = 'left',
          m.search_name not like ${`${searchName(q).split(' ')[0]}%`}, m.search_name, m.id) as place
      from members m join communes k on k.code = m.commune_code
      where m.scheme_id = ${schemeId} and m.merged_into is null and ${matchesSearch(schemeId, q)}
      order by place limit ${limit}) f
    left join lateral (select person, mobile from contacts
      where scheme_id = f.scheme_id and member_id = f.id order by position, id limit 1) c on true
    order by f.place`.execute(tx)
  return rows
}
