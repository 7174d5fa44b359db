import type { Deps } from '../../deps.ts'
import { type App, addEndpoint } from '../../platform/http/http.ts'
import { addContact, createMember, editMember } from './actions.ts'
import { checkMember, searchRegister } from './assist.ts'
import { decideCorrection, listCorrections } from './corrections.ts'
import { memberByHandEndpoints } from './endpoints.ts'

/** Endpoints by which the chamber enters and edits single members. */
export function memberByHandRoutes(
  app: App,
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'mailer' | 'companies' | 'log'>,
): void {
  addEndpoint(app, memberByHandEndpoints.createMember, ({ actor, params, body }) =>
    createMember(deps, actor, params.scheme, body),
  )

  addEndpoint(app, memberByHandEndpoints.editMember, ({ actor, params, body }) =>
    editMember(deps, actor, params.scheme, params.id, body),
  )

  addEndpoint(app, memberByHandEndpoints.addContact, ({ actor, params, body }) =>
    addContact(deps, actor, params.scheme, params.id, body),
  )

  addEndpoint(app, memberByHandEndpoints.checkMember, ({ actor, params, body }) =>
    checkMember(deps, actor, params.scheme, body),
  )

  addEndpoint(app, memberByHandEndpoints.listCorrections, ({ actor, params }) =>
    listCorrections(deps, actor, params.scheme),
  )

  addEndpoint(app, memberByHandEndpoints.decideCorrection, ({ actor, params, body }) =>
    decideCorrection(deps, actor, params.scheme, params.id, body),
  )

  addEndpoint(app, memberByHandEndpoints.searchRegister, ({ actor, params, query }) =>
    searchRegister(deps, actor, params.scheme, query.q),
  )
}
