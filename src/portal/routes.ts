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
import { keepToken, tokenOf } from './cookie.ts'
import {
  addPasskey,
  askPasskey,
  listPasskeys,
  offerPasskey,
  removePasskey,
  signInByPasskey,
  siteOf,
} from './passkeys.ts'
import { type ContactActor, endContactSession, getPortalSession } from './session.ts'
import { askMailCode, askSignInCode, signInByCode, signInByMail } from './sign-in.ts'

/** A number, a code: a few bytes. */
const BODY_BYTES = 1024
/** Requests for codes by merchants of one network (a shopping centre) at once. */
const SIGN_IN_LIMIT = { max: 20, timeWindow: 60_000, groupId: 'portal-sign-in' }
/** A passkey cannot be guessed: this bounds the work alone. */
const PASSKEY_LIMIT = { max: 120, timeWindow: 60_000, groupId: 'portal-passkey' }
/**
 * Answers to one attempt. Its codes stand five tries each, so that whoever answers wrongly spends their own: a limit of
 * the network would keep out every member behind the same address of a mobile operator.
 */
const ANSWER_LIMIT = {
  max: 20,
  timeWindow: 60_000,
  groupId: 'portal-answer',
  hook: 'preHandler' as const,
  keyGenerator: (request: FastifyRequest) => (request.body as { readonly attempt: string }).attempt,
}

type PortalDeps = Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'secret' | 'config' | 'mailer'>

/** Signing in to the portal of merchants, and out. */
export function portalRoutes(app: App, deps: PortalDeps): void {
  app.post(
    '/api/portal/code',
    {
      config: { permission: 'public', rateLimit: SIGN_IN_LIMIT },
      bodyLimit: BODY_BYTES,
      schema: {
        tags: ['portal'],
        summary: 'Ask for a code by SMS to sign in with',
        body: SignInPhone,
        response: { 200: SignInAttempt },
      },
    },
    (request) => {
      return askSignInCode(deps, { address: request.ip }, request.body)
    },
  )

  app.post(
    '/api/portal/session',
    {
      config: { permission: 'public', rateLimit: ANSWER_LIMIT },
      bodyLimit: BODY_BYTES,
      schema: {
        tags: ['portal'],
        summary: 'Sign in by the code',
        body: SignInCode,
        response: { 200: PortalSession },
      },
    },
    async (request, reply) => {
      const token = await signInByCode(deps, request.body)
      keepToken(reply, deps, token)
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
        summary: 'Ask for a code by mail to sign in with',
        body: SignInMail,
        response: { 200: MailAttempt },
      },
    },
    (request) => {
      return askMailCode(deps, { address: request.ip }, request.body)
    },
  )

  app.post(
    '/api/portal/mail-session',
    {
      config: { permission: 'public', rateLimit: ANSWER_LIMIT },
      bodyLimit: BODY_BYTES,
      schema: {
        tags: ['portal'],
        summary: 'Sign in by the code that came by mail',
        body: SignInMailCode,
        response: { 200: PortalSession },
      },
    },
    async (request, reply) => {
      const token = await signInByMail(deps, request.body)
      keepToken(reply, deps, token)
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
        summary: 'Who is signed in, and their shops',
        response: { 200: PortalSession },
      },
    },
    async (request, reply) => {
      const token = tokenOf(request)
      const session = await getPortalSession(deps, token)
      // A session that is used goes on, in the browser too.
      keepToken(reply, deps, token ?? '')
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
      keepToken(reply, deps, '')
      return reply.status(204).send()
    },
  )
}

/** An answer of an authenticator is some kilobytes. */
const PASSKEY_BYTES = 32 * 1024

/** Passkeys: added and taken away by whoever is signed in; signed in with by anybody who has one. */
function passkeyRoutes(app: App, deps: PortalDeps): void {
  // Browsers leave out where a request comes from when they tell no referrer; its host is checked against it where they do.
  const site = ({ protocol, host }: FastifyRequest) => siteOf(deps.config, `${protocol}://${host}`)
  const tags = ['portal']

  app.post(
    '/api/portal/passkey-session/options',
    {
      config: { permission: 'public', rateLimit: PASSKEY_LIMIT },
      schema: {
        tags,
        summary: 'What a browser needs to sign in with a passkey',
        response: { 200: PasskeyOptions },
      },
    },
    async (request) => {
      return { ...(await askPasskey(deps, site(request))) }
    },
  )

  app.post(
    '/api/portal/passkey-session',
    {
      config: { permission: 'public', rateLimit: PASSKEY_LIMIT },
      bodyLimit: PASSKEY_BYTES,
      schema: {
        tags,
        summary: 'Sign in by a passkey',
        body: PasskeyAnswer,
        response: { 200: PortalSession },
      },
    },
    async (request, reply) => {
      const answer = request.body as AuthenticationResponseJSON
      const token = await signInByPasskey(deps, site(request), answer)
      keepToken(reply, deps, token)
      return getPortalSession(deps, token)
    },
  )

  app.get(
    '/api/portal/passkeys',
    {
      config: { permission: 'portal' },
      schema: { tags, summary: 'The passkeys of whoever is signed in', response: { 200: PasskeyList } },
    },
    (request) => {
      return listPasskeys(deps, contactOf(request))
    },
  )

  app.post(
    '/api/portal/passkeys/options',
    {
      config: { permission: 'portal', rateLimit: SIGN_IN_LIMIT },
      schema: { tags, summary: 'What a browser needs to make a passkey', response: { 200: PasskeyOptions } },
    },
    async (request) => {
      return { ...(await offerPasskey(deps, contactOf(request), site(request))) }
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
      addPasskey(deps, contactOf(request), site(request), {
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
        summary: 'Take a passkey away',
        params: z.object({ id: z.string().min(1).max(1400) }),
        response: { 200: PasskeyList },
      },
    },
    (request) => removePasskey(deps, contactOf(request), request.params.id),
  )
}

/** Whoever the session of the request is. @throws AppError `forbidden` for no contact */
function contactOf({ actor }: FastifyRequest): ContactActor {
  if (actor.kind !== 'contact') throw new AppError('forbidden')
  return actor
}
