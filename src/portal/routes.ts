import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import type { App } from '../platform/http.ts'
import {
  MailAttempt,
  NewPasskey,
  PasskeyAnswer,
  PasskeyList,
  PasskeyOptions,
  PortalSession,
  SignInAttempt,
  SignInCode,
  SignInMail,
  SignInMailCode,
  SignInPhone,
} from './contract.ts'
import { readSessionCookie, setSessionCookie } from './cookie.ts'
import {
  addPasskey,
  listPasskeys,
  passkeySite,
  removePasskey,
  signInByPasskey,
  startPasskeyCreation,
  startPasskeySignIn,
} from './passkeys.ts'
import { type ContactActor, endContactSession, getPortalSession } from './session.ts'
import { sendMailSignInCode, sendSignInCode, signInByCode, signInByMail } from './sign-in.ts'

/** A number or a code is a few bytes. */
const BODY_BYTES = 1024
/** Allows merchants of one network (a shopping centre) to request codes at the same time. */
const SIGN_IN_LIMIT = { max: 20, timeWindow: 60_000, groupId: 'portal-sign-in' }
/** A passkey cannot be guessed: this only limits the load. */
const PASSKEY_LIMIT = { max: 120, timeWindow: 60_000, groupId: 'portal-passkey' }
/**
 * Limits answers per sign-in attempt. Each attempt allows five tries, so wrong answers cost only the one who gives them; a
 * limit per network would block every member behind the same address of a mobile operator.
 */
const ANSWER_LIMIT = {
  max: 20,
  timeWindow: 60_000,
  groupId: 'portal-answer',
  hook: 'preHandler' as const,
  keyGenerator: (request: FastifyRequest) => (request.body as { readonly attempt: string }).attempt,
}

type PortalDeps = Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'secret' | 'config' | 'mailer'>

/** Endpoints to sign in to the merchants' portal and to sign out. */
export function portalRoutes(app: App, deps: PortalDeps): void {
  app.post(
    '/api/portal/code',
    {
      config: { permission: 'public', rateLimit: SIGN_IN_LIMIT },
      bodyLimit: BODY_BYTES,
      schema: {
        tags: ['portal'],
        summary: 'Request a sign-in code by SMS',
        body: SignInPhone,
        response: { 200: SignInAttempt },
      },
    },
    (request) => {
      return sendSignInCode(deps, { address: request.ip }, request.body)
    },
  )

  app.post(
    '/api/portal/session',
    {
      config: { permission: 'public', rateLimit: ANSWER_LIMIT },
      bodyLimit: BODY_BYTES,
      schema: {
        tags: ['portal'],
        summary: 'Sign in with the code',
        body: SignInCode,
        response: { 200: PortalSession },
      },
    },
    async (request, reply) => {
      const token = await signInByCode(deps, request.body)
      setSessionCookie(reply, deps, token)
      return getPortalSession(deps, token)
    },
  )

  app.post(
    '/api/portal/mail-code',
    {
      config: { permission: 'public', rateLimit: SIGN_IN_LIMIT },
      bodyLimit: BODY_BYTES,
      schema: {
        tags: ['portal'],
        summary: 'Request a sign-in code by mail',
        body: SignInMail,
        response: { 200: MailAttempt },
      },
    },
    (request) => {
      return sendMailSignInCode(deps, { address: request.ip }, request.body)
    },
  )

  app.post(
    '/api/portal/mail-session',
    {
      config: { permission: 'public', rateLimit: ANSWER_LIMIT },
      bodyLimit: BODY_BYTES,
      schema: {
        tags: ['portal'],
        summary: 'Sign in with the code from the mail',
        body: SignInMailCode,
        response: { 200: PortalSession },
      },
    },
    async (request, reply) => {
      const token = await signInByMail(deps, request.body)
      setSessionCookie(reply, deps, token)
      return getPortalSession(deps, token)
    },
  )

  passkeyRoutes(app, deps)

  app.get(
    '/api/portal/session',
    {
      config: { permission: 'portal' },
      schema: {
        tags: ['portal'],
        summary: 'The signed-in contact and its shops',
        response: { 200: PortalSession },
      },
    },
    async (request, reply) => {
      const token = readSessionCookie(request)
      const session = await getPortalSession(deps, token)
      // Renews the cookie, so that a session in use does not expire in the browser either.
      setSessionCookie(reply, deps, token ?? '')
      return session
    },
  )

  app.post(
    '/api/portal/session/end',
    {
      config: { permission: 'portal' },
      schema: { tags: ['portal'], summary: 'Sign out', response: { 204: z.void() } },
    },
    async (request, reply) => {
      if (request.actor.kind === 'contact') await endContactSession(deps, request.actor)
      setSessionCookie(reply, deps, '')
      return reply.status(204).send()
    },
  )
}

