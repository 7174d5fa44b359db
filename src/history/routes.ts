import type { Deps } from '../deps.ts'
import { type App, addEndpoint } from '../platform/http/http.ts'
import { listHistory } from './actions.ts'
import { memberHistoryEndpoints } from './endpoints.ts'

/** Registers the history of a member. It lives in this room because it includes messages of alerts. */
export function memberHistoryRoutes(app: App, deps: Pick<Deps, 'db' | 'now'>): void {
  addEndpoint(app, memberHistoryEndpoints.listMemberHistory, ({ actor, params, query }) =>
    listHistory(deps, actor, params.scheme, params.id, query),
  )
}
