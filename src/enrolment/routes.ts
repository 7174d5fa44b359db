import type { Deps } from '../deps.ts'
import { type App, addEndpoint } from '../platform/http/http.ts'
import { approveEnrolment, getEnrolment, listEnrolments, refuseEnrolment } from './approve.ts'
import { getSchemeContact, setSchemeContact } from './contact.ts'
import { enrolmentEndpoints } from './endpoints.ts'
import { getCharter, listCharters, publishCharter } from './publish.ts'
import { getEnrolmentSettings, setEnrolmentSettings } from './settings.ts'

/** Endpoints of requests to join, for the chamber and the trade chambers. */
export function enrolmentRoutes(
  app: App,
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'config' | 'mailer'>,
): void {
  addEndpoint(app, enrolmentEndpoints.listEnrolments, (request) =>
    listEnrolments(deps, request.actor, request.params.scheme, request.query),
  )
  addEndpoint(app, enrolmentEndpoints.getEnrolment, (request) =>
    getEnrolment(deps, request.actor, request.params.scheme, request.params.id),
  )
  addEndpoint(app, enrolmentEndpoints.approveEnrolment, (request) =>
    approveEnrolment(deps, request.actor, request.params.scheme, request.params.id, request.body),
  )
  addEndpoint(app, enrolmentEndpoints.refuseEnrolment, (request) =>
    refuseEnrolment(deps, request.actor, request.params.scheme, request.params.id, request.body),
  )
  addEndpoint(app, enrolmentEndpoints.getSchemeContact, ({ actor, params }) =>
    getSchemeContact(deps, actor, params.scheme),
  )

  addEndpoint(app, enrolmentEndpoints.setSchemeContact, ({ actor, params, body }) =>
    setSchemeContact(deps, actor, params.scheme, body),
  )

  addEndpoint(app, enrolmentEndpoints.getEnrolmentSettings, (request) =>
    getEnrolmentSettings(deps, request.actor, request.params.scheme),
  )
  addEndpoint(
    app,
    enrolmentEndpoints.setEnrolmentSettings,
    ({ actor, params, body: { reason, ...settings } }) =>
      setEnrolmentSettings(deps, actor, params.scheme, settings, reason),
  )
  addEndpoint(app, enrolmentEndpoints.listCharters, (request) =>
    listCharters(deps, request.actor, request.params.scheme),
  )
  addEndpoint(app, enrolmentEndpoints.getCharter, (request) =>
    getCharter(deps, request.actor, request.params.scheme, request.params.version),
  )
  addEndpoint(app, enrolmentEndpoints.publishCharter, (request) =>
    publishCharter(deps, request.actor, request.params.scheme, request.body),
  )
}
