import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/server'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import type { Actor, Factor } from '../../permissions.ts'
import type { Endpoint } from '../../platform/http/endpoints.ts'
import type { Auth } from '../auth.ts'
import { checkAccountPasskey, type SignedIn, startAccountPasskeyProof } from '../passkeys/passkeys.ts'
import type { Site } from '../passkeys/webauthn.ts'
import { verifyPassword } from '../passwords/password-hash.ts'
import { findPasswordHash } from '../store.ts'
import { countSecretAttempt, reportingWrong } from './attempts.ts'
import { verifyCodeOf } from './factors.ts'

// Step-up: what binds others, governs the scheme or takes data away asks its user to prove once more who they are, unless they
// did so in the last minutes. An unlocked screen that its user left is then worth little.

/** Minutes for which a factor counts: at sign-in, or given again. */
export const FRESH_MINUTES = 5

/**
 * Returns whether the user of a session gave a factor recently enough for an endpoint. Those that ask for one are declared with
 * `needsFactor`.
 */
export function hasFreshFactor(
  actor: Actor,
  endpoint: Pick<Endpoint, 'id' | 'needsFactor'>,
  now: Date,
): boolean {
  if (endpoint.needsFactor !== true || actor.kind !== 'user' || actor.session === undefined) return true
  // The account can do nothing else before, and proves itself by the password that it replaces.
  if (endpoint.id === 'changePassword' && actor.passwordDue === true) return true
  // The demo has no factors to give, nor has the break-glass account, which two persons opened for an hour at most.
  if (actor.session.factor === 'demo' || actor.session.factor === 'break_glass') return true
  return now.getTime() - actor.session.factorAt.getTime() <= FRESH_MINUTES * 60_000
}

/** A factor given again. */
export type GivenFactor =
  | { readonly password: string }
  | { readonly code: string }
  | { readonly passkey: AuthenticationResponseJSON }

/** The request with which a factor is given: the site that passkeys are bound to, the headers for better-auth, the IP address. */
export interface Browser {
  readonly site: Site | undefined
  readonly headers: Headers
  readonly address: string
}

/** Returns the options to give a passkey of the account again. @throws AppError `passkey_refused` */
export function startFactorPasskey(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: SignedIn,
  place: Site | undefined,
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  return startAccountPasskeyProof(deps, actor, place)
}

/**
 * Notes that the user of the session gave a factor again, and renews the token of the session. A password counts only for an
 * account without codes. A wrong one is reported as at sign-in.
 * @returns the cookies of the session
 * @throws AppError `wrong_credentials`, `code_wrong`, `second_factor_unreadable`, `passkey_refused`, `rate_limited`
 */
export async function giveFactor(
  deps: Pick<Deps, 'db' | 'now' | 'secret' | 'jobs'>,
  auth: Auth,
  actor: SignedIn,
  given: GivenFactor,
  browser: Browser,
): Promise<string[]> {
  const factor = await checkFactor(deps, auth, actor, given, browser)
  const at = deps.now()
  const proof = { factorAt: at, activeAt: at, ...(factor !== 'password' && { factor }) }
  return auth.renewSession(proof, browser.headers)
}

/** Checks a factor of the user of a session. @throws as `giveFactor` */
export async function checkFactor(
  deps: Pick<Deps, 'db' | 'now' | 'secret' | 'jobs'>,
  auth: Auth,
  actor: SignedIn,
  given: GivenFactor,
  browser: Browser,
): Promise<Factor> {
  const { address } = browser
  const { userId } = actor
  if ('passkey' in given) {
    await checkAccountPasskey(deps, browser.site, actor, given.passkey)
    return 'passkey'
  }
  if ('code' in given) {
    const of = { userId, step: 'session' } as const
    const check = () => verifyCodeOf(deps, auth, of, { code: given.code }, browser.headers)
    await reportingWrong(deps, { userId, address, device: undefined, factor: 'code' }, check)
    return 'code'
  }
  if ((await auth.secondFactor.countRecoveryCodes(userId)) !== undefined)
    throw new AppError('second_factor_due')
  await checkPassword(deps, userId, given.password, address)
  return 'password'
}

/** Checks the password of an account within its budget. @throws AppError `wrong_credentials`, `rate_limited` */
export async function checkPassword(
  deps: Pick<Deps, 'db' | 'now' | 'secret' | 'jobs'>,
  userId: string,
  password: string,
  address: string,
): Promise<void> {
  const tried = await countSecretAttempt(deps, 'change-password', userId)
  const hash = await findPasswordHash(deps.db, userId)
  await reportingWrong(deps, { userId, address, device: undefined, factor: 'password' }, async () => {
    if (hash === undefined || !(await verifyPassword({ hash, password }))) {
      throw new AppError('wrong_credentials')
    }
  })
  await tried.undo()
}
