import { hashPassword } from 'better-auth/crypto'
import { sql } from 'kysely'
import type { AuditAction } from '../audit/list.ts'
import { recordAudit } from '../audit/record.ts'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { type Actor, actorName, type Role } from '../permissions.ts'
import { asOwner, type Tx } from '../platform/db.ts'
import { announceEvent } from '../platform/live.ts'
import { removeFactors } from './factors.ts'
import { NO_SCHEME } from './session.ts'
import { findUserByMail, listGrants, setPassword } from './store.ts'
import { generatePassword } from './users.ts'

/** An account of the console as shown to the administrator of the machine. */
export interface AccountView {
  readonly id: string
  readonly mail: string
  readonly name: string
  readonly disabledAt: string | null
  /** True while the password is one that an administrator set and the user has not changed yet. */
  readonly passwordDue: boolean
  readonly openSessions: number
  readonly lastSignInAt: string | null
  readonly grants: readonly { readonly scheme: string; readonly role: Role; readonly agency: string | null }[]
}

type Needs = Pick<Deps, 'db' | 'database' | 'now' | 'live' | 'newId'>

/**
 * Lists all accounts, or those of one scheme.
 * @throws AppError `unknown_scheme`, `forbidden`
 */
export async function listAccounts(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId?: string,
): Promise<AccountView[]> {
  requireProgram(actor)
  return asOwner(deps.db, async (tx) => {
    if (schemeId !== undefined) {
      const scheme = await tx.selectFrom('schemes').select('id').where('id', '=', schemeId).executeTakeFirst()
      if (scheme === undefined) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
    }
    const { rows } = await sql<{
      id: string
      mail: string
      name: string
      disabledAt: Date | null
      passwordDue: boolean
      openSessions: number
      lastSignInAt: Date | null
      grants: AccountView['grants']
    }>`
      select u.id, u.email as mail, u.name, u.disabled_at, u.password_due,
        (select count(*)::int from session s where s.user_id = u.id and s.expires_at > ${deps.now()}) as open_sessions,
        greatest(
          (select max(created_at) from session s where s.user_id = u.id),
          (select max(seen_at) from sign_in_places p where p.user_id = u.id)
        ) as last_sign_in_at,
        coalesce((
          select jsonb_agg(jsonb_build_object('scheme', g.scheme_id, 'role', g.role, 'agency', a.code)
            order by g.scheme_id, g.role)
          from grants g left join agencies a on a.scheme_id = g.scheme_id and a.id = g.agency_id
          where g.user_id = u.id
        ), '[]') as grants
      from "user" u
      where ${schemeId ?? null}::text is null
        or exists (select from grants g where g.user_id = u.id and g.scheme_id = ${schemeId ?? null})
      order by u.email`.execute(tx)
    return rows.map((row) => ({
      ...row,
      disabledAt: row.disabledAt?.toISOString() ?? null,
      lastSignInAt: row.lastSignInAt?.toISOString() ?? null,
    }))
  })
}

/** The effect of an action on an account. An action without effect is not recorded. */
export interface AccountChange {
  readonly id: string
  readonly changed: boolean
  readonly sessionsEnded: number
}

/** Disables an account: its sessions end on every node and no one can sign in to it. Its history stays. */
export function disableAccount(deps: Needs, actor: Actor, mail: string): Promise<AccountChange> {
  return changeAccount(deps, actor, mail, 'user.disable', async (tx, id) => {
    const sessionsEnded = await endSessions(tx, id)
    const { numUpdatedRows } = await tx
      .updateTable('user')
      .set({ disabledAt: deps.now() })
      .where('id', '=', id)
      .where('disabledAt', 'is', null)
      .executeTakeFirst()
    return { changed: numUpdatedRows > 0n || sessionsEnded > 0, sessionsEnded }
  })
}

