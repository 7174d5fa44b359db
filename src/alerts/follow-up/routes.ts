import type { z } from 'zod'
import type { Deps } from '../../deps.ts'
import { type App, addEndpoint } from '../../platform/http/http.ts'
import { authoriseMessage, rejectMessage, returnMessage, reviewMessage } from '../approval/actions.ts'
import { askAuthorisation, declineAuthorisation } from '../approval/ask.ts'
import { listFollowUpRemarks } from '../compose/remarks.ts'
import { recordOutcome } from '../order/outcome.ts'
import { exportCap } from '../proof/export-cap.ts'
import {
  approveFollowUp,
  discardFollowUp,
  orderFollowUp,
  overrideFollowUp,
  previewFollowUp,
  sendUnansweredFollowUp,
  submitFollowUp,
} from './actions.ts'
import { followUpApprovalEndpoints, followUpEndpoints, type OneFollowUp } from './endpoints.ts'
import type { FollowUpOf } from './order.ts'

const of = ({ id, followUp }: z.infer<typeof OneFollowUp>): FollowUpOf => ({
  alertId: id,
  followUpId: followUp,
})

export function followUpRoutes(
  app: App,
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'live' | 'config' | 'jobs' | 'mailer'>,
): void {
  addEndpoint(app, followUpEndpoints.previewFollowUp, (request) =>
    previewFollowUp(deps, request.actor, request.params.scheme, request.params.id),
  )

  addEndpoint(app, followUpEndpoints.orderFollowUp, ({ actor, params, body }) =>
    orderFollowUp(deps, actor, params.scheme, params.id, body),
  )

  addEndpoint(app, followUpApprovalEndpoints.submitFollowUp, ({ actor, params, body }) =>
    submitFollowUp(deps, actor, params.scheme, params.id, body),
  )

  addEndpoint(app, followUpApprovalEndpoints.overrideFollowUp, ({ actor, params, body }) =>
    overrideFollowUp(deps, actor, params.scheme, params.id, body),
  )

  addEndpoint(app, followUpApprovalEndpoints.listFollowUpRemarks, ({ actor, params }) =>
    listFollowUpRemarks(deps, actor, params.scheme, of(params)),
  )

  addEndpoint(app, followUpApprovalEndpoints.approveFollowUp, ({ actor, params, body }) =>
    approveFollowUp(deps, actor, params.scheme, of(params), body),
  )

  addEndpoint(app, followUpApprovalEndpoints.sendUnansweredFollowUp, ({ actor, params, body }) =>
    sendUnansweredFollowUp(deps, actor, params.scheme, of(params), body),
  )

  addEndpoint(app, followUpApprovalEndpoints.returnFollowUp, ({ actor, params, body }) =>
    returnMessage(deps, actor, params.scheme, of(params), body),
  )

  addEndpoint(app, followUpApprovalEndpoints.rejectFollowUp, ({ actor, params, body }) =>
    rejectMessage(deps, actor, params.scheme, of(params), body),
  )

  addEndpoint(app, followUpApprovalEndpoints.discardFollowUp, ({ actor, params, body }) =>
    discardFollowUp(deps, actor, params.scheme, of(params), body),
  )

  addEndpoint(app, followUpApprovalEndpoints.reviewFollowUp, ({ actor, params, body }) =>
    reviewMessage(deps, actor, params.scheme, of(params), body),
  )

  addEndpoint(app, followUpApprovalEndpoints.askFollowUpAuthorisation, ({ actor, params, body }) =>
    askAuthorisation(deps, actor, params.scheme, of(params), body),
  )

  addEndpoint(app, followUpApprovalEndpoints.declineFollowUpAuthorisation, ({ actor, params, body }) =>
    declineAuthorisation(deps, actor, params.scheme, of(params), body),
  )

  addEndpoint(app, followUpApprovalEndpoints.authoriseFollowUp, ({ actor, params, body }) =>
    authoriseMessage(deps, actor, params.scheme, of(params), body),
  )

  addEndpoint(app, followUpEndpoints.recordOutcome, (request) =>
    recordOutcome(deps, request.actor, request.params.scheme, request.params.id, request.body),
  )

  addEndpoint(app, followUpEndpoints.exportCap, async (request, reply) => {
    const { scheme, id } = request.params
    const { name, xml } = await exportCap(deps, request.actor, scheme, id, request.query.broadcast)
    return reply
      .header('content-disposition', `attachment; filename="${name}.cap.xml"`)
      .type('application/cap+xml; charset=utf-8')
      .send(xml)
  })
}
