import { sql } from 'kysely'
import type { Deps } from '../deps.ts'
import { currentCharter } from '../enrolment/charter.ts'
import { publishCharter } from '../enrolment/publish.ts'
import { DAY_MS } from '../message/clock.ts'
import type { Actor } from '../permissions.ts'
import { inScheme } from '../platform/db.ts'
import { findSchemeWithChamber } from '../schemes/store.ts'
import { ISSOIRE, TABAC_DE_LA_HALLE } from './members.ts'

const FIRST_DAYS = 1100
const SECOND_DAYS = 75

/**
 * Publishes two versions of the charter of a demo scheme. All members signed the first when they joined, and most
 * signed the second since. The tobacconist behind the merchant account and one shop in six outside Issoire have
 * not, and are asked to.
 */
export async function seedDemoCharters(deps: Deps, schemeId: string, chamber: Actor): Promise<void> {
  const ago = (days: number) => new Date(deps.now().getTime() - days * DAY_MS)
  const first = await inScheme(deps.db, schemeId, async (tx) => {
    const scheme = await findSchemeWithChamber(tx, schemeId)
    if (scheme === undefined) return undefined
    return currentCharter(tx, schemeId, { scheme: scheme.name, chamber: scheme.chamber }, ago(FIRST_DAYS))
  })
  if (first?.version !== 1) return
  const text = first.text.replace(
    'y compris sur les réseaux sociaux et les messageries.',
    'y compris sur les réseaux sociaux et les messageries, et dans les groupes de commerçants.',
  )
  const second = ago(SECOND_DAYS)
  await publishCharter({ ...deps, now: () => second }, chamber, schemeId, { version: 1, text })
  await inScheme(deps.db, schemeId, (tx) =>
    sql`
      insert into charter_signatures (scheme_id, id, version, sha256, signed_name, mobile, contact_id, session_id, member_id, signed_at)
      select m.scheme_id, md5(m.id::text || ch.version)::uuid, ch.version, ch.sha256, c.person, c.mobile, c.id,
        md5(c.id::text || ch.version)::uuid, m.id,
        case when ch.version = 1 then m.created_at
          else greatest(m.created_at, ${second}::timestamptz + make_interval(days => 1 + m.chance % 60)) end
      from (select *, ('x' || substr(md5(id::text), 1, 7))::bit(28)::int as chance from members
        where scheme_id = ${schemeId} and status = 'active') m
      join contacts c on c.scheme_id = m.scheme_id and c.member_id = m.id and c.position = 0 and c.mobile is not null
      join charters ch on ch.scheme_id = m.scheme_id
      where case when ch.version = 1 then m.created_at < ${second}::timestamptz
        else m.created_at >= ${second}::timestamptz or not (m.name = ${TABAC_DE_LA_HALLE} and m.commune_code = ${ISSOIRE}
          or m.commune_code <> ${ISSOIRE} and m.chance % 6 = 0) end`.execute(tx),
  )
}
