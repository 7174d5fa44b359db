import { sql } from 'kysely'
import { recordAudit } from '../audit/record.ts'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import type { Auth } from '../identity/auth.ts'
import type { DemoDoor } from '../identity/contract.ts'
import { authHeaders, setCookies } from '../identity/routes.ts'
import { getSessionView, recordIdentity, type Sessions } from '../identity/sessions/session.ts'
import { DEMO_MAIL_DOMAIN, findUserByMail, insertUser, upsertGrant } from '../identity/store.ts'
import type { Actor, Role } from '../permissions.ts'
import { acrossSchemes, type Tx } from '../platform/db.ts'
import { type App, addEndpoint } from '../platform/http/http.ts'
import { setSessionCookie } from '../portal/session/cookie.ts'
import { getPortalSession, noteBrowser, openContactSession } from '../portal/session/session.ts'
import { doorEndpoints } from './endpoints.ts'
import { ISSOIRE, TABAC_DE_LA_HALLE } from './members.ts'

const SCHEME = 'ac63'
/** Scheme of the neighbour account, to which alerts are relayed. */
const NEIGHBOUR_SCHEME = 'ab03'

/**
 * Trade of the merchant account, which is the tobacconist who calls, else the first of Issoire, else the first of all, and of the
 * delegate of a trade chamber.
 */
const MEMBER_TRADE = 'tobacco-press'

interface DemoPerson {
  readonly name: string
  /** Absent: of no agency of the scheme, as the delegates of trade chambers. */
  readonly agencyCode?: string
  readonly trades?: readonly string[]
}

/** The users of the demo accounts and their agencies. */
const people: Record<DemoDoor['as'], DemoPerson> = {
  neighbour: { name: 'Nicolas Perrin', agencyCode: 'corg-03' },
  operator: { name: 'Claire Fabre', agencyCode: 'cic-63' },
  chief: { name: 'Marc Vidal', agencyCode: 'corg-63' },
  magistrate: {
    name: 'Hélène Roche',
    agencyCode: 'parquet-clermont',
  },
  chamber: { name: 'Sophie Lambert', agencyCode: 'cci-63' },
  trade_chamber: { name: 'Bernard Chazal', trades: [MEMBER_TRADE] },
}

/**
 * Registers sign-in to the demo accounts without a password or code. Registered in demo mode only, so that the
 * endpoint does not exist elsewhere.
 */
export function doorRoutes(
  app: App,
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'config'>,
  identity: { readonly auth: Auth; readonly sessions: Sessions },
): void {
  addEndpoint(app, doorEndpoints.openDemoSession, async (request, reply) => {
    const user = await ensureUser(deps, request.body.as)
    const cookies = await identity.auth.openSession(user.id, authHeaders(request), 'demo')
    await recordIdentity(deps, user.id, 'session.open', { factor: 'demo' })
    setCookies(reply, cookies)
    return getSessionView(deps, { kind: 'user', userId: user.id, name: user.name, grants: [] })
  })

  addEndpoint(app, doorEndpoints.openDemoPortal, async (request, reply) => {
    const token = await openContactSession(deps, { phone: await findMerchant(deps) })
    await noteBrowser(deps, token, { userAgent: request.headers['user-agent'], address: request.ip })
    setSessionCookie(reply, deps, token)
    return getPortalSession(deps, token)
  })
}

/** Finds the phone of the tobacconist of the merchant account. */
async function findMerchant({ db }: Pick<Deps, 'db'>): Promise<string> {
  const { rows } = await sql<{ mobile: string }>`
    select k.mobile from members m
    join contacts k on k.scheme_id = m.scheme_id and k.member_id = m.id and k.mobile is not null
    where m.scheme_id = ${SCHEME} and m.status = 'active' and m.trade = ${MEMBER_TRADE}
    order by (m.name = ${TABAC_DE_LA_HALLE}) desc, (m.commune_code = ${ISSOIRE}) desc, m.id, k.position
    limit 1`.execute(db)
  const [merchant] = rows
  if (!merchant) throw new AppError('unknown_scheme', { values: { scheme: SCHEME } })
  return merchant.mobile
}

/** Returns the signed-in actor of a demo account. */
export async function actorOfDoor(
  deps: Pick<Deps, 'db' | 'now' | 'newId'>,
  door: DemoDoor['as'],
): Promise<Actor> {
  const { id, name } = await ensureUser(deps, door)
  const grants = await deps.db
    .selectFrom('grants')
    .select(['schemeId', 'role', 'agencyId', 'trades'])
    .where('userId', '=', id)
    .execute()
  return { kind: 'user', userId: id, name, grants }
}

/** Finds or creates the user of a demo account. */
async function ensureUser(
  deps: Pick<Deps, 'db' | 'now' | 'newId'>,
  door: DemoDoor['as'],
): Promise<{ id: string; name: string }> {
  const mail = `${door}@${DEMO_MAIL_DOMAIN}`
  const [role, schemeId]: [Role, string] =
    door === 'neighbour' ? ['operator', NEIGHBOUR_SCHEME] : [door, SCHEME]
  return acrossSchemes(deps.db, async (tx) => {
    const existing = await findUserByMail(tx, mail)
    if (existing) return existing
    const { name, agencyCode, trades = null } = people[door]
    const agencyId = agencyCode === undefined ? null : await findAgency(tx, schemeId, agencyCode)
    const at = deps.now()
    await insertUser(tx, { id: deps.newId(), name, mail, at })
    const user = await findUserByMail(tx, mail)
    if (!user) throw new AppError('internal')
    await upsertGrant(tx, { userId: user.id, schemeId, role, agencyId, trades })
    await recordAudit(tx, schemeId, at, {
      actor: 'system:demo',
      action: 'user.add',
      subject: `user:${user.id}`,
      details: { role, agencyId, ...(trades !== null && { trades }), created: true },
    })
    return user
  })
}

async function findAgency(tx: Tx, schemeId: string, code: string): Promise<string> {
  const agency = await tx
    .selectFrom('agencies')
    .select('id')
    .where('schemeId', '=', schemeId)
    .where('code', '=', code)
    .executeTakeFirst()
  if (!agency) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
  return agency.id
}
