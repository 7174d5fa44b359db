import { randomBytes } from 'node:crypto'
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { NO_SCHEME } from '../audit/chain.ts'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import type { Lang } from '../i18n/format.ts'
import { cookieLine, HOST_PREFIX, readCookie } from '../platform/http/cookies.ts'
import { type App, addEndpoint, langOfRequest, openEventStream } from '../platform/http/http.ts'
import { truncatedNetworkOf } from '../platform/http/network.ts'
import { ADDRESS_HEADER, type Auth, SESSION_COOKIE } from './auth.ts'
import type { SessionView } from './contract.ts'
import { factorEndpoints, identityEndpoints, providerEndpoints } from './endpoints.ts'
import {
  addAccountPasskey,
  removeAccountPasskey,
  requireSession,
  type SignedIn,
  signInByAccountPasskey,
  startAccountPasskeyCreation,
  startAccountPasskeySignIn,
} from './passkeys/passkeys.ts'
import { passkeySite } from './passkeys/webauthn.ts'
import {
  beginVisit,
  completeProviderSignIn,
  endVisit,
  findSignOutAddress,
  type VisitPurpose,
} from './provider/provider-sign-in.ts'
import { findIdToken } from './provider/provider-store.ts'
import { getLock, lockSession, reportActivity, type UnlockProof, unlockSession } from './sessions/idle.ts'
import { changePassword, getSessionView, recordIdentity, type Sessions, signIn } from './sessions/session.ts'
import {
  completeSignIn,
  confirmCodes,
  getAccountSecurity,
  prepareCodes,
  removeCodes,
  renewRecoveryCodes,
} from './sign-in/factors.ts'
import { type GivenFactor, giveFactor, startFactorPasskey } from './sign-in/step-up.ts'
import { noteAccountLang, storeAccountLang } from './store.ts'

/** Over http it is sent only to the endpoints that check passwords. */
const DEVICE_COOKIE = { name: 'tocsin.device', path: '/api/auth' }
const DEVICE_DAYS = 400
/** Cookie of the browser that visits the identity provider; over http it is sent only where the visit ends. */
const PROVIDER_COOKIE = { name: 'tocsin.provider', path: '/api' }
const PROVIDER_SECONDS = 600
/** The page of this site to which the identity provider sends the browser back. */
const PROVIDER_RETURN = '/connexion/retour'

/** Builds the headers that better-auth needs. The caller's address is the server's, whatever the request claims. */
export function authHeaders(request: FastifyRequest): Headers {
  const headers = new Headers({ [ADDRESS_HEADER]: request.ip })
  const { cookie, 'user-agent': agent } = request.headers
  if (cookie !== undefined) headers.set('cookie', renameFormerCookie(cookie))
  if (agent !== undefined) headers.set('user-agent', agent)
  return headers
}

/** Names the cookie of a session from before 0.4.0 as it is named now, so that nobody is signed out by the upgrade. */
function renameFormerCookie(cookie: string): string {
  if (cookie.includes(`${HOST_PREFIX}${SESSION_COOKIE}=`)) return cookie
  return cookie.replace(`__Secure-${SESSION_COOKIE}=`, `${HOST_PREFIX}${SESSION_COOKIE}=`)
}

/** Returns the device id from the request's cookie, or undefined. */
function deviceOf(request: FastifyRequest): string | undefined {
  return readCookie(request.headers, DEVICE_COOKIE, /^[\w-]{32}$/)
}

/**
 * Builds the long-lived cookie that identifies a browser. It grants no access; it separates its failures from those of
 * strangers.
 */
function deviceCookie({ config }: Pick<Deps, 'config'>, device: string): string {
  return cookieLine(config, DEVICE_COOKIE, device, DEVICE_DAYS * 86_400)
}

export function setCookies(reply: FastifyReply, cookies: readonly string[]): void {
  if (cookies.length > 0) reply.header('set-cookie', cookies)
}

/**
 * Returns the view of the session that new cookies open.
 * @param lang the language of the page: that of mails to the account, unless it has chosen one
 */
