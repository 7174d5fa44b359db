import { betterAuth } from 'better-auth'
import { APIError, createAuthEndpoint, getSessionFromCtx } from 'better-auth/api'
import { setSessionCookie } from 'better-auth/cookies'
import { generateRandomString } from 'better-auth/crypto'
import { twoFactor } from 'better-auth/plugins/two-factor'
import { z } from 'zod'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import type { Factor } from '../permissions.ts'
import type { Db } from '../platform/db.ts'
import { HOST_PREFIX, isHttps } from '../platform/http/cookies.ts'
import type { Secrets } from '../platform/process/secrets.ts'
import { MAX_PASSWORD, MIN_PASSWORD } from './contract.ts'
import { randomLetters } from './letters.ts'
import { hashPassword, verifyPassword } from './passwords/password-hash.ts'
import { renewCodesOf, signCookiesAnew } from './replaced-secret.ts'
import { findAccountState } from './store.ts'

/** Length of a shift. A session ends after it, even if it is in use; NIST SP 800-63B allows no longer one at its second level. */
export const SESSION_HOURS = 12

const COOKIE_PREFIX = 'tocsin'
/** Name of the cookie of a session, without the prefix that it has over https. */
export const SESSION_COOKIE = `${COOKIE_PREFIX}.session_token`

/** Header that passes the caller's address to better-auth. The server sets it; it is never copied from the request. */
export const ADDRESS_HEADER = 'x-tocsin-address'

/** The user to whom a session belongs. */
export interface SessionOwner {
  readonly userId: string
  readonly name: string
}

export interface CurrentSession extends SessionOwner {
  readonly sessionId: string
  /** When its user last gave a factor: at sign-in, or later. */
  readonly factorAt: Date
  readonly factor: Factor
  /** When its user was last active on a screen, to the minute. */
  readonly activeAt: Date
  /** When its user locked it. */
  readonly lockedAt: Date | null
  /** When it was last seen in use, to the minute. */
  readonly seenAt: Date
  /** Whether its user proved who they are at the identity provider. */
  readonly provider: boolean
}

/**
 * Accounts and sessions, stored by better-auth in the same database. Every call takes the request's headers (cookie, user
 * agent, caller's address) and returns the Set-Cookie lines of the response. Never call it inside a transaction: the embedded
 * database has one connection.
 */
export interface Auth {
  /**
   * @throws AppError `wrong_credentials`, the same for an unknown mail and a wrong password; `account_disabled` for the right
   * password of a disabled account
   */
  signIn(input: { mail: string; password: string }, headers: Headers): Promise<SignInStep>
  /**
   * Opens a session for a user who proved themself otherwise: with a passkey, at the identity provider, by the codes of two envelopes, or
   * by a sign-in button of the demo.
   * @param given when the factor was given, by default now; whether the identity provider proved it; when the session ends, if not after
   * the length of a shift
   */
  openSession(
    userId: string,
    headers: Headers,
    factor: Exclude<Factor, 'code'>,
    given?: { readonly factorAt: Date; readonly provider: boolean; readonly expiresAt?: Date },
  ): Promise<string[]>
  /** Begins the wait for a code of a user whom the identity provider proved, as a right password does. */
  awaitCode(userId: string, headers: Headers): Promise<string[]>
  currentSession(headers: Headers): Promise<CurrentSession | undefined>
  /**
   * Gives the session of the request a new token, because its user proved once more who they are; the former one is refused from
   * then on. The session keeps its id and its end.
   * @throws AppError `not_signed_in`
   */
  renewSession(
    proof: { factorAt: Date; factor?: Factor; activeAt: Date; lockedAt?: null; provider?: true },
    headers: Headers,
  ): Promise<string[]>
  signOut(headers: Headers): Promise<string[]>
  /**
   * Changes the password and ends every other session of the account.
   * @throws AppError `wrong_credentials`
   */
  changePassword(input: { current: string; next: string }, headers: Headers): Promise<string[]>
  readonly secondFactor: SecondFactor
}

/** The outcome of a right password: a session, or for an account with codes the attempt that a code completes. */
export interface SignInStep {
  readonly cookies: string[]
  readonly isComplete: boolean
}

