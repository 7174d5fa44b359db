import { sql } from 'kysely'
import QRCode from 'qrcode'
import type { AuditAction } from '../../audit/list.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { acrossSchemes, type Tx } from '../../platform/db.ts'
import type { Auth, TypedCode } from '../auth.ts'
import type { AccountSecurity, CodeSetup } from '../contract.ts'
import { listAccountPasskeys, type SignedIn } from '../passkeys/passkeys.ts'
import { recordIdentity, recordIdentityIn } from '../sessions/session.ts'
import { findAccountState, findPasswordHash } from '../store.ts'
import { countSecretAttempt, type FactorCaller, rememberSignIn, reportingWrong } from './attempts.ts'
import { countFailure } from './failures.ts'
import { requireOwnSecondFactor } from './sign-in-needs.ts'

// The second factor beside the password: codes of an application (TOTP, RFC 6238), and recovery codes for a lost phone.

/** Seconds for which an accepted code is remembered: three periods, so that it opens nothing a second time. */
const CODE_SECONDS = 90

type Needs = Pick<Deps, 'db' | 'now' | 'secret'>

/** Returns the factors of the signed-in account. */
export async function getAccountSecurity(
  deps: Pick<Deps, 'db' | 'identityProvider'>,
  auth: Auth,
  { userId }: SignedIn,
): Promise<AccountSecurity> {
  const [account, hash, passkeys, recoveryCodesLeft, provider] = await Promise.all([
    findAccountState(deps.db, userId),
    findPasswordHash(deps.db, userId),
    listAccountPasskeys(deps.db, userId),
    auth.secondFactor.countRecoveryCodes(userId),
    isLinked(deps, userId),
  ])
  if (account === undefined) throw new AppError('not_signed_in')
  const isReadable = recoveryCodesLeft !== 'unreadable'
  const left = isReadable ? recoveryCodesLeft : 0
  const codes = left === undefined ? null : { recoveryCodesLeft: left, isReadable }
  return { mail: account.email, hasPassword: hash !== undefined, passkeys, codes, provider }
}

/** Returns whether an account is linked to an identity at the identity provider of the installation. */
async function isLinked({ db, identityProvider }: Pick<Deps, 'db' | 'identityProvider'>, userId: string) {
  if (identityProvider === undefined) return false
  const { issuer } = identityProvider
  const link = await db
    .selectFrom('providerLinks')
    .select('subject')
    .where('userId', '=', userId)
    .where('issuer', '=', issuer)
    .executeTakeFirst()
  return link !== undefined
}

/**
 * Prepares codes of an application for the account. They are asked for once `confirmCodes` has accepted a first one.
 * @throws AppError `wrong_credentials`, `rate_limited`, `second_factor_required`
 */
export async function prepareCodes(
  deps: Needs,
  auth: Auth,
  actor: SignedIn,
  password: string,
  headers: Headers,
): Promise<CodeSetup> {
  await requireOwnSecondFactor(deps.db, actor)
  const { uri, recoveryCodes } = await withPassword(deps, actor.userId, () =>
    auth.secondFactor.prepare(password, headers),
  )
  const secret = new URL(uri).searchParams.get('secret') ?? ''
  const qr = await QRCode.toString(uri, { type: 'svg', errorCorrectionLevel: 'M', margin: 2 })
  return { secret, qr, recoveryCodes }
}

/** Accepts the first code of the application. @throws AppError `code_wrong`, `rate_limited`, `second_factor_required` */
export async function confirmCodes(
  deps: Needs,
  auth: Auth,
  actor: SignedIn,
  code: string,
  headers: Headers,
): Promise<string[]> {
  await requireOwnSecondFactor(deps.db, actor)
  const { userId } = actor
  const cookies = await verifyCodeOf(deps, auth, { userId, step: 'session' }, { code }, headers)
  await recordIdentity(deps, userId, 'second_factor.add')
  return cookies
}

/**
 * Removes the codes of the application and those of recovery.
 * @throws AppError `wrong_credentials`, `rate_limited`, `second_factor_required`
 */
export async function removeCodes(
  deps: Needs,
  auth: Auth,
  actor: SignedIn,
  password: string,
  headers: Headers,
): Promise<string[]> {
  await requireOwnSecondFactor(deps.db, actor)
  return withPassword(
    deps,
    actor.userId,
    () => auth.secondFactor.remove(password, headers),
    'second_factor.remove',
  )
}

/** Replaces the recovery codes by ten others. @throws AppError `wrong_credentials`, `rate_limited` */
export async function renewRecoveryCodes(
  deps: Needs,
  auth: Auth,
  { userId }: SignedIn,
  password: string,
  headers: Headers,
): Promise<string[]> {
  const renew = () => auth.secondFactor.renewRecoveryCodes(password, headers)
  return withPassword(deps, userId, renew, 'second_factor.renew')
}

/**
 * Completes a sign-in whose password was right, and lets the account be known in its place. A wrong code is reported as a wrong
 * password is.
 * @returns the account, and the cookies of the session
 * @throws AppError `code_wrong`, `rate_limited`; `second_factor_lost` when the sign-in must begin again;
 * `second_factor_unreadable` when the stored codes cannot be read, so that a colleague must let the person back in
 */
