import type { AuditAction } from '../audit/list.ts'
import { recordAudit } from '../audit/record.ts'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { type Actor, type Permission, permissions } from '../permissions.ts'
import { asOwner, type Tx } from '../platform/db.ts'
import { announce } from '../platform/live.ts'
import { countTry, type SignInCaller, withinBudget } from './attempts.ts'
import type { Auth } from './auth.ts'
import type { SessionView } from './contract.ts'
import { passwordProblems } from './passwords.ts'
import { findAccountState, listGrants } from './store.ts'

/** The chain of the audit record for what belongs to no scheme. */
export const NO_SCHEME = ''

/**
 * How long who a session belongs to, and their roles, are taken as known. A revocation by another process, or a
 * role taken away, holds after this at the latest; a session ended here ends at once.
 */
const KNOWN_MS = 3000
const MAX_KNOWN = 5000

/** Who calls, by the session of their cookie. */
export interface Sessions {
  actorOf(headers: Headers): Promise<Extract<Actor, { kind: 'user' }> | undefined>
  /** Forgets what is known of this cookie: its session has just ended. */
  forget(headers: Headers): void
  /** Forgets all: sessions have just ended whose cookies are not at hand. */
  forgetAll(): void
}

export function createSessions(deps: Pick<Deps, 'db' | 'now'>, auth: Auth): Sessions {
  const known = new Map<string, { untilMs: number; actor: ReturnType<typeof readActor> }>()

  async function readActor(headers: Headers) {
    const owner = await auth.currentSession(headers)
    if (!owner) return undefined
    const [grants, state] = await Promise.all([
      listGrants(deps.db, owner.userId),
      findAccountState(deps.db, owner.userId),
    ])
    if (state === undefined || state.disabledAt !== null) return undefined
    return {
      kind: 'user' as const,
      userId: owner.userId,
      name: owner.name,
      ...(state.passwordDue ? { passwordDue: true } : {}),
      grants: grants.map(({ schemeId, role, agencyId, trades }) => ({ schemeId, role, agencyId, trades })),
    }
  }

  return {
    actorOf(headers) {
      const key = sessionCookie(headers)
      if (key === undefined) return Promise.resolve(undefined)
      const nowMs = deps.now().getTime()
      const found = known.get(key)
      if (found && found.untilMs > nowMs) return found.actor
      if (known.size >= MAX_KNOWN) known.clear()
      const actor = readActor(headers)
      known.set(key, { untilMs: nowMs + KNOWN_MS, actor })
      // A failure is nobody's identity: the next request asks again.
      actor.catch(() => known.delete(key))
      return actor
    },
    forget(headers) {
      const key = sessionCookie(headers)
      if (key !== undefined) known.delete(key)
    },
    forgetAll: () => known.clear(),
  }
}

function sessionCookie(headers: Headers): string | undefined {
  return /(?:^|;\s*)((?:__Secure-)?tocsin\.session_token=[^;]+)/.exec(headers.get('cookie') ?? '')?.[1]
}

/** Who is signed in and what they may do where. */
export async function getSessionView(deps: Pick<Deps, 'db'>, actor: Actor): Promise<SessionView> {
  if (actor.kind !== 'user') throw new AppError('not_signed_in')
  const grants = await listGrants(deps.db, actor.userId)
  return {
    user: { id: actor.userId, name: actor.name },
    passwordDue: actor.passwordDue === true,
    schemes: grants.map((grant) => ({
      id: grant.schemeId,
      name: grant.schemeName,
      role: grant.role,
      agency:
        grant.agencyName !== null && grant.agencyKind !== null
          ? { name: grant.agencyName, kind: grant.agencyKind }
          : null,
      permissions: Object.keys(permissions).filter(
        (permission) => grant.role in permissions[permission as Permission],
      ),
    })),
  }
}

/**
 * Signs in with mail and password. Success is put on the audit record; failures are counted in the database.
 * @param newDevice names the browser from now on, when it has no name yet
 * @throws AppError `wrong_credentials`, `rate_limited`
 */
export async function signIn(
  deps: Pick<Deps, 'db' | 'now' | 'secret'>,
  auth: Auth,
  input: { password: string; caller: SignInCaller; newDevice: string },
  headers: Headers,
): Promise<{ cookies: string[]; userId: string }> {
  const { password, caller, newDevice } = input
  const { cookies, userId } = await withinBudget(deps, caller, newDevice, () =>
    auth.signIn({ mail: caller.mail, password }, headers),
  )
  await recordIdentity(deps, userId, 'session.open')
  return { cookies, userId }
}

/**
 * Changes the password of the account that is signed in, ends its other sessions on every node, and lifts what a first
 * password holds back.
 * @throws AppError `invalid_input` with every problem of the new password, `wrong_credentials`, `rate_limited`
 */
export async function changePassword(
  deps: Pick<Deps, 'db' | 'database' | 'now' | 'newId' | 'live' | 'secret'>,
  auth: Auth,
  userId: string,
  { currentPassword, newPassword }: { currentPassword: string; newPassword: string },
  headers: Headers,
): Promise<string[]> {
  const [account, grants] = await Promise.all([
    findAccountState(deps.db, userId),
    listGrants(deps.db, userId),
  ])
  if (account === undefined) throw new AppError('not_signed_in')
  const schemes = grants.flatMap(({ schemeId, schemeName }) => [schemeId, schemeName])
  const owner = { mail: account.email, name: account.name, schemes }
  const problems = passwordProblems(newPassword, owner, 'newPassword')
  if (newPassword === currentPassword) problems.push({ code: 'password.same', path: 'newPassword' })
  if (problems.length > 0) throw new AppError('invalid_input', { problems })
  const tried = await countTry(deps, 'change-password', userId)
  const cookies = await auth.changePassword({ current: currentPassword, next: newPassword }, headers)
  await tried.undo()
  await asOwner(deps.db, async (tx) => {
    await tx.updateTable('user').set({ passwordDue: false }).where('id', '=', userId).execute()
    await recordIdentityIn(tx, deps, userId, 'password.change')
    await announce(tx, deps, { type: 'account', schemeId: NO_SCHEME, userId })
  })
  deps.live.publish({ type: 'account', schemeId: NO_SCHEME, userId })
  return cookies
}

/** Puts an event of someone's own account on the audit record. */
export function recordIdentity(
  deps: Pick<Deps, 'db' | 'now'>,
  userId: string,
  action: AuditAction,
): Promise<void> {
  return asOwner(deps.db, (tx) => recordIdentityIn(tx, deps, userId, action))
}

function recordIdentityIn(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  userId: string,
  action: AuditAction,
): Promise<void> {
  const of = `user:${userId}`
  return recordAudit(tx, NO_SCHEME, deps.now(), { actor: of, action, subject: of })
}
