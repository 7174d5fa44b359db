import type { Deps } from '../deps.ts'
import { type App, addEndpoint } from '../platform/http/http.ts'
import { changeMembers, listChangeMembers, listMemberChanges, previewChange } from './actions.ts'
import { memberChangeEndpoints } from './endpoints.ts'
import { correctNumber } from './numbers.ts'
import { undoChange } from './undo.ts'
import { previewWelcome, welcomeMembers } from './welcome.ts'

/** Endpoints of bulk changes and their undo. */
export function memberChangeRoutes(
  app: App,
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'config' | 'mailer' | 'jobs' | 'database'>,
): void {
  addEndpoint(app, memberChangeEndpoints.listMemberChanges, ({ actor, params }) =>
    listMemberChanges(deps, actor, params.scheme),
  )

  addEndpoint(app, memberChangeEndpoints.changeMembers, ({ actor, params, body }) =>
    changeMembers(deps, actor, params.scheme, body),
  )

  addEndpoint(app, memberChangeEndpoints.previewMemberChange, ({ actor, params, body }) =>
    previewChange(deps, actor, params.scheme, body),
  )

  addEndpoint(app, memberChangeEndpoints.listChangeMembers, ({ actor, params, query }) =>
    listChangeMembers(deps, actor, params.scheme, params.id, query),
  )

  addEndpoint(app, memberChangeEndpoints.undoMemberChange, ({ actor, params }) =>
    undoChange(deps, actor, params.scheme, params.id),
  )

  addEndpoint(app, memberChangeEndpoints.previewWelcome, ({ actor, params }) =>
    previewWelcome(deps, actor, params.scheme, params.id),
  )

  addEndpoint(app, memberChangeEndpoints.welcomeMembers, ({ actor, params, body }) =>
    welcomeMembers(deps, actor, params.scheme, params.id, body),
  )

  addEndpoint(app, memberChangeEndpoints.correctNumber, ({ actor, params, body }) =>
    correctNumber(deps, actor, params.scheme, { member: params.id, contact: params.contact }, body),
  )
}
