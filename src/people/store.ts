import { sql } from 'kysely'
import { NO_SCHEME } from '../audit/chain.ts'
import { AppError } from '../errors.ts'
import { type SessionFacts, truncateAddress } from '../identity/sessions/devices.ts'
import { listGrants } from '../identity/store.ts'
import type { Actor, Grant, Role } from '../permissions.ts'
import type { Tx } from '../platform/db.ts'

/** An account with all its roles, as the rules need it. */
export interface PersonRow {
  readonly id: string
  readonly name: string
  readonly mail: string
  readonly disabledAt: Date | null
  /** The purpose of its unused link; null: none waits. */
  readonly waits: 'invite' | 'recover' | null
  readonly linkUntil: Date | null
  readonly openSessions: number
  readonly lastSignInAt: Date | null
  /** The role of an administrator of the platform has the empty id. */
  readonly grants: readonly (Grant & { readonly agency: string | null })[]
}

interface PeopleFilter {
  readonly schemeId?: string | undefined
  readonly userId?: string
}

/** Lists accounts with all their roles: those of a scheme, one, or all. */
export async function listPersonRows(
  tx: Tx,
  now: Date,
  { schemeId, userId }: PeopleFilter,
): Promise<PersonRow[]> {
  const { rows } = await sql<PersonRow>`
    select u.id, u.name, u.email as mail, u.disabled_at, i.purpose as waits, i.expires_at as link_until,
      (select count(*)::int from session s where s.user_id = u.id and s.expires_at > ${now}) as open_sessions,
      (select e.at from audit_entries e
        where e.scheme_id = ${NO_SCHEME} and e.actor = 'user:' || u.id and e.action = 'session.open'
        order by e.seq desc limit 1) as last_sign_in_at,
      coalesce((
        select jsonb_agg(jsonb_build_object('schemeId', g.scheme_id, 'role', g.role, 'agencyId', g.agency_id,
          'agency', a.code, 'trades', g.trades) order by g.scheme_id, g.role)
        from grants g left join agencies a on a.scheme_id = g.scheme_id and a.id = g.agency_id
        where g.user_id = u.id
      ), '[]') as grants
    from "user" u
    left join lateral (
      select purpose, expires_at from invitations i
      where i.user_id = u.id and i.used_at is null and i.withdrawn_at is null
      order by i.created_at desc limit 1) i on true
    where (${schemeId ?? null}::text is null
        or exists (select from grants g where g.user_id = u.id and g.scheme_id = ${schemeId ?? null}))
      and (${userId ?? null}::text is null or u.id = ${userId ?? null})
    order by u.name, u.email`.execute(tx)
  return rows
}

/** Returns an account with all its roles, and locks it until the transaction ends; undefined when there is none. */
export async function lockPerson(tx: Tx, now: Date, userId: string): Promise<PersonRow | undefined> {
  await lockUsers(tx, [userId])
  return (await listPersonRows(tx, now, { userId }))[0]
}

/**
 * Locks the account that acts and the one on which it acts, and returns both as they are now: of two accounts that close each
 * other at once, the second one no longer may.
 * @throws AppError `not_signed_in` when the acting account was closed meanwhile
 */
export async function lockActing<A extends Actor>(
  tx: Tx,
  now: Date,
  actor: A,
  userId: string | undefined,
): Promise<{ readonly actor: A; readonly person: PersonRow | undefined }> {
  const acting = actor.kind === 'user' ? actor.userId : undefined
  await lockUsers(
    tx,
    [acting, userId].flatMap((id) => id ?? []),
  )
  const [person] = userId === undefined ? [] : await listPersonRows(tx, now, { userId })
  if (acting === undefined) return { actor, person }
  const { rows } = await sql`select from "user" where id = ${acting} and disabled_at is null`.execute(tx)
  if (rows.length === 0) throw new AppError('not_signed_in')
  const withheld = (actor as Extract<Actor, { kind: 'user' }>).withheld ?? []
  const grants = (await listGrants(tx, acting)).filter(
    ({ schemeId, role }) => !withheld.some((one) => one.schemeId === schemeId && one.role === role),
  )
  return { actor: { ...actor, grants }, person }
}