/** A code of the application, or a recovery code. */
export type TypedCode = { readonly code: string } | { readonly recoveryCode: string }

/** Codes of an application (TOTP) and recovery codes. The password is asked for each change of them. */
export interface SecondFactor {
  /**
   * Prepares codes, which are asked for once `verify` has accepted a first one.
   * @returns the address that an application reads from a QR code, and ten recovery codes, which are shown nowhere else
   * @throws AppError `wrong_credentials`
   */
  prepare(password: string, headers: Headers): Promise<{ uri: string; recoveryCodes: string[] }>
  /**
   * Checks a code of an account: of the one signed in, or of the one whose sign-in waits in this browser, which it completes.
   * @throws AppError `code_wrong`; `second_factor_lost` when the sign-in must begin again; `second_factor_unreadable` when the
   * codes were stored under another TOCSIN_SECRET
   */
  verify(
    typed: TypedCode,
    of: { readonly userId: string; readonly step: 'session' | 'sign-in' },
    headers: Headers,
  ): Promise<{ cookies: string[] }>
  /** Replaces the recovery codes. @throws AppError `wrong_credentials` */
  renewRecoveryCodes(password: string, headers: Headers): Promise<string[]>
  /** Removes the codes of the application and those of recovery. @throws AppError `wrong_credentials` */
  remove(password: string, headers: Headers): Promise<string[]>
  /** Returns the account whose sign-in waits for a code in this browser, by the signed cookie of its password. */
  pendingUser(headers: Headers): Promise<string | undefined>
  /** Counts the recovery codes left, `unreadable` under another TOCSIN_SECRET; undefined for an account without codes. */
  countRecoveryCodes(userId: string): Promise<number | 'unreadable' | undefined>
}

/**
 * @param settings `secret` signs the cookies (32 characters or more), and those of the previous one are accepted; `baseUrl` is
 * the address that browsers use: with https, cookies are sent over https only; `sessionHours` is the length of a session, used or
 * not
 */
export function createAuth(deps: Pick<Deps, 'db' | 'now' | 'newId' | 'log'>, settings: AuthSettings): Auth {
  const auth = createLibrary(deps, settings)
  const accepted = (headers: Headers) => signCookiesAnew(settings.secret, headers)

  return {
    async signIn({ mail, password }, headers) {
      const { headers: answer, response } = await withAppErrors(() =>
        auth.api.signInEmail({
          body: { email: mail, password },
          headers: accepted(headers),
          returnHeaders: true,
        }),
      )
      return { cookies: answer.getSetCookie(), isComplete: !('twoFactorRedirect' in response) }
    },
    async openSession(userId, headers, factor, given) {
      const { headers: answer } = await withAppErrors(() =>
        auth.api.openSession({
          body: { userId, factor, ...given },
          headers: accepted(headers),
          returnHeaders: true,
        }),
      )
      return answer.getSetCookie()
    },
    async awaitCode(userId, headers) {
      const { headers: answer } = await auth.api.awaitCode({
        body: { userId },
        headers: accepted(headers),
        returnHeaders: true,
      })
      return answer.getSetCookie()
    },
    async currentSession(headers) {
      const found = await auth.api.getSession({ headers: accepted(headers) })
      if (!found) return undefined
      const { user, session } = found
      return {
        userId: user.id,
        name: user.name,
        sessionId: session.id,
        factorAt: session.factorAt ?? session.createdAt,
        factor: (session.factor ?? 'password') as Factor,
        activeAt: session.activeAt ?? session.createdAt,
        lockedAt: session.lockedAt ?? null,
        seenAt: session.updatedAt,
        provider: session.provider === true,
      }
    },
    async renewSession(proof, given) {
      const headers = await withCookie(auth, accepted(given), 'session')
      const { headers: answer, response } = await auth.api.renewSession({
        body: proof,
        headers,
        returnHeaders: true,
      })
      if (!response.isRenewed) throw new AppError('not_signed_in')
      return answer.getSetCookie()
    },
    async signOut(headers) {
      const { headers: answer } = await auth.api.signOut({ headers: accepted(headers), returnHeaders: true })
      return answer.getSetCookie()
    },
    async changePassword({ current, next }, headers) {
      const { headers: answer } = await withAppErrors(() =>
        auth.api.changePassword({
          body: { currentPassword: current, newPassword: next, revokeOtherSessions: true },
          headers: accepted(headers),
          returnHeaders: true,
        }),
      )
      return answer.getSetCookie()
    },
    secondFactor: createSecondFactor(deps, auth, settings.secret),
  }
}

