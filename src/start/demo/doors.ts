import { sql } from 'kysely'
import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import type { Auth } from '../../identity/auth.ts'
import { DemoDoor, SessionView } from '../../identity/contract.ts'
import { authHeaders, setCookies } from '../../identity/routes.ts'
import { getSessionView, recordIdentity, type Sessions } from '../../identity/session.ts'
import { findUserByMail, insertUser, upsertGrant } from '../../identity/store.ts'
import { DEMO_MAIL_DOMAIN } from '../../identity/users.ts'
import type { Role } from '../../permissions.ts'
import { asOwner, type Tx } from '../../platform/db.ts'
import type { App } from '../../platform/http.ts'
import { ISSOIRE, TABAC_DE_LA_HALLE } from './members.ts'

const SCHEME = 'ac63'
/** Where the operator next door works: to whom alerts are relayed. */
const NEIGHBOUR_SCHEME = 'ab03'

/** The people behind the doors, and the agency that each belongs to. */
const people: Record<
  Exclude<DemoDoor['as'], 'member'>,
  { readonly name: string; readonly agencyCode: string }
> = {
  neighbour: { name: 'Nicolas Perrin', agencyCode: 'corg-03' },
  operator: { name: 'Claire Fabre', agencyCode: 'cic-63' },
  chief: { name: 'Marc Vidal', agencyCode: 'corg-63' },
  magistrate: {
    name: 'Hélène Roche',
    agencyCode: 'parquet-clermont',
  },
  chamber: { name: 'Sophie Lambert', agencyCode: 'cci-63' },
}

/** The trade behind the member's door: the tobacconist who calls, or the first of Issoire, or the first at all. */
const MEMBER_TRADE = 'tobacco-press'

/**
 * The doors of the demo: a session without a password. Registered in demo mode only, so that elsewhere the address
 * does not exist.
 */
export function doorRoutes(
  app: App,
  deps: Pick<Deps, 'db' | 'now' | 'newId'>,
  identity: { readonly auth: Auth; readonly sessions: Sessions },
): void {
  app.post(
    '/api/demo/sessions',
    {
      config: { permission: 'public', rateLimit: { max: 120, timeWindow: 60_000, groupId: 'doors' } },
      schema: {
        tags: ['demo'],
        summary: 'Open a session without a password (demo only)',
        body: DemoDoor,
        response: { 200: SessionView },
      },
    },
    async (request, reply) => {
      const user = await ensureUser(deps, request.body.as)
      const cookies = await identity.auth.openSession(user.id, authHeaders(request))
      await recordIdentity(deps, user.id, 'session.open')
      setCookies(reply, cookies)
      return getSessionView(deps, { kind: 'user', userId: user.id, name: user.name, grants: [] })
    },
  )
}

/** The account of a door, made when it is first opened. */
async function ensureUser(
  deps: Pick<Deps, 'db' | 'now' | 'newId'>,
  door: DemoDoor['as'],
): Promise<{ id: string; name: string }> {
  const mail = `${door}@${DEMO_MAIL_DOMAIN}`
  const [role, schemeId]: [Role, string] =
    door === 'neighbour' ? ['operator', NEIGHBOUR_SCHEME] : [door, SCHEME]
  return asOwner(deps.db, async (tx) => {
    const existing = await findUserByMail(tx, mail)
    if (existing) return existing
    const { name, agencyId, memberId } = await whoIs(tx, door, schemeId)
    const at = deps.now()
    await insertUser(tx, { id: deps.newId(), name, mail, at })
    const user = await findUserByMail(tx, mail)
    if (!user) throw new AppError('internal')
    await upsertGrant(tx, { userId: user.id, schemeId, role, agencyId, memberId })
    await recordAudit(tx, schemeId, at, {
      actor: 'system:demo',
      action: 'user.add',
      subject: `user:${user.id}`,
      details: { role, agencyId, memberId, created: true },
    })
    return user
  })
}

async function whoIs(
  tx: Tx,
  door: DemoDoor['as'],
  schemeId: string,
): Promise<{ name: string; agencyId: string | null; memberId: string | null }> {
  if (door === 'member') {
    const { rows } = await sql<{ id: string; name: string; person: string | null; commune: string }>`
      select m.id, m.name, k.person, c.name as commune
      from members m join communes c on c.code = m.commune_code
      left join lateral (
        select person from contacts k where k.scheme_id = m.scheme_id and k.member_id = m.id order by position limit 1
      ) k on true
      where m.scheme_id = ${SCHEME} and m.status = 'active' and m.trade = ${MEMBER_TRADE}
      order by (m.name = ${TABAC_DE_LA_HALLE}) desc, (m.commune_code = ${ISSOIRE}) desc, m.id
      limit 1`.execute(tx)
    const [member] = rows
    if (!member) throw new AppError('unknown_scheme', { values: { scheme: SCHEME } })
    const business = `${member.name} (${member.commune})`
    return {
      name: member.person ? `${member.person}, ${business}` : business,
      agencyId: null,
      memberId: member.id,
    }
  }
  const { name, agencyCode } = people[door]
  const agency = await tx
    .selectFrom('agencies')
    .select('id')
    .where('schemeId', '=', schemeId)
    .where('code', '=', agencyCode)
    .executeTakeFirst()
  if (!agency) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
  return { name, agencyId: agency.id, memberId: null }
}
