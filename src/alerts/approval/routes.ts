import type { Deps } from '../../deps.ts'
import { type App, addEndpoint } from '../../platform/http/http.ts'
import { listRemarks } from '../compose/remarks.ts'
import { approveAlert, overrideAlert, sendUnanswered } from '../order/broadcast.ts'
import {
  authoriseMessage,
  getReturnedVersion,
  rejectMessage,
  returnMessage,
  reviewMessage,
  submitAlert,
} from './actions.ts'
import { askAuthorisation, declineAuthorisation } from './ask.ts'
import { approvalEndpoints } from './endpoints.ts'
import { firstMessageOf } from './messages.ts'

type ApprovalDeps = Pick<Deps, 'db' | 'now' | 'newId' | 'live' | 'config' | 'jobs' | 'mailer' | 'planned'>

/** Serves the decisions of users other than the author: approval before an alert leaves, review of an override afterwards. */
export function approvalRoutes(app: App, deps: ApprovalDeps): void {
  addEndpoint(app, approvalEndpoints.listRemarks, (request) =>
    listRemarks(deps, request.actor, request.params.scheme, request.params.id),
  )

  addEndpoint(app, approvalEndpoints.getReturnedVersion, ({ actor, params }) =>
    getReturnedVersion(deps, actor, params.scheme, params.id),
  )

  addEndpoint(app, approvalEndpoints.sendUnanswered, ({ actor, params, body }) =>
    sendUnanswered(deps, actor, params.scheme, params.id, body),
  )

  addEndpoint(app, approvalEndpoints.submitAlert, (request) =>
    submitAlert(deps, request.actor, request.params.scheme, request.params.id, request.body),
  )

  addEndpoint(app, approvalEndpoints.returnAlert, ({ actor, params, body }) =>
    returnMessage(deps, actor, params.scheme, firstMessageOf(params.id), body),
  )

  addEndpoint(app, approvalEndpoints.rejectAlert, ({ actor, params, body }) =>
    rejectMessage(deps, actor, params.scheme, firstMessageOf(params.id), body),
  )

  addEndpoint(app, approvalEndpoints.approveAlert, (request) =>
    approveAlert(deps, request.actor, request.params.scheme, request.params.id, request.body),
  )

  addEndpoint(app, approvalEndpoints.overrideAlert, (request) =>
    overrideAlert(deps, request.actor, request.params.scheme, request.params.id, request.body),
  )

  addEndpoint(app, approvalEndpoints.reviewAlert, ({ actor, params, body }) =>
    reviewMessage(deps, actor, params.scheme, firstMessageOf(params.id), body),
  )

  addEndpoint(app, approvalEndpoints.askAuthorisation, ({ actor, params, body }) =>
    askAuthorisation(deps, actor, params.scheme, firstMessageOf(params.id), body),
  )

  addEndpoint(app, approvalEndpoints.declineAuthorisation, ({ actor, params, body }) =>
    declineAuthorisation(deps, actor, params.scheme, firstMessageOf(params.id), body),
  )

  addEndpoint(app, approvalEndpoints.recordAuthorisation, ({ actor, params, body }) =>
    authoriseMessage(deps, actor, params.scheme, firstMessageOf(params.id), body),
  )
}