export async function viewNewSession(
  deps: Pick<Deps, 'db' | 'config'>,
  sessions: Sessions,
  cookies: readonly string[],
  lang?: Lang,
): Promise<SessionView> {
  const cookie = cookies.map((line) => line.split(';', 1)[0]).join('; ')
  const actor = await sessions.actorOf(new Headers({ cookie }))
  if (!actor) throw new AppError('not_signed_in')
  if (actor.kind === 'user' && lang !== undefined) await noteAccountLang(deps.db, actor.userId, lang)
  return getSessionView(deps, actor)
}

type IdentityDeps = Pick<
  Deps,
  'jobs' | 'db' | 'database' | 'now' | 'newId' | 'live' | 'secret' | 'config' | 'identityProvider'
>

interface Identity {
  readonly auth: Auth
  readonly sessions: Sessions
}

/**
 * Registers the endpoints of sign-in, sign-out, the session and the factors of one's own account. No other endpoint of better-auth
 * is exposed; accounts are created on the command line.
 */
export function identityRoutes(app: App, deps: IdentityDeps, identity: Identity): void {
  signInRoutes(app, deps, identity)
  providerRoutes(app, deps, identity)
  sessionRoutes(app, deps, identity)
  factorRoutes(app, deps, identity)
}

/** Browsers omit the origin of a request when they send no referrer; otherwise the host is checked against it. */
function siteOf({ config }: Pick<Deps, 'config'>, { protocol, host }: FastifyRequest) {
  return passkeySite(config, `${protocol}://${host}`)
}

/** Sets the cookies of a session whose token changed; every process forgets the former one. */
function setRenewed(
  { live }: Pick<Deps, 'live'>,
  reply: FastifyReply,
  { userId, session }: SignedIn,
  cookies: readonly string[],
): void {
  setCookies(reply, cookies)
  live.publish({ type: 'account', schemeId: NO_SCHEME, userId, sessionId: session.id })
}

/** Ends the session that this browser had when another one was opened in it. */
export async function endFormer({ auth, sessions }: Identity, request: FastifyRequest): Promise<void> {
  const headers = authHeaders(request)
  await auth.signOut(headers)
  sessions.forget(headers)
}

/** Registers sign-in by password, code or passkey, sign-out, and the change of the password. */
function signInRoutes(app: App, deps: IdentityDeps, identity: Identity): void {
  const { auth, sessions } = identity

  addEndpoint(app, identityEndpoints.signIn, async (request, reply) => {
    const { email, password } = request.body
    const device = deviceOf(request)
    const newDevice = randomBytes(24).toString('base64url')
    const caller = { mail: email, address: request.ip, device }
    const { cookies, isComplete } = await signIn(
      deps,
      auth,
      { password, caller, newDevice },
      authHeaders(request),
    )
    setCookies(reply, [...cookies, deviceCookie(deps, device ?? newDevice)])
    if (!isComplete) throw new AppError('second_factor_due')
    await endFormer(identity, request)
    return viewNewSession(deps, sessions, cookies, langOfRequest(request))
  })

  addEndpoint(app, identityEndpoints.changePassword, async (request, reply) => {
    const headers = authHeaders(request)
    if (request.actor.kind !== 'user') throw new AppError('not_signed_in')
    const cookies = await changePassword(deps, auth, request.actor.userId, request.body, headers)
    sessions.forgetAll()
    setCookies(reply, cookies)
    return viewNewSession(deps, sessions, cookies, langOfRequest(request))
  })

  async function signOut(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const headers = authHeaders(request)
    const cookies = await auth.signOut(headers)
    sessions.forget(headers)
    if (request.actor.kind === 'user') await recordIdentity(deps, request.actor.userId, 'session.end')
    setCookies(reply, cookies)
  }

  addEndpoint(app, identityEndpoints.chooseAccountLanguage, ({ actor, body }) =>
    storeAccountLang(deps.db, requireSession(actor).userId, body.lang),
  )

  addEndpoint(app, identityEndpoints.endSession, async (request, reply) => {
    const idToken = await findIdToken(deps.db, requireSession(request.actor).session.id)
    // First here: the provider may be slow, or away.
    await signOut(request, reply)
    return { address: (await findSignOutAddress(deps, idToken, `${ownOrigin(deps, request)}/`)) ?? null }
  })

  // The path of better-auth.
  addEndpoint(app, identityEndpoints.signOut, signOut)

  addEndpoint(app, factorEndpoints.startAccountPasskeySignIn, (request) =>
    startAccountPasskeySignIn(deps, siteOf(deps, request)),
  )

  addEndpoint(app, factorEndpoints.signInByAccountPasskey, async (request, reply) => {
    const answer = request.body as AuthenticationResponseJSON
    const cookies = await signInByAccountPasskey(
      deps,
      auth,
      siteOf(deps, request),
      answer,
      authHeaders(request),
    )
    await endFormer(identity, request)
    setCookies(reply, cookies)
    return viewNewSession(deps, sessions, cookies, langOfRequest(request))
  })

  addEndpoint(app, factorEndpoints.completeSignIn, async (request, reply) => {
    const place = { address: request.ip, device: deviceOf(request), headers: authHeaders(request) }
    const { userId, cookies } = await completeSignIn(deps, auth, request.body, place)
    await completeProviderSignIn(deps, cookies, { userId, browser: providerBrowser(request) })
    await endFormer(identity, request)
    setCookies(reply, cookies)
    return viewNewSession(deps, sessions, cookies, langOfRequest(request))
  })
}

