import type { Deps } from '../../deps.ts'
import { cookieLine, readCookie } from '../../platform/http/cookies.ts'
import { type App, addEndpoint } from '../../platform/http/http.ts'
import { closeWall, listWalls, openWall, readWall } from './actions.ts'
import { WALL_HOURS } from './contract.ts'
import { wallEndpoints } from './endpoints.ts'

/** Over http it is sent to the view of the wall only. */
const COOKIE = { name: 'tocsin.wall', path: '/api/wall' }
const TOKEN = /^[a-z0-9-]{1,64}\.[\w-]{43}$/

export function wallRoutes(app: App, deps: Pick<Deps, 'db' | 'now' | 'newId' | 'config'>): void {
  addEndpoint(app, wallEndpoints.openWall, async (request, reply) => {
    const { display, token } = await openWall(deps, request.actor, request.params.scheme, request.body)
    reply.header('set-cookie', cookieLine(deps.config, COOKIE, token, WALL_HOURS * 3600))
    return display
  })

  addEndpoint(app, wallEndpoints.listWalls, (request) =>
    listWalls(deps, request.actor, request.params.scheme),
  )

  addEndpoint(app, wallEndpoints.closeWall, (request) =>
    closeWall(deps, request.actor, request.params.scheme, request.params.id),
  )

  addEndpoint(app, wallEndpoints.readWall, (request) =>
    readWall(deps, readCookie(request.headers, COOKIE, TOKEN)),
  )
}