/** An authenticator's response is some kilobytes. */
const PASSKEY_BYTES = 32 * 1024

/** Endpoints of passkeys: signed-in contacts add and delete them; any holder signs in with one. */
function passkeyRoutes(app: App, deps: PortalDeps): void {
  // Browsers omit the origin of a request when they send no referrer; otherwise the host is checked against it.
  const site = ({ protocol, host }: FastifyRequest) => passkeySite(deps.config, `${protocol}://${host}`)
  const tags = ['portal']

  app.post(
    '/api/portal/passkey-session/options',
    {
      config: { permission: 'public', rateLimit: PASSKEY_LIMIT },
      schema: {
        tags,
        summary: 'Options to sign in with a passkey',
        response: { 200: PasskeyOptions },
      },
    },
    async (request) => {
      return { ...(await startPasskeySignIn(deps, site(request))) }
    },
  )

  app.post(
    '/api/portal/passkey-session',
    {
      config: { permission: 'public', rateLimit: PASSKEY_LIMIT },
      bodyLimit: PASSKEY_BYTES,
      schema: {
        tags,
        summary: 'Sign in with a passkey',
        body: PasskeyAnswer,
        response: { 200: PortalSession },
      },
    },
    async (request, reply) => {
      const answer = request.body as AuthenticationResponseJSON
      const token = await signInByPasskey(deps, site(request), answer)
      setSessionCookie(reply, deps, token)
      return getPortalSession(deps, token)
    },
  )

  app.get(
    '/api/portal/passkeys',
    {
      config: { permission: 'portal' },
      schema: { tags, summary: 'List the passkeys of the signed-in contact', response: { 200: PasskeyList } },
    },
    (request) => {
      return listPasskeys(deps, requireContact(request))
    },
  )

  app.post(
    '/api/portal/passkeys/options',
    {
      config: { permission: 'portal', rateLimit: SIGN_IN_LIMIT },
      schema: { tags, summary: 'Options to create a passkey', response: { 200: PasskeyOptions } },
    },
    async (request) => {
      return { ...(await startPasskeyCreation(deps, requireContact(request), site(request))) }
    },
  )

  app.post(
    '/api/portal/passkeys',
    {
      config: { permission: 'portal', rateLimit: SIGN_IN_LIMIT },
      bodyLimit: PASSKEY_BYTES,
      schema: { tags, summary: 'Add a passkey', body: NewPasskey, response: { 200: PasskeyList } },
    },
    (request) =>
      addPasskey(deps, requireContact(request), site(request), {
        name: request.body.name,
        response: request.body.response as RegistrationResponseJSON,
      }),
  )

  app.delete(
    '/api/portal/passkeys/:id',
    {
      config: { permission: 'portal' },
      schema: {
        tags,
        summary: 'Delete a passkey',
        params: z.object({ id: z.string().min(1).max(1400) }),
        response: { 200: PasskeyList },
      },
    },
    (request) => removePasskey(deps, requireContact(request), request.params.id),
  )
}

/** Returns the contact of the request's session. @throws AppError `forbidden` if the actor is not a contact */
function requireContact({ actor }: FastifyRequest): ContactActor {
  if (actor.kind !== 'contact') throw new AppError('forbidden')
  return actor
}
