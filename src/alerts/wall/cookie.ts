import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Deps } from '../../deps.ts'
import { cookieLine, readCookie } from '../../platform/http/cookies.ts'
import { type DisplayActor, findDisplayActor } from './actions.ts'
import { WALL_HOURS } from './contract.ts'

/** Over http it is sent to the view of the wall only. */
const COOKIE = { name: 'tocsin.wall', path: '/api/wall' }
const TOKEN = /^[a-z0-9-]{1,64}\.[\w-]{43}$/

/** Identifies the wall display behind a request, by the token in its cookie. */
export interface WallDisplays {
  actorOf(request: FastifyRequest): Promise<DisplayActor | undefined>
}

export function wallDisplays(deps: Pick<Deps, 'db' | 'now'>): WallDisplays {
  return { actorOf: (request) => findDisplayActor(deps, readCookie(request.headers, COOKIE, TOKEN)) }
}

/** Sets the cookie of a wall display that was just opened. */
export function setDisplayCookie(reply: FastifyReply, { config }: Pick<Deps, 'config'>, token: string): void {
  reply.header('set-cookie', cookieLine(config, COOKIE, token, WALL_HOURS * 3600))
}
