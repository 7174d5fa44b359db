import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Deps } from '../deps.ts'
import { type ContactActor, findContactActor, SESSION_DAYS } from './session.ts'

const COOKIE = 'tocsin.portal'
/** The cookie goes to the portal's part of the API and nowhere else. */
const PATH = '/api/portal'

/** Who calls the portal, by the session of their cookie. */
export interface ContactSessions {
  actorOf(request: FastifyRequest): Promise<ContactActor | undefined>
}

export function contactSessions(deps: Pick<Deps, 'db' | 'now'>): ContactSessions {
  return { actorOf: (request) => findContactActor(deps, tokenOf(request)) }
}

/** What a browser holds of its session; undefined: nothing, or nothing of ours. */
export function tokenOf(request: FastifyRequest): string | undefined {
  return /(?:^|;\s*)tocsin\.portal=([\w-]{43})(?:;|$)/.exec(request.headers.cookie ?? '')?.[1]
}

/** Gives a session to a browser, or takes it away (''). Scripts cannot read it, other sites cannot send it. */
export function keepToken(reply: FastifyReply, { config }: Pick<Deps, 'config'>, token: string): void {
  const secure = config.baseUrl?.startsWith('https:') === true ? '; Secure' : ''
  const maxAge = token === '' ? 0 : SESSION_DAYS * 86_400
  reply.header(
    'set-cookie',
    `${COOKIE}=${token}; Path=${PATH}; Max-Age=${maxAge}; HttpOnly; SameSite=Strict${secure}`,
  )
}
