import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Deps } from '../../deps.ts'
import { cookieLine, readCookie } from '../../platform/http/cookies.ts'
import { type ContactActor, findContactActor, SESSION_DAYS } from './session.ts'

/** Over http it is sent to the portal's part of the API only. */
const COOKIE = { name: 'tocsin.portal', path: '/api/portal' }

/** Identifies the contact behind a request, by the session in its cookie. */
export interface ContactSessions {
  actorOf(request: FastifyRequest): Promise<ContactActor | undefined>
}

export function contactSessions(deps: Pick<Deps, 'db' | 'now'>): ContactSessions {
  return { actorOf: (request) => findContactActor(deps, readSessionCookie(request)) }
}

/** Reads the session token from the cookie; undefined if it is missing or invalid. */
export function readSessionCookie(request: FastifyRequest): string | undefined {
  return readCookie(request.headers, COOKIE, /^[\w-]{43}$/)
}

/** Sets the session cookie, or clears it (''). */
export function setSessionCookie(reply: FastifyReply, { config }: Pick<Deps, 'config'>, token: string): void {
  reply.header('set-cookie', cookieLine(config, COOKIE, token, SESSION_DAYS * 86_400))
}