/** The audit entry of a role that a request gave at once. */
interface RoleEntry {
  readonly actor: string
  readonly subject: string
  readonly details: Pick<Grant, 'role' | 'agencyId'> & {
    readonly trades?: readonly string[]
    readonly from?: Pick<Grant, 'role'>
    /** Id of the invitation that it created. */
    readonly invitation?: string
  }
}

/** Finds the audit entry of the role that a request gave at once. @param request the id that the client chose */
export async function findRoleEntry(
  tx: Tx,
  schemeId: string,
  request: string,
): Promise<RoleEntry | undefined> {
  // The first condition on the action is that of the index on the entries of accounts.
  const { rows } = await sql<RoleEntry>`
    select actor, subject, details from audit_entries
    where scheme_id = ${schemeId} and action like 'user.%' and action in ('user.invite', 'user.role')
      and details ->> 'request' = ${request}
    order by seq limit 1`.execute(tx)
  return rows[0]
}

/** Locks accounts in the order of their ids, so that two transactions never wait for each other. */
export async function lockUsers(tx: Tx, ids: readonly string[]): Promise<void> {
  await sql`select from "user" where id = any(${[...ids]}::text[]) order by id for update`.execute(tx)
}

/** Lets one transaction at a time take a role away in a scheme, so that each sees the holders that another one left. */
export async function lockHolders(tx: Tx, schemeId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`holders:${schemeId}`}, 0))`.execute(tx)
}

/** Lists the active holders of roles in a scheme; one with two of the roles is listed twice. */
export async function listHolders(
  tx: Tx,
  { schemeId, roles }: { readonly schemeId: string; readonly roles: readonly Role[] },
): Promise<{ id: string; mail: string; role: Role }[]> {
  const { rows } = await sql<{ id: string; mail: string; role: Role }>`
    select u.id, u.email as mail, g.role from grants g join "user" u on u.id = g.user_id
    where g.scheme_id = ${schemeId} and g.role = any(${[...roles]}::text[]) and u.disabled_at is null
      and not exists (select from invitations i
        where i.user_id = u.id and i.purpose = 'invite' and i.used_at is null and i.withdrawn_at is null)
    order by u.email, g.role`.execute(tx)
  return rows
}

/** An administrator of the platform, and the scheme whose outbox carries a mail to them. */
export interface Administrator {
  readonly id: string
  readonly mail: string
  /** Null: the installation has no scheme, so that no mail can be sent. */
  readonly schemeId: string | null
}

/** Lists the active administrators of the platform. */
export async function listAdministrators(tx: Tx): Promise<Administrator[]> {
  const { rows } = await sql<Administrator>`
    select u.id, u.email as mail, (select min(id) from schemes) as scheme_id
    from grants g join "user" u on u.id = g.user_id
    where g.scheme_id = ${NO_SCHEME} and g.role = 'admin' and u.disabled_at is null
      and not exists (select from invitations i
        where i.user_id = u.id and i.purpose = 'invite' and i.used_at is null and i.withdrawn_at is null)
    order by u.email`.execute(tx)
  return rows
}

/** Lists the agencies of a scheme; undefined when there is no such scheme. */
export async function findSchemeForGrant(
  tx: Tx,
  schemeId: string,
): Promise<
  { trades: readonly string[]; agencies: readonly { id: string; code: string; name: string }[] } | undefined
> {
  const scheme = await tx.selectFrom('schemes').select('trades').where('id', '=', schemeId).executeTakeFirst()
  if (scheme === undefined) return undefined
  const agencies = await tx
    .selectFrom('agencies')
    .select(['id', 'code', 'name'])
    .where('schemeId', '=', schemeId)
    .orderBy('code')
    .execute()
  return { trades: scheme.trades, agencies }
}

/** Lists the open sessions of an account, the latest first. */
export async function listSessionRows(tx: Tx, now: Date, userId: string): Promise<SessionFacts[]> {
  const rows = await tx
    .selectFrom('session')
    .select(['id', 'userAgent', 'ipAddress', 'createdAt', 'activeAt'])
    .where('userId', '=', userId)
    .where('expiresAt', '>', now)
    .orderBy('activeAt', 'desc')
    .orderBy('id')
    .execute()
  return rows.map(({ ipAddress, ...row }) => ({ ...row, network: truncateAddress(ipAddress) }))
}