interface AuthSettings {
  readonly secret: Secrets
  readonly baseUrl: string
  readonly sessionHours?: number
}

type AuthLibrary = ReturnType<typeof createLibrary>

/** Configures better-auth: passwords, sessions, cookies and codes. */
function createLibrary(deps: Pick<Deps, 'db' | 'now' | 'newId'>, settings: AuthSettings) {
  const https = isHttps(settings.baseUrl)
  return betterAuth({
    appName: 'Tocsin',
    basePath: '/api/auth',
    baseURL: settings.baseUrl,
    secret: settings.secret.current,
    database: { db: deps.db as unknown as DbForBetterAuth, type: 'postgres' },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: MIN_PASSWORD,
      maxPasswordLength: MAX_PASSWORD,
      password: { hash: hashPassword, verify: verifyPassword },
    },
    session: {
      expiresIn: (settings.sessionHours ?? SESSION_HOURS) * 3600,
      disableSessionRefresh: true,
      additionalFields: {
        factorAt: { type: 'date', required: false, input: false },
        factor: { type: 'string', required: false, input: false },
        activeAt: { type: 'date', required: false, input: false },
        lockedAt: { type: 'date', required: false, input: false },
        provider: { type: 'boolean', required: false, input: false },
      },
    },
    databaseHooks: {
      session: {
        create: {
          before: async (session) => {
            const { userId } = session
            const state = await findAccountState(deps.db, userId)
            if (state !== undefined && state.disabledAt !== null) throw new APIError('FORBIDDEN')
            const at = deps.now()
            const { factorAt = at, provider = false } = session as { factorAt?: Date; provider?: boolean }
            return { data: { ...session, factorAt, provider, activeAt: at, lockedAt: null } }
          },
        },
      },
    },
    advanced: {
      // The library's own prefix for https, __Secure-, lets another host of the domain set the cookie.
      cookiePrefix: `${https ? HOST_PREFIX : ''}${COOKIE_PREFIX}`,
      useSecureCookies: false,
      // A link from a mail or an SMS opens a page that needs no cookie; its requests come from this site.
      defaultCookieAttributes: { sameSite: 'strict', secure: https },
      database: { generateId: deps.newId },
      ipAddress: { ipAddressHeaders: [ADDRESS_HEADER] },
    },
    // start/http/http.ts limits the rate of all endpoints.
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    // Its messages may contain mail addresses; failures that matter are returned or thrown.
    logger: { disabled: true },
    plugins: [
      {
        id: 'tocsin',
        endpoints: {
          openSession: openSessionEndpoint,
          renewSession: renewSessionEndpoint,
          findPending: findPendingEndpoint,
          awaitCode: awaitCodeEndpoint,
        },
      },
      // Wrong codes are counted with wrong passwords (attempts.ts).
      twoFactor({
        issuer: 'Tocsin',
        accountLockout: { enabled: false },
        backupCodeOptions: { customBackupCodesGenerate: makeRecoveryCodes },
      }),
    ],
  })
}

