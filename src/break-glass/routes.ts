import type { Auth } from '../identity/auth.ts'
import { authHeaders, endFormer, setCookies, viewNewSession } from '../identity/routes.ts'
import type { Sessions } from '../identity/sessions/session.ts'
import { type App, addEndpoint } from '../platform/http/http.ts'
import { closeBreakGlass, endOwnBreakGlass } from './close.ts'
import { breakGlassEndpoints } from './endpoints.ts'
import { liftRequiredSignIn, listLockedSchemes } from './lift.ts'
import { type OpenDeps, openBreakGlass } from './open.ts'
import { getBreakGlass, getBreakGlassStatus, sealBreakGlass } from './seal.ts'

/** Registers the endpoints of the break-glass account. */
export function breakGlassRoutes(
  app: App,
  deps: OpenDeps,
  identity: { readonly auth: Auth; readonly sessions: Sessions },
): void {
  addEndpoint(app, breakGlassEndpoints.openBreakGlass, async (request, reply) => {
    const from = { headers: authHeaders(request), address: request.ip }
    const cookies = await openBreakGlass(deps, identity.auth, request.body, from)
    await endFormer(identity, request)
    setCookies(reply, cookies)
    return viewNewSession(deps, identity.sessions, cookies)
  })

  addEndpoint(app, breakGlassEndpoints.getBreakGlass, ({ actor }) => getBreakGlass(deps, actor))

  addEndpoint(app, breakGlassEndpoints.endOwnBreakGlass, ({ actor }) => endOwnBreakGlass(deps, actor))

  addEndpoint(app, breakGlassEndpoints.closeBreakGlass, ({ actor }) => closeBreakGlass(deps, actor))

  addEndpoint(app, breakGlassEndpoints.getBreakGlassStatus, ({ actor }) => getBreakGlassStatus(deps, actor))

  addEndpoint(app, breakGlassEndpoints.sealBreakGlass, ({ actor }) => sealBreakGlass(deps, actor))

  addEndpoint(app, breakGlassEndpoints.listLockedSchemes, ({ actor }) => listLockedSchemes(deps, actor))

  addEndpoint(app, breakGlassEndpoints.liftRequiredSignIn, ({ actor, params }) =>
    liftRequiredSignIn(deps, actor, params.scheme),
  )
}