/** Enables a disabled account again, with its previous password. */
export function enableAccount(deps: Needs, actor: Actor, mail: string): Promise<AccountChange> {
  return changeAccount(deps, actor, mail, 'user.enable', async (tx, id) => {
    const { numUpdatedRows } = await tx
      .updateTable('user')
      .set({ disabledAt: null })
      .where('id', '=', id)
      .where('disabledAt', 'is not', null)
      .executeTakeFirst()
    return { changed: numUpdatedRows > 0n, sessionsEnded: 0 }
  })
}

/** Ends the sessions of an account on every node; the user may sign in again. */
export function endAccountSessions(deps: Needs, actor: Actor, mail: string): Promise<AccountChange> {
  return changeAccount(deps, actor, mail, 'user.end_sessions', async (tx, id) => {
    const sessionsEnded = await endSessions(tx, id)
    return { changed: sessionsEnded > 0, sessionsEnded }
  })
}

/**
 * Sets a new first password, which the user must change when signing in, and ends the sessions of the account. Its other
 * factors and the devices it signed in on are forgotten, because they no longer prove who uses it.
 * @returns the password to hand over, which is stored nowhere in plain text
 */
export async function resetAccount(
  deps: Needs,
  actor: Actor,
  mail: string,
): Promise<AccountChange & { readonly password: string }> {
  requireProgram(actor)
  const password = generatePassword()
  // The hash is slow by design, so it is computed outside the transaction.
  const hash = await hashPassword(password)
  const change = await changeAccount(deps, actor, mail, 'user.reset', async (tx, id) => {
    await setPassword(tx, { userId: id, accountId: deps.newId(), hash, at: deps.now() })
    await tx.updateTable('user').set({ passwordDue: true }).where('id', '=', id).execute()
    await tx.deleteFrom('signInPlaces').where('userId', '=', id).execute()
    await removeFactors(tx, id)
    return { changed: true, sessionsEnded: await endSessions(tx, id) }
  })
  return { ...change, password }
}

async function changeAccount(
  deps: Needs,
  actor: Actor,
  mail: string,
  action: AuditAction,
  applyChange: (tx: Tx, id: string) => Promise<Omit<AccountChange, 'id'>>,
): Promise<AccountChange> {
  requireProgram(actor)
  const change = await asOwner(deps.db, async (tx) => {
    const user = await findUserByMail(tx, mail.trim())
    if (user === undefined) {
      throw new AppError('invalid_input', {
        problems: [{ code: 'user.unknown', path: 'mail', values: { mail } }],
      })
    }
    const { id } = user
    await tx.selectFrom('user').select('id').where('id', '=', id).forUpdate().execute()
    const { changed, sessionsEnded } = await applyChange(tx, id)
    if (changed) {
      const schemes = [...new Set((await listGrants(tx, id)).map(({ schemeId }) => schemeId))].sort()
      // The change is recorded in every scheme in which the account has a role, where those who run the scheme can read it.
      for (const schemeId of schemes.length > 0 ? schemes : [NO_SCHEME]) {
        await recordAudit(tx, schemeId, deps.now(), {
          actor: actorName(actor),
          action,
          subject: `user:${id}`,
          details: { sessionsEnded },
        })
      }
      await announceEvent(tx, deps, accountEvent(id))
    }
    return { id, changed, sessionsEnded }
  })
  if (change.changed) deps.live.publish(accountEvent(change.id))
  return change
}

/** Builds the event that makes every process drop what it cached about an account and close its streams. */
function accountEvent(userId: string) {
  return { type: 'account', schemeId: NO_SCHEME, userId } as const
}

async function endSessions(tx: Tx, userId: string): Promise<number> {
  const { numDeletedRows } = await tx.deleteFrom('session').where('userId', '=', userId).executeTakeFirst()
  return Number(numDeletedRows)
}

/** @throws AppError `forbidden` unless the caller is the program itself: accounts are managed on the machine only */
function requireProgram(actor: Actor): void {
  if (actor.kind !== 'system') throw new AppError('forbidden', { values: { permission: 'user.add' } })
}
