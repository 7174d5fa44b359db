import type { Deps } from '../../deps.ts'
import { type App, addEndpoint } from '../../platform/http/http.ts'
import { listTags, mergeTag, removeTag, saveTag } from './actions.ts'
import { memberTagEndpoints } from './endpoints.ts'

/** Endpoints of the tags of members. */
export function memberTagRoutes(app: App, deps: Pick<Deps, 'db' | 'now' | 'newId'>): void {
  addEndpoint(app, memberTagEndpoints.listMemberTags, ({ actor, params }) =>
    listTags(deps, actor, params.scheme),
  )

  addEndpoint(app, memberTagEndpoints.saveMemberTag, ({ actor, params, body }) =>
    saveTag(deps, actor, params.scheme, params.id, body),
  )

  addEndpoint(app, memberTagEndpoints.removeMemberTag, ({ actor, params }) =>
    removeTag(deps, actor, params.scheme, params.id),
  )

  addEndpoint(app, memberTagEndpoints.mergeMemberTag, ({ actor, params, body }) =>
    mergeTag(deps, actor, params.scheme, params.id, body),
  )
}
