import { sql } from 'kysely'
import { hasSignedCurrentOnPaper, isWithinTrades, type MemberScope } from '../members/filters.ts'
import { facetOfJoinedRows } from '../members/numbers/facets.ts'
import type { Tx } from '../platform/db.ts'
import type { Today } from './contract.ts'

/** Counts members with a number that needs attention, reading only the numbers of which something is known. */
export async function countNumbersToCheck(
  tx: Tx,
  schemeId: string,
  only: MemberScope,
): Promise<Today['numbers']> {
  const { dead, gone, doubtful } = facetOfJoinedRows
  const { rows } = await sql<Today['numbers']>`
    select count(*)::int as count, (count(*) filter (where dead))::int as dead, (count(*) filter (where gone))::int as gone,
      (count(*) filter (where doubtful))::int as doubtful
    from (
      select ${dead} as dead, ${gone} as gone, ${doubtful} as doubtful
      from contacts c
      join members m on m.scheme_id = c.scheme_id and m.id = c.member_id and m.status <> 'left' and ${isWithinTrades(only)}
      left join number_health h on h.scheme_id = c.scheme_id and h.phone = c.mobile and h.state <> 'ok'
      left join reconfirmations r on r.scheme_id = c.scheme_id and r.contact_id = c.id and r.phone = c.mobile
        and r.state in ('silent', 'gone')
      where c.scheme_id = ${schemeId} and (h.state is not null or r.state is not null)
      group by m.id
    ) of_member where dead or gone or doubtful`.execute(tx)
  return rows[0] ?? { count: 0, dead: 0, gone: 0, doubtful: 0 }
}

/** Counts members that signed an older version of the charter last, and the one in force neither online nor on paper. */
export async function countOldCharters(
  tx: Tx,
  schemeId: string,
  only: MemberScope,
): Promise<Today['charters']> {
  const { rows } = await sql<Today['charters']>`
    select v.version, (
      select count(*)::int from (
        select member_id, max(version) as version from charter_signatures
        where scheme_id = ${schemeId} and member_id is not null group by member_id
      ) s join members m on m.scheme_id = ${schemeId} and m.id = s.member_id
      where m.status <> 'left' and s.version < v.version and ${isWithinTrades(only)}
        and not ${hasSignedCurrentOnPaper(schemeId, sql`m.charter_on`)}
    ) as count
    from (select max(version) as version from charters where scheme_id = ${schemeId}) v`.execute(tx)
  return rows[0] ?? { count: 0, version: null }
}
