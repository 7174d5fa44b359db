import { z } from 'zod'
import { DeliveryQuery } from '../deliveries/contract.ts'
import type { Deps } from '../deps.ts'
import type { App } from '../platform/http.ts'
import { exportCap } from './actions/export-cap.ts'
import { orderFollowUp, previewFollowUp, recordOutcome } from './actions/follow-up.ts'
import { AlertView } from './contract.ts'
import { FollowUpPreview, NewFollowUp, NewOutcome } from './follow-up-contract.ts'

const OneAlert = z.object({ scheme: z.string().max(64), id: z.uuid() })

export function followUpRoutes(
  app: App,
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'live' | 'config'>,
  prefix: string,
): void {
  const tags = ['alerts']

  app.get(
    `${prefix}/alerts/:id/follow-ups/preview`,
    {
      config: { permission: 'alert.follow_up' },
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
        .header('cache-control', 'no-store')
        .type('application/cap+xml; charset=utf-8')
        .send(xml)
    },
  )
}