export async function completeSignIn(
  deps: Needs & Pick<Deps, 'jobs'>,
  auth: Auth,
  typed: TypedCode,
  { headers, ...place }: Omit<FactorCaller, 'userId'> & { readonly headers: Headers },
): Promise<{ readonly userId: string; readonly cookies: string[] }> {
  const userId = await auth.secondFactor.pendingUser(headers)
  if (userId === undefined) throw new AppError('second_factor_lost')
  const check = () => verifyCodeOf(deps, auth, { userId, step: 'sign-in' }, typed, headers)
  const cookies = await reportingWrong(deps, { ...place, userId, factor: 'code' }, check)
  await rememberSignIn(deps, { ...place, userId })
  await acrossSchemes(deps.db, async (tx) => {
    await recordIdentityIn(tx, deps, userId, 'session.open', { factor: 'code' })
    if ('recoveryCode' in typed) await recordIdentityIn(tx, deps, userId, 'second_factor.recovery')
  })
  return { userId, cookies }
}

/** Checks a code within the budget of the account, and marks the session that it opens. @throws as `completeSignIn` */
export async function verifyCodeOf(
  deps: Needs,
  auth: Auth,
  { userId, step }: { readonly userId: string; readonly step: 'session' | 'sign-in' },
  typed: TypedCode,
  headers: Headers,
): Promise<string[]> {
  const tried = await countSecretAttempt(deps, 'second-factor', userId)
  const plain =
    'code' in typed
      ? { code: typed.code.replace(/\s/g, '') }
      : { recoveryCode: readRecoveryCode(typed.recoveryCode) }
  const used = {
    kind: 'used-code',
    of: `${userId} ${'code' in plain ? plain.code : ''}`,
    seconds: CODE_SECONDS,
  }
  // Counted once it was accepted, and before the answer: of two requests with one code, one is too late.
  const { cookies } = await verifyOrRecord(deps, userId, () =>
    auth.secondFactor.verify(plain, { userId, step }, headers),
  )
  if ('code' in plain) {
    const { failures } = await acrossSchemes(deps.db, (tx) => countFailure(tx, deps, used))
    if (failures > 1) {
      await endOpened(deps, cookies)
      throw new AppError('code_wrong', { problems: [{ code: 'code_wrong', path: 'code' }] })
    }
  }
  await tried.undo()
  const token = sessionTokenOf(cookies)
  if (token !== undefined) {
    await deps.db.updateTable('session').set({ factor: 'code' }).where('token', '=', token).execute()
  }
  return cookies
}

/** Verifies a code. Records in the audit log that the stored codes cannot be read, as after a change of TOCSIN_SECRET. */
async function verifyOrRecord<T>(deps: Needs, userId: string, verify: () => Promise<T>): Promise<T> {
  try {
    return await verify()
  } catch (error) {
    if (error instanceof AppError && error.code === 'second_factor_unreadable')
      await recordIdentity(deps, userId, 'second_factor.unreadable')
    throw error
  }
}

/** Ends the session that a code opened which had been used already. */
async function endOpened(deps: Needs, cookies: readonly string[]): Promise<void> {
  const token = sessionTokenOf(cookies)
  if (token !== undefined) await deps.db.deleteFrom('session').where('token', '=', token).execute()
}

/** Returns the token of the session that some Set-Cookie lines open. */
export function sessionTokenOf(cookies: readonly string[]): string | undefined {
  const value = cookies.map((line) => /tocsin\.session_token=([^;]+)/.exec(line)?.[1]).find(Boolean)
  return value === undefined ? undefined : decodeURIComponent(value).split('.')[0]
}

/** Makes a change that checks the password within the budget of the account, and records it unless it is not in force yet. */
async function withPassword<T>(
  deps: Needs,
  userId: string,
  change: () => Promise<T>,
  recorded?: AuditAction,
): Promise<T> {
  const tried = await countSecretAttempt(deps, 'change-password', userId)
  const result = await change()
  await tried.undo()
  if (recorded !== undefined) await recordIdentity(deps, userId, recorded)
  return result
}

/** Writes a recovery code as it is stored, whatever spaces, dashes and capitals were typed. */
function readRecoveryCode(typed: string): string {
  const letters = typed.toLowerCase().replace(/[^a-z0-9]/g, '')
  return (letters.match(/.{1,4}/g) ?? []).join('-')
}

/**
 * Removes every factor of an account but its password, so that a user who lost phone and keys can sign in again. Runs as the
 * owner, within the act that decides it and records it.
 */
export async function removeFactors(tx: Tx, userId: string): Promise<void> {
  await tx.deleteFrom('accountPasskeys').where('userId', '=', userId).execute()
  await tx.deleteFrom('twoFactor').where('userId', '=', userId).execute()
  await tx.updateTable('user').set({ twoFactorEnabled: false }).where('id', '=', userId).execute()
}

/** Removes all that an account signs in with, and the devices on which it did: they no longer prove who uses it. */
export async function removeSignInMeans(tx: Tx, userId: string): Promise<void> {
  await sql`delete from account where user_id = ${userId} and provider_id = 'credential'`.execute(tx)
  await tx.deleteFrom('signInPlaces').where('userId', '=', userId).execute()
  await tx.deleteFrom('providerLinks').where('userId', '=', userId).execute()
  await removeFactors(tx, userId)
}
