import type { Deps } from '../../deps.ts'
import { type App, addEndpoint } from '../../platform/http/http.ts'
import { closeWall, listWalls, openWall, readWall } from './actions.ts'
import { setDisplayCookie } from './cookie.ts'
import { wallEndpoints } from './endpoints.ts'

export function wallRoutes(app: App, deps: Pick<Deps, 'db' | 'now' | 'newId' | 'config'>): void {
  addEndpoint(app, wallEndpoints.openWall, async (request, reply) => {
    const { display, token } = await openWall(deps, request.actor, request.params.scheme, request.body)
    setDisplayCookie(reply, deps, token)
    return display
  })

  addEndpoint(app, wallEndpoints.listWalls, (request) =>
    listWalls(deps, request.actor, request.params.scheme),
  )

  addEndpoint(app, wallEndpoints.closeWall, (request) =>
    closeWall(deps, request.actor, request.params.scheme, request.params.id),
  )

  addEndpoint(app, wallEndpoints.readWall, (request) => readWall(deps, request.actor))
}
