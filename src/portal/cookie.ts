import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Deps } from '../deps.ts'
import { type ContactActor, findContactActor, SESSION_DAYS } from './session.ts'

const COOKIE = 'tocsin.portal'
/** The cookie is sent to the portal's part of the API only. */
const PATH = '/api/portal'

/** Identifies the contact behind a request, by the session in its cookie. */
export interface ContactSessions {
  actorOf(request: FastifyRequest): Promise<ContactActor | undefined>
}

export function contactSessions(deps: Pick<Deps, 'db' | 'now'>): ContactSessions {
  return { actorOf: (request) => findContactActor(deps, readSessionCookie(request)) }
}

/** Reads the session token from the cookie; undefined if it is missing or invalid. */
export function readSessionCookie(request: FastifyRequest): string | undefined {
  return /(?:^|;\s*)tocsin\.portal=([\w-]{43})(?:;|$)/.exec(request.headers.cookie ?? '')?.[1]
}

/** Sets the session cookie, or clears it (''). Scripts cannot read it, and other sites cannot send it. */
export function setSessionCookie(reply: FastifyReply, { config }: Pick<Deps, 'config'>, token: string): void {
  const secure = config.baseUrl?.startsWith('https:') === true ? '; Secure' : ''
  const maxAge = token === '' ? 0 : SESSION_DAYS * 86_400
  reply.header(
    'set-cookie',
    `${COOKIE}=${token}; Path=${PATH}; Max-Age=${maxAge}; HttpOnly; SameSite=Strict${secure}`,
  )
}
