import type { Deps } from '../../deps.ts'
import { type App, addEndpoint } from '../../platform/http.ts'
import { listRemarks } from '../compose/remarks.ts'
import { approveAlert, overrideAlert } from '../order/broadcast.ts'
import { rejectAlert, returnAlert, reviewAlert, submitAlert } from './actions.ts'
import { recordAuthorisation } from './authorise.ts'
import { approvalEndpoints } from './endpoints.ts'

type ApprovalDeps = Pick<Deps, 'db' | 'now' | 'newId' | 'live' | 'config'>

/** Serves the decisions of users other than the author: approval before an alert leaves, review of an override afterwards. */
export function approvalRoutes(app: App, deps: ApprovalDeps): void {
  addEndpoint(app, approvalEndpoints.listRemarks, (request) =>
    listRemarks(deps, request.actor, request.params.scheme, request.params.id),
  )

  addEndpoint(app, approvalEndpoints.submitAlert, (request) =>
    submitAlert(deps, request.actor, request.params.scheme, request.params.id, request.body),
  )

  addEndpoint(app, approvalEndpoints.returnAlert, (request) =>
    returnAlert(deps, request.actor, request.params.scheme, request.params.id, request.body),
  )

  addEndpoint(app, approvalEndpoints.rejectAlert, (request) =>
    rejectAlert(deps, request.actor, request.params.scheme, request.params.id, request.body),
  )

  addEndpoint(app, approvalEndpoints.approveAlert, (request) =>
    approveAlert(deps, request.actor, request.params.scheme, request.params.id, request.body),
  )

  addEndpoint(app, approvalEndpoints.overrideAlert, (request) =>
    overrideAlert(deps, request.actor, request.params.scheme, request.params.id, request.body),
  )

  addEndpoint(app, approvalEndpoints.reviewAlert, (request) =>
    reviewAlert(deps, request.actor, request.params.scheme, request.params.id, request.body),
  )

  addEndpoint(app, approvalEndpoints.recordAuthorisation, (request) =>
    recordAuthorisation(deps, request.actor, request.params.scheme, request.params.id, request.body),
  )
}
