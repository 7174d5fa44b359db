import type { Deps } from '../deps.ts'
import { type App, addEndpoint, langOfRequest } from '../platform/http/http.ts'
import { findCaller, getMember, listMemberAccesses, listMembers } from './actions.ts'
import { memberEndpoints } from './endpoints.ts'
import { setContactSms } from './opt-out/opt-out.ts'
import { setQuietHours } from './quiet-hours.ts'

export function memberRoutes(
  app: App,
  deps: Pick<Deps, 'database' | 'db' | 'now' | 'newId' | 'jobs' | 'mailer'>,
): void {
  addEndpoint(app, memberEndpoints.listMembers, (request) =>
    listMembers(deps, request.actor, request.params.scheme, request.query, langOfRequest(request)),
  )

  addEndpoint(app, memberEndpoints.getMember, (request) =>
    getMember(deps, request.actor, request.params.scheme, request.params.id),
  )

  addEndpoint(app, memberEndpoints.listMemberAccesses, (request) =>
    listMemberAccesses(deps, request.actor, request.params.scheme, request.params.id),
  )

  addEndpoint(app, memberEndpoints.setQuietHours, (request) =>
    setQuietHours(deps, request.actor, request.params.scheme, request.params.id, request.body),
  )

  addEndpoint(app, memberEndpoints.setContactSms, ({ actor, params, body }) =>
    setContactSms(deps, actor, params.scheme, { member: params.id, contact: params.contact }, body),
  )

  addEndpoint(app, memberEndpoints.findCaller, (request) =>
    findCaller(deps, request.actor, request.params.scheme, request.query.q),
  )
}
