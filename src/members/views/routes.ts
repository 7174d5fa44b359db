import type { Deps } from '../../deps.ts'
import { type App, addEndpoint } from '../../platform/http.ts'
import { deleteView, listViews, saveView } from './actions.ts'
import { memberViewEndpoints } from './endpoints.ts'

/** Endpoints of the saved views of the member list. */
export function memberViewRoutes(app: App, deps: Pick<Deps, 'db' | 'now'>): void {
  addEndpoint(app, memberViewEndpoints.listMemberViews, ({ actor, params }) =>
    listViews(deps, actor, params.scheme),
  )

  addEndpoint(app, memberViewEndpoints.saveMemberView, ({ actor, params, body }) =>
    saveView(deps, actor, params.scheme, params.id, body),
  )

  addEndpoint(app, memberViewEndpoints.deleteMemberView, ({ actor, params }) =>
    deleteView(deps, actor, params.scheme, params.id),
  )
}
