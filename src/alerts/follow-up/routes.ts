import { z } from 'zod'
import { DeliveryQuery } from '../../deliveries/contract.ts'
import type { Deps } from '../../deps.ts'
import type { App } from '../../platform/http.ts'
import { listFollowUpRemarks } from '../compose/remarks.ts'
import {
  AlertReview,
  AlertView,
  NewAuthorisation,
  RemarkList,
  VersionRead,
  VersionReason,
} from '../contract.ts'
import { recordOutcome } from '../order/outcome.ts'
import { exportCap } from '../proof/export-cap.ts'
import { orderFollowUp, overrideFollowUp, previewFollowUp, submitFollowUp } from './actions.ts'
import {
  approveFollowUp,
  authoriseFollowUp,
  discardFollowUp,
  type FollowUpOf,
  refuseFollowUp,
  reviewFollowUp,
} from './approval.ts'
import { FollowUpPreview, NewFollowUp, NewOutcome, OverridingFollowUp } from './contract.ts'

const OneAlert = z.object({ scheme: z.string().max(64), id: z.uuid() })
const OneFollowUp = OneAlert.extend({ followUp: z.uuid() })
const of = ({ id, followUp }: z.infer<typeof OneFollowUp>): FollowUpOf => ({ alertId: id, id: followUp })

export function followUpRoutes(
  app: App,
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'live' | 'config'>,
  prefix: string,
): void {
  const tags = ['alerts']

  app.get(
    `${prefix}/alerts/:id/follow-ups/preview`,
    {
      config: { permission: 'audience.preview' },
      schema: {
        tags,
        summary: 'Whom an update, a correction or the all-clear would go to now',
        params: OneAlert,
        response: { 200: FollowUpPreview },
      },
    },
    (request) => previewFollowUp(deps, request.actor, request.params.scheme, request.params.id),
  )

  app.post(
    `${prefix}/alerts/:id/follow-ups`,
    {
      config: { permission: 'alert.follow_up' },
      schema: {
        tags,
        summary: 'Order an update, a correction or the all-clear to those who got the alert',
        params: OneAlert,
        body: NewFollowUp,
        response: { 201: AlertView },
      },
    },
    async (request, reply) => {
      const { scheme, id } = request.params
      const alert = await orderFollowUp(deps, request.actor, scheme, id, request.body)
      return reply.status(201).send(alert)
    },
  )

  app.post(
    `${prefix}/alerts/:id/follow-ups/submit`,
    {
      config: { permission: 'alert.follow_up' },
      schema: {
        tags: ['approval'],
        summary: 'Lay an update, a correction or an all-clear before a second person',
        params: OneAlert,
        body: NewFollowUp,
        response: { 201: AlertView },
      },
    },
    async (request, reply) => {
      const { scheme, id } = request.params
      const alert = await submitFollowUp(deps, request.actor, scheme, id, request.body)
      return reply.status(201).send(alert)
    },
  )

  app.post(
    `${prefix}/alerts/:id/follow-ups/override`,
    {
      config: { permission: 'alert.override' },
      schema: {
        tags: ['approval'],
        summary: 'Order one without the second person; another signs afterwards',
        params: OneAlert,
        body: OverridingFollowUp,
        response: { 201: AlertView },
      },
    },
    async (request, reply) => {
      const { scheme, id } = request.params
      const alert = await overrideFollowUp(deps, request.actor, scheme, id, request.body)
      return reply.status(201).send(alert)
    },
  )

  const followUp = `${prefix}/alerts/:id/follow-ups/:followUp`
  const answer = { tags: ['approval'], params: OneFollowUp, response: { 200: AlertView } }

  app.get(
    `${followUp}/remarks`,
    {
      config: { permission: 'alert.approve' },
      schema: {
        ...answer,
        summary: 'What the content guard says of a follow-up as it is',
        response: { 200: RemarkList },
      },
    },
    ({ actor, params }) => listFollowUpRemarks(deps, actor, params.scheme, of(params)),
  )

  app.post(
    `${followUp}/approve`,
    {
      config: { permission: 'alert.approve' },
      schema: {
        ...answer,
        summary: 'Approve a follow-up and order to send it, as the second person',
        body: VersionRead,
      },
    },
    ({ actor, params, body }) => approveFollowUp(deps, actor, params.scheme, of(params), body),
  )

  app.post(
    `${followUp}/return`,
    {
      config: { permission: 'alert.approve' },
      schema: {
        ...answer,
        summary: 'Give a follow-up back to its author, with what to change',
        body: VersionReason,
      },
    },
    ({ actor, params, body }) => refuseFollowUp(deps, actor, params.scheme, of(params), 'return', body),
  )

  app.post(
    `${followUp}/reject`,
    {
      config: { permission: 'alert.approve' },
      schema: { ...answer, summary: 'Refuse a follow-up for good', body: VersionReason },
    },
    ({ actor, params, body }) => refuseFollowUp(deps, actor, params.scheme, of(params), 'reject', body),
  )

  app.post(
    `${followUp}/discard`,
    {
      config: { permission: 'alert.follow_up' },
      schema: { ...answer, summary: 'Drop a follow-up that has not left', body: VersionRead },
    },
    ({ actor, params, body }) => discardFollowUp(deps, actor, params.scheme, of(params), body),
  )

  app.post(
    `${followUp}/review`,
    {
      config: { permission: 'alert.review' },
      schema: { ...answer, summary: 'Sign the review of a follow-up sent without', body: AlertReview },
    },
    ({ actor, params, body }) => reviewFollowUp(deps, actor, params.scheme, of(params), body),
  )

  app.post(
    `${followUp}/authorisation`,
    {
      config: { permission: 'authorisation.record' },
      schema: {
        ...answer,
        summary: "Record the prosecutor's authorisation, for the follow-up as it is",
        body: NewAuthorisation,
      },
    },
    ({ actor, params, body }) => authoriseFollowUp(deps, actor, params.scheme, of(params), body),
  )

  app.post(
    `${prefix}/alerts/:id/outcome`,
    {
      config: { permission: 'alert.follow_up' },
      schema: {
        tags,
        summary: 'Record what came of an alert that is over, and thank those who got it',
        params: OneAlert,
        body: NewOutcome,
        response: { 200: AlertView },
      },
    },
    (request) => recordOutcome(deps, request.actor, request.params.scheme, request.params.id, request.body),
  )

  app.get(
    `${prefix}/alerts/:id/cap.xml`,
    {
      config: { permission: 'alert.read_precise' },
      schema: {
        tags,
        summary: 'The last message of an alert, or one of them, in CAP 1.2 for a neighbouring system',
        params: OneAlert,
        querystring: DeliveryQuery.pick({ broadcast: true }),
      },
    },
    async (request, reply) => {
      const { scheme, id } = request.params
      const { name, xml } = await exportCap(deps, request.actor, scheme, id, request.query.broadcast)
      return reply
        .header('content-disposition', `attachment; filename="${name}.cap.xml"`)
        .type('application/cap+xml; charset=utf-8')
        .send(xml)
    },
  )
}
