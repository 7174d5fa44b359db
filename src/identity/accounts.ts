import { hashPassword } from 'better-auth/crypto'
import { sql } from 'kysely'
import type { AuditAction } from '../audit/list.ts'
import { recordAudit } from '../audit/record.ts'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { type Actor, actorName, type Role } from '../permissions.ts'
import { asOwner, type Tx } from '../platform/db.ts'
import { announce } from '../platform/live.ts'
import { NO_SCHEME } from './session.ts'
import { findUserByMail, listGrants, setPassword } from './store.ts'
import { makePassword } from './users.ts'

/** An account of the console as the administrator of the machine sees it. */
export interface AccountView {
  readonly id: string
  readonly mail: string
  readonly name: string
  readonly disabledAt: string | null
  /** The password was given by an administrator and is not changed yet. */
  readonly passwordDue: boolean
  readonly openSessions: number
  readonly lastSignInAt: string | null
  readonly grants: readonly { readonly scheme: string; readonly role: Role; readonly agency: string | null }[]
}

type Needs = Pick<Deps, 'db' | 'database' | 'now' | 'live' | 'newId'>

/** Lists the accounts, those of one scheme when it is given. @throws AppError `unknown_scheme`, `forbidden` */
export async function listAccounts(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId?: string,
): Promise<AccountView[]> {
  allowProgram(actor)
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

/** What an act changed. Nothing is recorded of one that changed nothing. */
export interface AccountChange {
  readonly id: string
  readonly changed: boolean
  readonly sessionsEnded: number
}

/** Closes an account: its sessions end on every node, nobody signs in to it any more. Its history stays. */
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

/** Opens a disabled account again, with the password that it had. */
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

/** Ends the sessions of an account on every node; its holder may sign in again. */
export function endAccountSessions(deps: Needs, actor: Actor, mail: string): Promise<AccountChange> {
  return changeAccount(deps, actor, mail, 'user.end_sessions', async (tx, id) => {
    const sessionsEnded = await endSessions(tx, id)
    return { changed: sessionsEnded > 0, sessionsEnded }
  })
}

/**
 * Gives an account a new first password, to be changed at its first use, and ends its sessions. Browsers that it signed in
 * on are forgotten: they are no longer proof of its holder.
 * @returns the password to hand over, which is kept nowhere else
 */
export async function resetAccount(
  deps: Needs,
  actor: Actor,
  mail: string,
): Promise<AccountChange & { readonly password: string }> {
  allowProgram(actor)
  const password = makePassword()
  // The hash takes a while on purpose: not inside the transaction.
  const hash = await hashPassword(password)
  const change = await changeAccount(deps, actor, mail, 'user.reset', async (tx, id) => {
    await setPassword(tx, { userId: id, accountId: deps.newId(), hash, at: deps.now() })
    await tx.updateTable('user').set({ passwordDue: true }).where('id', '=', id).execute()
    await tx.deleteFrom('signInPlaces').where('userId', '=', id).execute()
    return { changed: true, sessionsEnded: await endSessions(tx, id) }
  })
  return { ...change, password }
}

async function changeAccount(
  deps: Needs,
  actor: Actor,
  mail: string,
  action: AuditAction,
  act: (tx: Tx, id: string) => Promise<Omit<AccountChange, 'id'>>,
): Promise<AccountChange> {
  allowProgram(actor)
  const change = await asOwner(deps.db, async (tx) => {
    const user = await findUserByMail(tx, mail.trim())
    if (user === undefined) {
      throw new AppError('invalid_input', {
        problems: [{ code: 'user.unknown', path: 'mail', values: { mail } }],
      })
    }
    const { id } = user
    await tx.selectFrom('user').select('id').where('id', '=', id).forUpdate().execute()
    const { changed, sessionsEnded } = await act(tx, id)
    if (changed) {
      const schemes = [...new Set((await listGrants(tx, id)).map(({ schemeId }) => schemeId))].sort()
      // On the record of every scheme that the account acts in, where those who run it read it.
      for (const schemeId of schemes.length > 0 ? schemes : [NO_SCHEME]) {
        await recordAudit(tx, schemeId, deps.now(), {
          actor: actorName(actor),
          action,
          subject: `user:${id}`,
          details: { sessionsEnded },
        })
      }
      await announce(tx, deps, accountEvent(id))
    }
    return { id, changed, sessionsEnded }
  })
  if (change.changed) deps.live.publish(accountEvent(change.id))
  return change
}

/** Says to every process that an account or its sessions changed: what is known of it is forgotten, its streams end. */
function accountEvent(userId: string) {
  return { type: 'account', schemeId: NO_SCHEME, userId } as const
}

async function endSessions(tx: Tx, userId: string): Promise<number> {
  const { numDeletedRows } = await tx.deleteFrom('session').where('userId', '=', userId).executeTakeFirst()
  return Number(numDeletedRows)
}

/** @throws AppError `forbidden`: accounts are opened and closed from the machine alone */
function allowProgram(actor: Actor): void {
  if (actor.kind !== 'system') throw new AppError('forbidden', { values: { permission: 'user.add' } })
}
