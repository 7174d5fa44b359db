import type { Deps } from '../../deps.ts'
import { type App, addEndpoint } from '../../platform/http/http.ts'
import { traceMark } from './actions.ts'
import { traceEndpoints } from './endpoints.ts'

export function traceRoutes(app: App, deps: Pick<Deps, 'db' | 'now'>): void {
  addEndpoint(app, traceEndpoints.traceMark, ({ actor, params, body }) =>
    traceMark(deps, actor, params.scheme, params.id, body),
  )
}