/** Returns the address of this installation as browsers reach it; without the setting, as this browser did. */
function ownOrigin({ config }: Pick<Deps, 'config'>, { protocol, host }: FastifyRequest): string {
  return new URL(config.baseUrl ?? `${protocol}://${host}`).origin
}

function providerBrowser(request: FastifyRequest): string | undefined {
  return readCookie(request.headers, PROVIDER_COOKIE, /^[\w-]{43}$/)
}

/** Registers the visits to the identity provider: to sign in, or to give a factor of the open session. */
function providerRoutes(app: App, deps: IdentityDeps, identity: Identity): void {
  const { auth, sessions } = identity

  const visiting = (request: FastifyRequest) => ({
    cookie: providerBrowser(request),
    redirectUri: `${ownOrigin(deps, request)}${PROVIDER_RETURN}`,
  })

  async function begin(request: FastifyRequest, reply: FastifyReply, visit: VisitPurpose) {
    const { address, cookie } = await beginVisit(deps, visit, visiting(request))
    setCookies(reply, [cookieLine(deps.config, PROVIDER_COOKIE, cookie, PROVIDER_SECONDS)])
    return { address }
  }

  addEndpoint(app, providerEndpoints.startProviderSignIn, (request, reply) =>
    begin(request, reply, { purpose: 'sign-in', invitation: request.body.invitation }),
  )

  addEndpoint(app, providerEndpoints.startProviderFactor, (request, reply) =>
    begin(request, reply, { purpose: 'factor', actor: requireSession(request.actor) }),
  )

  addEndpoint(app, providerEndpoints.endProviderVisit, async (request, reply) => {
    const headers = authHeaders(request)
    const open = await sessions.actorOf(headers)
    const actor = open === undefined ? undefined : requireSession(open)
    const { purpose, cookies, isComplete } = await endVisit(deps, auth, {
      answer: new URLSearchParams(request.body.answer),
      browser: visiting(request),
      headers,
      network: truncatedNetworkOf(request.ip),
      actor,
    })
    if (!isComplete) {
      setCookies(reply, cookies)
      throw new AppError('second_factor_due')
    }
    if (purpose === 'factor' && actor !== undefined) setRenewed(deps, reply, actor, cookies)
    else {
      await endFormer(identity, request)
      setCookies(reply, cookies)
    }
    return { purpose, session: await viewNewSession(deps, sessions, cookies, langOfRequest(request)) }
  })
}