/** The codes of an application and the recovery codes, as the library checks them. */
function createSecondFactor(deps: Pick<Deps, 'db'>, auth: AuthLibrary, secret: Secrets): SecondFactor {
  const accepted = (headers: Headers) => signCookiesAnew(secret, headers)
  /** Returns whether this process can read the secret of an account's codes. */
  const canReadSecret = (userId: string) => renewCodesOf(deps, secret, userId)
  return {
    async prepare(password, headers) {
      const made = await withAppErrors(() =>
        auth.api.enableTwoFactor({ body: { password, method: 'totp' }, headers: accepted(headers) }),
      )
      if (made.method !== 'totp') throw new AppError('internal')
      return { uri: made.totpURI, recoveryCodes: made.backupCodes }
    },
    async verify(typed, { userId, step }, given) {
      if (!(await canReadSecret(userId))) throw new AppError('second_factor_unreadable')
      const headers = await withCookie(auth, accepted(given), step)
      const { headers: answer, response } = await withAppErrors(() =>
        'code' in typed
          ? auth.api.verifyTOTP({ body: { code: typed.code }, headers, returnHeaders: true })
          : auth.api.verifyBackupCode({ body: { code: typed.recoveryCode }, headers, returnHeaders: true }),
      )
      if (response.user.id !== userId) throw new AppError('second_factor_lost')
      return { cookies: answer.getSetCookie() }
    },
    async renewRecoveryCodes(password, headers) {
      const made = await withAppErrors(() =>
        auth.api.generateBackupCodes({ body: { password }, headers: accepted(headers) }),
      )
      return made.backupCodes
    },
    async remove(password, headers) {
      const { headers: answer } = await withAppErrors(() =>
        auth.api.disableTwoFactor({ body: { password }, headers: accepted(headers), returnHeaders: true }),
      )
      return answer.getSetCookie()
    },
    async pendingUser(headers) {
      const { userId } = await auth.api.findPending({
        headers: await withCookie(auth, accepted(headers), 'sign-in'),
      })
      return userId ?? undefined
    },
    async countRecoveryCodes(userId) {
      const row = await deps.db
        .selectFrom('twoFactor')
        .select('verified')
        .where('userId', '=', userId)
        .executeTakeFirst()
      if (!row?.verified) return undefined
      if (!(await canReadSecret(userId))) return 'unreadable'
      return (await auth.api.viewBackupCodes({ body: { userId } })).backupCodes.length
    },
  }
}

/**
 * Leaves one cookie of a request, by its exact name: a second one beside it, of another account, must not decide whose code
 * is checked.
 * @param headers those whose cookies are signed by the current secret
 */
async function withCookie(
  auth: AuthLibrary,
  headers: Headers,
  step: 'session' | 'sign-in',
): Promise<Headers> {
  const context = await auth.$context
  const { name } =
    step === 'session' ? context.authCookies.sessionToken : context.createAuthCookie(PENDING_COOKIE)
  const kept = new Headers(headers)
  const pairs = (kept.get('cookie') ?? '').split(/;\s*/)
  kept.set('cookie', pairs.find((pair) => pair.startsWith(`${name}=`)) ?? '')
  return kept
}

/** Name that the plugin gives the cookie of a sign-in that waits for a code, without the prefix. */
const PENDING_COOKIE = 'two_factor'

const RECOVERY_CODES = 10

/** Makes recovery codes of 12 letters and digits each, which is 59 bits. */
function makeRecoveryCodes(): string[] {
  return Array.from({ length: RECOVERY_CODES }, () => randomLetters(3, 4))
}

type DbForBetterAuth = Extract<
  NonNullable<Parameters<typeof betterAuth>[0]['database']>,
  { db: unknown }
>['db'] &
  Db

/** An endpoint without a path: the program can call it, HTTP clients cannot. */
const openSessionEndpoint = createAuthEndpoint(
  {
    method: 'POST',
    body: z.object({
      userId: z.string(),
      factor: z.enum(['password', 'passkey', 'demo', 'provider', 'provider_mfa', 'break_glass']),
      factorAt: z.date().optional(),
      expiresAt: z.date().optional(),
      provider: z.boolean().optional(),
    }),
  },
  async (ctx) => {
    const { userId, expiresAt, ...given } = ctx.body
    const user = await ctx.context.internalAdapter.findUserById(userId)
    if (!user) throw new APIError('NOT_FOUND')
    if (expiresAt === undefined) {
      const session = await ctx.context.internalAdapter.createSession(user.id, false, given)
      await setSessionCookie(ctx, { session, user })
      return { sessionId: session.id }
    }
    // An end of its own is kept only when everything given overrides what the library would set.
    const ending = { ...given, expiresAt }
    const session = await ctx.context.internalAdapter.createSession(user.id, false, ending, true)
    const maxAge = Math.max(0, Math.floor((expiresAt.getTime() - Date.now()) / 1000))
    await setSessionCookie(ctx, { session, user }, false, { maxAge })
    return { sessionId: session.id }
  },
)

