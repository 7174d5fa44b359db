import { z } from 'zod'
import type { Deps } from '../../deps.ts'
import type { App } from '../../platform/http.ts'
import { listRemarks } from '../compose/remarks.ts'
import {
  AlertRequest,
  AlertReview,
  AlertView,
  BroadcastOrder,
  NewAuthorisation,
  OverrideOrder,
  RemarkList,
  VersionReason,
} from '../contract.ts'
import { approveAlert, overrideAlert } from '../order/broadcast.ts'
import { rejectAlert, returnAlert, reviewAlert, submitAlert } from './actions.ts'
import { recordAuthorisation } from './authorise.ts'

type ApprovalDeps = Pick<Deps, 'db' | 'now' | 'newId' | 'live' | 'config'>

const OneAlert = z.object({ scheme: z.string().max(64), id: z.uuid() })

/** What others than its author say of an alert before it leaves, and afterwards of one that left without them. */
export function approvalRoutes(app: App, deps: ApprovalDeps): void {
  const alert = '/api/schemes/:scheme/alerts/:id'
  const schema = { tags: ['approval'], params: OneAlert, response: { 200: AlertView } }

  app.get(
    `${alert}/remarks`,
    {
      config: { permission: 'alert.approve' },
      schema: {
        ...schema,
        summary: 'What the content guard says of it as it is',
        response: { 200: RemarkList },
      },
    },
    (request) => listRemarks(deps, request.actor, request.params.scheme, request.params.id),
  )

  app.post(
    `${alert}/submit`,
    {
      config: { permission: 'alert.submit' },
      schema: { ...schema, summary: 'Lay an alert before a second person', body: AlertRequest },
    },
    (request) => submitAlert(deps, request.actor, request.params.scheme, request.params.id, request.body),
  )

  app.post(
    `${alert}/return`,
    {
      config: { permission: 'alert.approve' },
      schema: { ...schema, summary: 'Give it back to its author, with what to change', body: VersionReason },
    },
    (request) => returnAlert(deps, request.actor, request.params.scheme, request.params.id, request.body),
  )

  app.post(
    `${alert}/reject`,
    {
      config: { permission: 'alert.approve' },
      schema: {
        ...schema,
        summary: 'Refuse it for good: its report waits for a decision again',
        body: VersionReason,
      },
    },
    (request) => rejectAlert(deps, request.actor, request.params.scheme, request.params.id, request.body),
  )

  app.post(
    `${alert}/approve`,
    {
      config: { permission: 'alert.approve' },
      schema: {
        ...schema,
        summary: 'Approve it and order to send it, as the second person',
        body: BroadcastOrder,
      },
    },
    (request) => approveAlert(deps, request.actor, request.params.scheme, request.params.id, request.body),
  )

  app.post(
    `${alert}/override`,
    {
      config: { permission: 'alert.override' },
      schema: {
        ...schema,
        summary: 'Order to send it without the second person; another signs afterwards',
        body: OverrideOrder,
      },
    },
    (request) => overrideAlert(deps, request.actor, request.params.scheme, request.params.id, request.body),
  )

  app.post(
    `${alert}/review`,
    {
      config: { permission: 'alert.review' },
      schema: { ...schema, summary: 'Sign the review of an override', body: AlertReview },
    },
    (request) => reviewAlert(deps, request.actor, request.params.scheme, request.params.id, request.body),
  )

  app.post(
    `${alert}/authorisation`,
    {
      config: { permission: 'authorisation.record' },
      schema: {
        ...schema,
        summary: "Record the prosecutor's authorisation, for the content as it is",
        body: NewAuthorisation,
      },
    },
    (request) =>
      recordAuthorisation(deps, request.actor, request.params.scheme, request.params.id, request.body),
  )
}
