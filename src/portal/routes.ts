import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { passkeySite } from '../identity/passkeys/webauthn.ts'
import type { RateLimited } from '../platform/http/endpoints.ts'
import { type App, addEndpoint, langOfRequest } from '../platform/http/http.ts'
import type { PortalSession } from './contract.ts'
import { passkeyEndpoints, portalEndpoints } from './endpoints.ts'
import { readSessionCookie, setSessionCookie } from './session/cookie.ts'
import { codeRequestKey, isKnownDevice, rememberDevice } from './session/device.ts'
import { chooseLanguage, noteLanguage } from './session/language.ts'
import {
  addPasskey,
  listPasskeys,
  removePasskey,
  signInByPasskey,
  startPasskeyCreation,
  startPasskeySignIn,
} from './session/passkeys.ts'
import {
  type ContactActor,
  endContactSession,
  endContactSessions,
  getPortalSession,
  listContactSessions,
  noteBrowser,
} from './session/session.ts'
import { sendMailSignInCode, sendSignInCode, signInByCode, signInByMail } from './session/sign-in.ts'
import { type Holder, holderOfSession } from './store.ts'

type PortalDeps = Pick<
  Deps,
  'db' | 'database' | 'live' | 'log' | 'now' | 'newId' | 'jobs' | 'secret' | 'config' | 'mailer'
>

/** Endpoints to sign in to the merchants' portal and to sign out. */
export function portalRoutes(app: App, deps: PortalDeps): void {
  const callerOf = (request: FastifyRequest) => ({
    address: request.ip,
    lang: langOfRequest(request),
    isKnownDevice: (holder: Holder) => isKnownDevice(deps, request, holder),
  })

  /** Sets the cookies of a new session. */
  async function openSession(
    request: FastifyRequest,
    reply: FastifyReply,
    token: string,
  ): Promise<PortalSession> {
    setSessionCookie(reply, deps, token)
    await noteBrowser(deps, token, { userAgent: request.headers['user-agent'], address: request.ip })
    const session = await getPortalSession(deps, token)
    await noteLanguage(deps, token, langOfRequest(request))
    rememberDevice(deps, request, reply, holderOfSession(session))
    return session
  }

  const keyGenerator = (request: RateLimited) => codeRequestKey(deps, request)
  const { sendSignInCode: bySms, sendMailSignInCode: byMail } = portalEndpoints

  addEndpoint(app, { ...bySms, rateLimit: { ...bySms.rateLimit, keyGenerator } }, (request) => {
    return sendSignInCode(deps, callerOf(request), request.body)
  })

  addEndpoint(app, portalEndpoints.signInByCode, async (request, reply) => {
    return openSession(request, reply, await signInByCode(deps, request.body))
  })

  addEndpoint(app, { ...byMail, rateLimit: { ...byMail.rateLimit, keyGenerator } }, (request) => {
    return sendMailSignInCode(deps, callerOf(request), request.body)
  })

  addEndpoint(app, portalEndpoints.signInByMail, async (request, reply) => {
    return openSession(request, reply, await signInByMail(deps, request.body))
  })

  passkeyRoutes(app, deps, openSession)

  addEndpoint(app, portalEndpoints.getPortalSession, async (request, reply) => {
    const token = readSessionCookie(request)
    const session = await getPortalSession(deps, token)
    // Renews the cookie, so that a session in use does not expire in the browser either.
    setSessionCookie(reply, deps, token ?? '')
    return session
  })

  addEndpoint(app, portalEndpoints.listContactSessions, (request) =>
    listContactSessions(deps, requireContact(request)),
  )

  addEndpoint(app, portalEndpoints.endContactSessions, async (request) => {
    const contact = requireContact(request)
    await endContactSessions(deps, contact, request.body)
    return listContactSessions(deps, contact)
  })

  addEndpoint(app, portalEndpoints.chooseContactLanguage, (request) =>
    chooseLanguage(deps, requireContact(request), request.body.lang),
  )

  addEndpoint(app, portalEndpoints.endContactSession, async (request, reply) => {
    if (request.actor.kind === 'contact') await endContactSession(deps, request.actor)
    setSessionCookie(reply, deps, '')
  })
}

/** Endpoints of passkeys: signed-in contacts add and delete them; any holder signs in with one. */
function passkeyRoutes(
  app: App,
  deps: PortalDeps,
  openSession: (request: FastifyRequest, reply: FastifyReply, token: string) => Promise<PortalSession>,
): void {
  // Browsers omit the origin of a request when they send no referrer; otherwise the host is checked against it.
  const site = ({ protocol, host }: FastifyRequest) => passkeySite(deps.config, `${protocol}://${host}`)

  addEndpoint(app, passkeyEndpoints.startPasskeySignIn, (request) => startPasskeySignIn(deps, site(request)))

  addEndpoint(app, passkeyEndpoints.signInByPasskey, async (request, reply) => {
    const answer = request.body as AuthenticationResponseJSON
    return openSession(request, reply, await signInByPasskey(deps, site(request), answer))
  })

  addEndpoint(app, passkeyEndpoints.listPasskeys, (request) => {
    return listPasskeys(deps, requireContact(request))
  })

  addEndpoint(app, passkeyEndpoints.startPasskeyCreation, (request) =>
    startPasskeyCreation(deps, requireContact(request), site(request)),
  )

  addEndpoint(app, passkeyEndpoints.addPasskey, (request) =>
    addPasskey(deps, requireContact(request), site(request), {
      name: request.body.name,
      response: request.body.response as RegistrationResponseJSON,
    }),
  )

  addEndpoint(app, passkeyEndpoints.removePasskey, (request) =>
    removePasskey(deps, requireContact(request), request.params.id),
  )
}

/** Returns the contact of the request's session. @throws AppError `forbidden` if the actor is not a contact */
function requireContact({ actor }: FastifyRequest): ContactActor {
  if (actor.kind !== 'contact') throw new AppError('forbidden')
  return actor
}
