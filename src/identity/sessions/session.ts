import { NO_SCHEME } from '../../audit/chain.ts'
import type { AuditAction } from '../../audit/list.ts'
import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { METROPOLITAN_ZONE } from '../../message/clock.ts'
import {
  type Actor,
  type Factor,
  isBreakGlass,
  isOfInstallation,
  type Permission,
  permissions,
} from '../../permissions.ts'
import { acrossSchemes, type Tx } from '../../platform/db.ts'
import { announceEvent } from '../../platform/http/live.ts'
import type { Auth, SignInStep } from '../auth.ts'
import type { SessionView } from '../contract.ts'
import { hashPassword, isCurrentHash } from '../passwords/password-hash.ts'
import { passwordProblems } from '../passwords/passwords.ts'
import { checkWithinBudget, countSecretAttempt, type SignInCaller } from '../sign-in/attempts.ts'
import { splitByNeed } from '../sign-in/sign-in-needs.ts'
import {
  findAccountState,
  findPasswordHash,
  findUserByMail,
  type GrantRow,
  listGrants,
  replacePasswordHash,
} from '../store.ts'
import { idleMinutesOf } from './idle-limits.ts'

/**
 * Milliseconds for which the user of a session and their roles are cached. A session revoked by another process, or a role
 * removed, ends within this time; a session ended in this process ends at once.
 */
const KNOWN_MS = 3000
const MAX_KNOWN = 5000
/** Time between two updates of the last use of a session. */
const SEEN_MS = 60_000

/** Resolves callers from the session in their cookie. */
export interface Sessions {
  actorOf(headers: Headers): Promise<Extract<Actor, { kind: 'user' }> | undefined>
  /** Drops the cache entry of this cookie because its session just ended. */
  forget(headers: Headers): void
  /** Drops all cache entries, because sessions just ended whose cookies are unknown here. */
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
    const now = deps.now()
    if (now.getTime() - owner.seenAt.getTime() >= SEEN_MS)
      await deps.db.updateTable('session').set({ updatedAt: now }).where('id', '=', owner.sessionId).execute()
    return {
      kind: 'user' as const,
      userId: owner.userId,
      name: owner.name,
      ...(state.passwordDue ? { passwordDue: true } : {}),
      session: {
        id: owner.sessionId,
        factorAt: owner.factorAt,
        factor: owner.factor,
        activeAt: owner.activeAt,
        lockedAt: owner.lockedAt,
        provider: owner.provider,
      },
      ...splitByNeed(grants, owner),
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
      // A failed lookup is not cached; the next request tries again.
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
  return /(?:^|;\s*)((?:__Host-)?tocsin\.session_token=[^;]+)/.exec(headers.get('cookie') ?? '')?.[1]
}

/** Returns the signed-in user and their permissions in each scheme. */
export async function getSessionView(deps: Pick<Deps, 'db' | 'config'>, actor: Actor): Promise<SessionView> {
  if (actor.kind !== 'user') throw new AppError('not_signed_in')
  const grants = await listGrants(deps.db, actor.userId)
  return {
    user: { id: actor.userId, name: actor.name },
    passwordDue: actor.passwordDue === true,
    idleMinutes: isBreakGlass(actor) ? null : idleMinutesOf(deps, grants),
    schemes: grants.map((grant) => ({
      id: grant.schemeId,
      name: grant.schemeName,
      timeZone: grant.timeZone ?? METROPOLITAN_ZONE,
      role: grant.role,
      agency:
        grant.agencyName !== null && grant.agencyKind !== null
          ? { name: grant.agencyName, kind: grant.agencyKind }
          : null,
      trades: grant.trades === null ? null : [...grant.trades],
      ...viewOfNeed(actor, grant),
    })),
  }
}

/** Returns what a role may do in a session: nothing as long as its scheme requires another sign-in. */
function viewOfNeed(
  { withheld = [] }: Extract<Actor, { kind: 'user' }>,
  { schemeId, role }: GrantRow,
): Pick<SessionView['schemes'][number], 'needs' | 'permissions'> {
  const held = withheld.find((one) => one.schemeId === schemeId && one.role === role)
  if (held !== undefined)
    return { needs: held.need === 'provider' ? 'provider' : 'second_factor', permissions: [] }
  const granted = (Object.keys(permissions) as Permission[]).filter(
    (permission) =>
      role in permissions[permission] && (schemeId !== NO_SCHEME || isOfInstallation(permission)),
  )
  return { needs: null, permissions: granted }
}

/**
 * Signs in with mail and password. A success is recorded in the audit log; failures are counted in the database.
 * @param newDevice identifier given to the browser if it has none yet
 * @returns a session, or for an account with codes the attempt that `completeSignIn` completes
 * @throws AppError `wrong_credentials`, `rate_limited`
 */
export async function signIn(
  deps: Pick<Deps, 'db' | 'now' | 'secret' | 'jobs'>,
  auth: Auth,
  input: { password: string; caller: SignInCaller; newDevice: string },
  headers: Headers,
): Promise<SignInStep> {
  const { password, caller, newDevice } = input
  const { cookies, isComplete, userId } = await checkWithinBudget(deps, caller, newDevice, async () => {
    const step = await auth.signIn({ mail: caller.mail, password }, headers)
    const user = await findUserByMail(deps.db, caller.mail)
    if (user === undefined) throw new AppError('wrong_credentials')
    return { ...step, userId: user.id }
  })
  await renewPasswordHash(deps, userId, password)
  if (isComplete) await recordIdentity(deps, userId, 'session.open', { factor: 'password' })
  return { cookies, isComplete }
}

/** Stores a password that was right as today's function hashes it, where an earlier release stored another hash. */
async function renewPasswordHash({ db }: Pick<Deps, 'db'>, userId: string, password: string): Promise<void> {
  const stored = await findPasswordHash(db, userId)
  if (stored === undefined || isCurrentHash(stored)) return
  await replacePasswordHash(db, userId, { from: stored, to: await hashPassword(password) })
}

/**
 * Changes the password of the signed-in account, ends its other sessions on every node and lifts the restrictions of a first
 * password.
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
  const tried = await countSecretAttempt(deps, 'change-password', userId)
  const cookies = await auth.changePassword({ current: currentPassword, next: newPassword }, headers)
  await tried.undo()
  await acrossSchemes(deps.db, async (tx) => {
    await tx.updateTable('user').set({ passwordDue: false }).where('id', '=', userId).execute()
    await recordIdentityIn(tx, deps, userId, 'password.change')
    await announceEvent(tx, deps, { type: 'account', schemeId: NO_SCHEME, userId })
  })
  deps.live.publish({ type: 'account', schemeId: NO_SCHEME, userId })
  return cookies
}

/** The factor with which a session was opened or unlocked. */
type IdentityDetails = { readonly factor?: Factor }

/** Records an event of the user's own account in the audit log. */
export function recordIdentity(
  deps: Pick<Deps, 'db' | 'now'>,
  userId: string,
  action: AuditAction,
  details?: IdentityDetails,
): Promise<void> {
  return acrossSchemes(deps.db, (tx) => recordIdentityIn(tx, deps, userId, action, details))
}

/** Records an event of the user's own account within a transaction of the owner. */
export function recordIdentityIn(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  userId: string,
  action: AuditAction,
  details: IdentityDetails = {},
): Promise<void> {
  const of = `user:${userId}`
  return recordAudit(tx, NO_SCHEME, deps.now(), { actor: of, action, subject: of, details })
}
