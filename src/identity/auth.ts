import { betterAuth } from 'better-auth'
import { APIError, createAuthEndpoint } from 'better-auth/api'
import { setSessionCookie } from 'better-auth/cookies'
import { z } from 'zod'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import type { Db } from '../platform/db.ts'
import { MAX_PASSWORD, MIN_PASSWORD } from './contract.ts'
import { findAccountState } from './store.ts'

/** Length of a shift. A session ends after it, even if it is in use. */
const SESSION_SECONDS = 12 * 3600

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
  signIn(
    input: { mail: string; password: string },
    headers: Headers,
  ): Promise<SessionOwner & { cookies: string[] }>
  /** Opens a session for a user who proved themself otherwise: with a passkey, or by a sign-in button of the demo. */
  openSession(userId: string, headers: Headers): Promise<string[]>
  currentSession(headers: Headers): Promise<CurrentSession | undefined>
  signOut(headers: Headers): Promise<string[]>
  /**
   * Changes the password and ends every other session of the account.
   * @throws AppError `wrong_credentials`
   */
  changePassword(input: { current: string; next: string }, headers: Headers): Promise<string[]>
}

/**
 * @param settings `secret` signs the cookies (32 characters or more); `baseUrl` is the address that browsers use: with https,
 * cookies are sent over https only
 */
export function createAuth(
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'log'>,
  settings: { secret: string; baseUrl: string },
): Auth {
  const auth = betterAuth({
    appName: 'Tocsin',
    basePath: '/api/auth',
    baseURL: settings.baseUrl,
    secret: settings.secret,
    database: { db: deps.db as unknown as DbForBetterAuth, type: 'postgres' },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: MIN_PASSWORD,
      maxPasswordLength: MAX_PASSWORD,
    },
    session: {
      expiresIn: SESSION_SECONDS,
      disableSessionRefresh: true,
      additionalFields: { factorAt: { type: 'date', required: false, input: false } },
    },
    databaseHooks: {
      session: {
        create: {
          before: async ({ userId }) => {
            const state = await findAccountState(deps.db, userId)
            if (state !== undefined && state.disabledAt !== null) throw new APIError('FORBIDDEN')
            return { data: { factorAt: deps.now() } }
          },
        },
      },
    },
    advanced: {
      cookiePrefix: 'tocsin',
      useSecureCookies: settings.baseUrl.startsWith('https:'),
      database: { generateId: deps.newId },
      ipAddress: { ipAddressHeaders: [ADDRESS_HEADER] },
    },
    // start/http.ts limits the rate of all endpoints.
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    // Its messages may contain mail addresses; failures that matter are returned or thrown.
    logger: { disabled: true },
    plugins: [{ id: 'tocsin', endpoints: { openSession: openSessionEndpoint } }],
  })

  return {
    async signIn({ mail, password }, headers) {
      const { headers: answer, response } = await withAppErrors(() =>
        auth.api.signInEmail({ body: { email: mail, password }, headers, returnHeaders: true }),
      )
      return { userId: response.user.id, name: response.user.name, cookies: answer.getSetCookie() }
    },
    async openSession(userId, headers) {
      const { headers: answer } = await withAppErrors(() =>
        auth.api.openSession({ body: { userId }, headers, returnHeaders: true }),
      )
      return answer.getSetCookie()
    },
    async currentSession(headers) {
      const found = await auth.api.getSession({ headers })
      if (!found) return undefined
      const { user, session } = found
      return {
        userId: user.id,
        name: user.name,
        sessionId: session.id,
        factorAt: session.factorAt ?? session.createdAt,
      }
    },
    async signOut(headers) {
      const { headers: answer } = await auth.api.signOut({ headers, returnHeaders: true })
      return answer.getSetCookie()
    },
    async changePassword({ current, next }, headers) {
      const { headers: answer } = await withAppErrors(() =>
        auth.api.changePassword({
          body: { currentPassword: current, newPassword: next, revokeOtherSessions: true },
          headers,
          returnHeaders: true,
        }),
      )
      return answer.getSetCookie()
    },
  }
}

type DbForBetterAuth = Extract<
  NonNullable<Parameters<typeof betterAuth>[0]['database']>,
  { db: unknown }
>['db'] &
  Db

/** An endpoint without a path: the program can call it, HTTP clients cannot. */
const openSessionEndpoint = createAuthEndpoint(
  { method: 'POST', body: z.object({ userId: z.string() }) },
  async (ctx) => {
    const user = await ctx.context.internalAdapter.findUserById(ctx.body.userId)
    if (!user) throw new APIError('NOT_FOUND')
    const session = await ctx.context.internalAdapter.createSession(user.id)
    await setSessionCookie(ctx, { session, user })
    return { sessionId: session.id }
  },
)

async function withAppErrors<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    // better-auth answers 401 to a failed sign-in and 400 to a change of password with a wrong current password.
    if (error instanceof APIError && (error.statusCode === 401 || error.statusCode === 400)) {
      throw new AppError('wrong_credentials')
    }
    if (error instanceof APIError && error.statusCode === 403) throw new AppError('account_disabled')
    throw error
  }
}
