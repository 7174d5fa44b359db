import { z } from 'zod'
import type { Deps } from '../../deps.ts'
import type { App } from '../../platform/http.ts'
import {
  MailAttempt,
  PortalSession,
  SignInAttempt,
  SignInCode,
  SignInMail,
  SignInMailCode,
  SignInPhone,
} from './contract.ts'
import { keepToken, tokenOf } from './cookie.ts'
import { endContactSession, getPortalSession } from './session.ts'
import { askMailCode, askSignInCode, signInByCode, signInByMail } from './sign-in.ts'

/** A number, a code: a few bytes. */
const BODY_BYTES = 1024
/** Merchants of one address (a shopping centre) at once; whoever goes through numbers or codes waits. */
const SIGN_IN_LIMIT = { max: 20, timeWindow: 60_000, groupId: 'portal-sign-in' }

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
    (request, reply) => {
      reply.header('cache-control', 'no-store')
      return askSignInCode(deps, { address: request.ip }, request.body)
    },
  )

  app.post(
    '/api/portal/session',
    {
      config: { permission: 'public', rateLimit: SIGN_IN_LIMIT },
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
    (request, reply) => {
      reply.header('cache-control', 'no-store')
      return askMailCode(deps, { address: request.ip }, request.body)
    },
  )

  app.post(
    '/api/portal/mail-session',
    {
      config: { permission: 'public', rateLimit: SIGN_IN_LIMIT },
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
