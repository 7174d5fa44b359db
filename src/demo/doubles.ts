import { sql } from 'kysely'
import type { Deps } from '../deps.ts'
import { acrossSchemes } from '../platform/db.ts'
import { STORIES } from './members.ts'

/**
 * Creates two probable doubles in a demo scheme: a shop listed twice, once without its SIRET, and two shops of one
 * owner, one of which has none. The recipients of alerts stay the same: each pair already shared one number.
 */
export async function seedDemoDoubles(deps: Pick<Deps, 'db'>, schemeId: string): Promise<void> {
  await acrossSchemes(deps.db, async (tx) => {
    const { rows } = await sql<{ firstId: string; secondId: string }>`
      select f.id as first_id, s.id as second_id
      from contacts a join contacts b on b.scheme_id = a.scheme_id and b.mobile = a.mobile and b.member_id > a.member_id
      join members f on f.scheme_id = a.scheme_id and f.id = a.member_id
      join members s on s.scheme_id = b.scheme_id and s.id = b.member_id
      where a.scheme_id = ${schemeId} and a.shared and a.sms and b.sms and s.commune_code <> all (${[...STORIES]}::text[])
      -- Takes the last members: the first ones appear in other stories of the demo.
      order by f.commune_code = s.commune_code desc, a.mobile desc`.execute(tx)
    const [twice, owner] = rows
    if (twice !== undefined) {
      await sql`update members d set siret = null, name = f.name, search_name = f.search_name from members f
        where d.scheme_id = ${schemeId} and d.id = ${twice.secondId} and f.scheme_id = d.scheme_id and f.id = ${twice.firstId}`.execute(
        tx,
      )
    }
    if (owner !== undefined) {
      await sql`update members set siret = null where scheme_id = ${schemeId} and id = ${owner.secondId}`.execute(
        tx,
      )
    }
  })
}
