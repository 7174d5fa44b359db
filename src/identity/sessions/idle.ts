import type { AuthenticationResponseJSON } from '@simplewebauthn/server'
import { NO_SCHEME } from '../../audit/chain.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import type { Factor } from '../../permissions.ts'
import type { Auth } from '../auth.ts'
import type { LockView } from '../contract.ts'
import type { SignedIn } from '../passkeys/passkeys.ts'
import { getAccountSecurity } from '../sign-in/factors.ts'
import { type Browser, checkFactor, checkPassword } from '../sign-in/step-up.ts'
import { idleMinutesOf, isLocked } from './idle-limits.ts'
import { recordIdentity } from './session.ts'

// The idle limit: a session is locked when its user was not active for some time, or locked it. It is not ended: its screens keep
// what is typed, and its user comes back by proving who they are. Limits by role are in the configuration; NIST SP 800-63B asks
// for 30 minutes at most at its second level.

/** Notes that the user of an unlocked session was active on a screen. */
export async function reportActivity({ db, now }: Pick<Deps, 'db' | 'now'>, actor: SignedIn): Promise<void> {
  await db
    .updateTable('session')
    .set({ activeAt: now() })
    .where('id', '=', actor.session.id)
    .where('lockedAt', 'is', null)
    .execute()
}

/** Locks the session until its user proves who they are; its streams end in every process. */
export async function lockSession(
  { db, now, live }: Pick<Deps, 'db' | 'now' | 'live'>,
  { userId, session }: SignedIn,
): Promise<void> {
  await db.updateTable('session').set({ lockedAt: now() }).where('id', '=', session.id).execute()
  live.publish({ type: 'account', schemeId: NO_SCHEME, userId, sessionId: session.id })
}

/** Returns whether the session is locked, and how its user unlocks it. */
export async function getLock(
  deps: Pick<Deps, 'db' | 'now' | 'config' | 'identityProvider'>,
  auth: Auth,
  actor: SignedIn,
): Promise<LockView> {
  const { hasPassword, passkeys, codes, provider } = await getAccountSecurity(deps, auth, actor)
  return {
    locked: isLocked(deps, actor, deps.now()),
    user: { id: actor.userId, name: actor.name },
    idleMinutes: idleMinutesOf(deps, actor.grants),
    passkey: passkeys.length > 0,
    password: hasPassword,
    code: codes !== null,
    provider,
    demo: actor.session.factor === 'demo',
  }
}

/**
 * The proof that unlocks a session: a passkey, or the password, with a code if the account has codes. A session of the demo needs
 * none.
 */
export type UnlockProof =
  | { readonly password: string; readonly code?: string | undefined }
  | { readonly passkey: AuthenticationResponseJSON }
  | { readonly demo: true }

/**
 * Unlocks the session for its user, who has proved who they are; it gets a new token.
 * @returns the cookies of the session
 * @throws AppError `wrong_credentials`, `code_wrong`, `second_factor_due` without the code, `passkey_refused`, `rate_limited`
 */
export async function unlockSession(
  deps: Pick<Deps, 'db' | 'now' | 'secret' | 'jobs'>,
  auth: Auth,
  actor: SignedIn,
  proof: UnlockProof,
  browser: Browser,
): Promise<string[]> {
  const factor = await checkUnlock(deps, auth, actor, proof, browser)
  const at = deps.now()
  const cookies = await auth.renewSession(
    { factorAt: at, activeAt: at, lockedAt: null, ...(factor !== 'password' && { factor }) },
    browser.headers,
  )
  await recordIdentity(deps, actor.userId, 'session.unlock', { factor })
  return cookies
}

async function checkUnlock(
  deps: Pick<Deps, 'db' | 'now' | 'secret' | 'jobs'>,
  auth: Auth,
  actor: SignedIn,
  proof: UnlockProof,
  browser: Browser,
): Promise<Factor> {
  if ('demo' in proof) {
    if (actor.session.factor !== 'demo') throw new AppError('wrong_credentials')
    return 'demo'
  }
  if ('passkey' in proof) return checkFactor(deps, auth, actor, proof, browser)
  const hasCodes = (await auth.secondFactor.countRecoveryCodes(actor.userId)) !== undefined
  if (hasCodes && proof.code === undefined) throw new AppError('second_factor_due')
  await checkPassword(deps, actor.userId, proof.password, browser.address)
  return hasCodes ? checkFactor(deps, auth, actor, { code: proof.code ?? '' }, browser) : 'password'
}
