import type { Deps } from '../../deps.ts'
import { type App, addEndpoint } from '../../platform/http/http.ts'
import { changeGroup, deleteView, getGroup, listViews, saveView } from './actions.ts'
import { countViews } from './counts.ts'
import { memberViewEndpoints } from './endpoints.ts'

/** Endpoints of the saved views of the member list. */
export function memberViewRoutes(app: App, deps: Pick<Deps, 'db' | 'now'>): void {
  addEndpoint(app, memberViewEndpoints.listMemberViews, ({ actor, params }) =>
    listViews(deps, actor, params.scheme),
  )

  addEndpoint(app, memberViewEndpoints.countMemberViews, ({ actor, params }) =>
    countViews(deps, actor, params.scheme),
  )

  addEndpoint(app, memberViewEndpoints.saveMemberView, ({ actor, params, body }) =>
    saveView(deps, actor, params.scheme, params.id, body),
  )

  addEndpoint(app, memberViewEndpoints.deleteMemberView, ({ actor, params }) =>
    deleteView(deps, actor, params.scheme, params.id),
  )

  addEndpoint(app, memberViewEndpoints.getMemberGroup, ({ actor, params }) =>
    getGroup(deps, actor, params.scheme, params.id),
  )

  addEndpoint(app, memberViewEndpoints.changeMemberGroup, ({ actor, params, body }) =>
    changeGroup(deps, actor, params.scheme, params.id, body),
  )
}