/** Replaces the token of the request's session; without a path, as the one above. */
const renewSessionEndpoint = createAuthEndpoint(
  {
    method: 'POST',
    body: z.object({
      factorAt: z.date(),
      factor: z.string().optional(),
      activeAt: z.date(),
      lockedAt: z.null().optional(),
      provider: z.literal(true).optional(),
    }),
  },
  async (ctx) => {
    const found = await getSessionFromCtx(ctx)
    if (!found) return { isRenewed: false }
    const token = generateRandomString(32)
    const session = await ctx.context.internalAdapter.updateSession(found.session.token, {
      ...ctx.body,
      token,
    })
    // It was renewed or ended by another request meanwhile.
    if (!session) return { isRenewed: false }
    const maxAge = Math.max(0, Math.floor((session.expiresAt.getTime() - Date.now()) / 1000))
    await setSessionCookie(ctx, { session, user: found.user }, false, { maxAge })
    return { isRenewed: true }
  },
)

/** Seconds for which a sign-in waits for a code, as the plugin waits after a password. */
const PENDING_SECONDS = 600

/** Begins the wait for a code as the plugin does after a password; without a path, as the one above. */
const awaitCodeEndpoint = createAuthEndpoint(
  { method: 'POST', body: z.object({ userId: z.string() }) },
  async (ctx) => {
    const { internalAdapter, secret } = ctx.context
    const cookie = ctx.context.createAuthCookie(PENDING_COOKIE, { maxAge: PENDING_SECONDS })
    const identifier = `2fa-${generateRandomString(20)}`
    const expiresAt = new Date(Date.now() + PENDING_SECONDS * 1000)
    await internalAdapter.createVerificationValue({ value: ctx.body.userId, identifier, expiresAt })
    const attempts = `2fa-attempts-${identifier}`
    await internalAdapter.createVerificationValue({ value: '0', identifier: attempts, expiresAt })
    await ctx.setSignedCookie(cookie.name, identifier, secret, cookie.attributes)
    return { isWaiting: true }
  },
)

/** Finds the account whose sign-in waits for a code in this browser; without a path, as the one above. */
const findPendingEndpoint = createAuthEndpoint({ method: 'POST' }, async (ctx) => {
  const { name } = ctx.context.createAuthCookie(PENDING_COOKIE)
  const pending = await ctx.getSignedCookie(name, ctx.context.secret)
  if (!pending) return { userId: null }
  const found = await ctx.context.internalAdapter.findVerificationValue(pending)
  return { userId: found?.value ?? null }
})

/** The refusals of a code. */
const CODE_ERRORS: Readonly<Record<string, 'code_wrong' | 'second_factor_lost'>> = {
  INVALID_CODE: 'code_wrong',
  INVALID_BACKUP_CODE: 'code_wrong',
  TOTP_NOT_ENABLED: 'code_wrong',
  BACKUP_CODES_NOT_ENABLED: 'code_wrong',
  INVALID_TWO_FACTOR_COOKIE: 'second_factor_lost',
  TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE: 'second_factor_lost',
}

async function withAppErrors<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    const reason = error instanceof APIError ? CODE_ERRORS[error.body?.code ?? ''] : undefined
    if (reason !== undefined) {
      throw new AppError(
        reason,
        reason === 'code_wrong' ? { problems: [{ code: reason, path: 'code' }] } : {},
      )
    }
    // better-auth answers 401 to a failed sign-in and 400 to a change of password with a wrong current password.
    if (error instanceof APIError && (error.statusCode === 401 || error.statusCode === 400)) {
      throw new AppError('wrong_credentials')
    }
    if (error instanceof APIError && error.statusCode === 403) throw new AppError('account_disabled')
    throw error
  }
}
