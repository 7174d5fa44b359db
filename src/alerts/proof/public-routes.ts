import type { Deps } from '../../deps.ts'
import { type App, addEndpoint } from '../../platform/http/http.ts'
import { publicAlertEndpoints } from './endpoints.ts'
import { verifyMessage } from './verify.ts'

/** Registers the endpoints that need no sign-in. */
export function publicAlertRoutes(app: App, deps: Pick<Deps, 'db' | 'now' | 'secret' | 'log'>): void {
  addEndpoint(app, publicAlertEndpoints.verifyMessage, async (request) => {
    return verifyMessage(deps, request.body, request.ip)
  })
}
