import type { Deps } from '../deps.ts'
import type { Auth } from '../identity/auth.ts'
import { requireSession } from '../identity/passkeys/passkeys.ts'
import { authHeaders, endFormer, setCookies, viewNewSession } from '../identity/routes.ts'
import type { Sessions } from '../identity/sessions/session.ts'
import { type App, addEndpoint, langOfRequest } from '../platform/http/http.ts'
import type { PeopleDeps } from './act.ts'
import { disablePerson, enablePerson } from './closing.ts'
import { peopleEndpoints } from './endpoints.ts'
import { acceptInvitation, readInvitation } from './invitations/invitations.ts'
import { inviteAgain, invitePerson, withdrawInvitation } from './invitations/invite.ts'
import { listPeople } from './list.ts'
import { recoverPerson } from './recovery.ts'
import { changeRole, removeRole } from './roles/roles.ts'
import { endOwnSessions, endPersonSessions, listOwnSessions, listPersonSessions } from './sessions.ts'

/** Registers the endpoints of the people with a role in a scheme, and of the links that open their accounts. */
export function peopleRoutes(
  app: App,
  deps: PeopleDeps & Pick<Deps, 'secret'>,
  identity: { readonly auth: Auth; readonly sessions: Sessions },
): void {
  const personOf = ({ params }: { params: { scheme: string; user: string } }) => ({
    schemeId: params.scheme,
    userId: params.user,
  })

  addEndpoint(app, peopleEndpoints.listPeople, ({ actor, params }) => listPeople(deps, actor, params.scheme))

  addEndpoint(app, peopleEndpoints.invitePerson, ({ actor, params, body }) =>
    invitePerson(deps, actor, params.scheme, body),
  )

  addEndpoint(app, peopleEndpoints.inviteAgain, (request) =>
    inviteAgain(deps, request.actor, personOf(request)),
  )

  addEndpoint(app, peopleEndpoints.withdrawInvitation, (request) =>
    withdrawInvitation(deps, request.actor, personOf(request)),
  )

  addEndpoint(app, peopleEndpoints.changeRole, (request) =>
    changeRole(deps, request.actor, personOf(request), request.body),
  )

  addEndpoint(app, peopleEndpoints.removeRole, (request) =>
    removeRole(deps, request.actor, personOf(request), request.body),
  )

  addEndpoint(app, peopleEndpoints.disablePerson, async (request) => {
    await disablePerson(deps, request.actor, personOf(request), request.body)
  })

  addEndpoint(app, peopleEndpoints.enablePerson, async (request) => {
    await enablePerson(deps, request.actor, personOf(request))
  })

  addEndpoint(app, peopleEndpoints.recoverPerson, (request) =>
    recoverPerson(deps, request.actor, personOf(request)),
  )

  addEndpoint(app, peopleEndpoints.listPersonSessions, async (request) => ({
    sessions: await listPersonSessions(deps, request.actor, personOf(request)),
  }))

  addEndpoint(app, peopleEndpoints.endPersonSessions, async (request) => {
    await endPersonSessions(deps, request.actor, personOf(request), request.body)
    return { sessions: await listPersonSessions(deps, request.actor, personOf(request)) }
  })

  addEndpoint(app, peopleEndpoints.listOwnSessions, ({ actor }) =>
    listOwnSessions(deps, requireSession(actor)),
  )

  addEndpoint(app, peopleEndpoints.endOwnSessions, async (request) => {
    const actor = requireSession(request.actor)
    await endOwnSessions(deps, actor, request.body)
    return listOwnSessions(deps, actor)
  })

  addEndpoint(app, peopleEndpoints.readInvitation, ({ body }) => readInvitation(deps, body.token))

  addEndpoint(app, peopleEndpoints.acceptInvitation, async (request, reply) => {
    const cookies = await acceptInvitation(deps, identity.auth, request.body, authHeaders(request))
    await endFormer(identity, request)
    setCookies(reply, cookies)
    return viewNewSession(deps, identity.sessions, cookies, langOfRequest(request))
  })
}
