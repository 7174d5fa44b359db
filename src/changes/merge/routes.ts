import type { Deps } from '../../deps.ts'
import type { NotifyDeps } from '../../dues/reminders/notify.ts'
import { type App, addEndpoint } from '../../platform/http/http.ts'
import { findDoubles, mergeMembers, setMembersApart, undoMerge } from './actions.ts'
import { mergeEndpoints } from './endpoints.ts'

/** Endpoints of duplicate members and merges. */
export function mergeRoutes(app: App, deps: NotifyDeps & Pick<Deps, 'db'>): void {
  addEndpoint(app, mergeEndpoints.findDoubles, ({ actor, params, query }) =>
    findDoubles(deps, actor, params.scheme, query),
  )

  addEndpoint(app, mergeEndpoints.setMembersApart, async ({ actor, params, body }) => {
    await setMembersApart(deps, actor, params.scheme, body)
  })

  addEndpoint(app, mergeEndpoints.mergeMembers, ({ actor, params, body }) =>
    mergeMembers(deps, actor, params.scheme, body),
  )

  addEndpoint(app, mergeEndpoints.undoMerge, async ({ actor, params }) => {
    await undoMerge(deps, actor, params.scheme, params.id)
  })
}