/** Registers what a session may do, its idle limit, and the proofs given in it. */
function sessionRoutes(app: App, deps: IdentityDeps, identity: Identity): void {
  const { auth, sessions } = identity

  addEndpoint(app, identityEndpoints.getSession, async (request) => {
    return getSessionView(deps, request.actor)
  })

  addEndpoint(app, identityEndpoints.watchSession, (request, reply) => {
    openEventStream(request, reply, () => {}).send({ type: 'open' }, 'open')
  })

  addEndpoint(app, identityEndpoints.reportActivity, async (request) => {
    await reportActivity(deps, requireSession(request.actor))
    sessions.forget(authHeaders(request))
  })

  addEndpoint(app, identityEndpoints.lockSession, ({ actor }) => lockSession(deps, requireSession(actor)))

  addEndpoint(app, identityEndpoints.getLock, ({ actor }) => getLock(deps, auth, requireSession(actor)))

  // The guard of the routes has checked it.
  addEndpoint(app, factorEndpoints.checkFactor, async () => {})

  addEndpoint(app, factorEndpoints.startFactorPasskey, (request) =>
    startFactorPasskey(deps, requireSession(request.actor), siteOf(deps, request)),
  )

  addEndpoint(app, factorEndpoints.giveFactor, async (request, reply) => {
    const actor = requireSession(request.actor)
    const given = request.body as GivenFactor
    const browser = { site: siteOf(deps, request), headers: authHeaders(request), address: request.ip }
    setRenewed(deps, reply, actor, await giveFactor(deps, auth, actor, given, browser))
  })

  addEndpoint(app, factorEndpoints.unlockSession, async (request, reply) => {
    const actor = requireSession(request.actor)
    const browser = { site: siteOf(deps, request), headers: authHeaders(request), address: request.ip }
    const cookies = await unlockSession(deps, auth, actor, request.body as UnlockProof, browser)
    setRenewed(deps, reply, actor, cookies)
    return viewNewSession(deps, sessions, cookies, langOfRequest(request))
  })
}

/** Registers the codes and passkeys of the signed-in account. */
function factorRoutes(app: App, deps: IdentityDeps, identity: Identity): void {
  const { auth } = identity

  addEndpoint(app, factorEndpoints.prepareCodes, (request) =>
    prepareCodes(deps, auth, requireSession(request.actor), request.body.password, authHeaders(request)),
  )

  addEndpoint(app, factorEndpoints.confirmCodes, async (request, reply) => {
    const actor = requireSession(request.actor)
    const headers = authHeaders(request)
    setRenewed(deps, reply, actor, await confirmCodes(deps, auth, actor, request.body.code, headers))
    return getAccountSecurity(deps, auth, actor)
  })

  addEndpoint(app, factorEndpoints.removeCodes, async (request, reply) => {
    const actor = requireSession(request.actor)
    const headers = authHeaders(request)
    setRenewed(deps, reply, actor, await removeCodes(deps, auth, actor, request.body.password, headers))
    return getAccountSecurity(deps, auth, actor)
  })

  addEndpoint(app, factorEndpoints.renewRecoveryCodes, async (request) => {
    const actor = requireSession(request.actor)
    const headers = authHeaders(request)
    return { recoveryCodes: await renewRecoveryCodes(deps, auth, actor, request.body.password, headers) }
  })

  addEndpoint(app, factorEndpoints.getAccountSecurity, (request) =>
    getAccountSecurity(deps, auth, requireSession(request.actor)),
  )

  addEndpoint(app, factorEndpoints.startAccountPasskeyCreation, (request) =>
    startAccountPasskeyCreation(deps, requireSession(request.actor), siteOf(deps, request)),
  )

  addEndpoint(app, factorEndpoints.addAccountPasskey, async (request) => {
    const actor = requireSession(request.actor)
    const response = request.body.response as RegistrationResponseJSON
    await addAccountPasskey(deps, actor, siteOf(deps, request), { name: request.body.name, response })
    return getAccountSecurity(deps, auth, actor)
  })

  addEndpoint(app, factorEndpoints.removeAccountPasskey, async (request) => {
    const actor = requireSession(request.actor)
    await removeAccountPasskey(deps, actor, request.params.id)
    return getAccountSecurity(deps, auth, actor)
  })
}
