import type { Deps } from '../deps.ts'
import { type App, addEndpoint } from '../platform/http/http.ts'
import { getToday } from './actions.ts'
import { todayEndpoints } from './endpoints.ts'

export function todayRoutes(app: App, deps: Pick<Deps, 'db' | 'now'>): void {
  addEndpoint(app, todayEndpoints.getToday, ({ actor, params }) => getToday(deps, actor, params.scheme))
}
