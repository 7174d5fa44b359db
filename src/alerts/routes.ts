import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { z } from 'zod'
import { DeliveryExplanation, DeliveryQuery } from '../deliveries/contract.ts'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { may } from '../permissions.ts'
import { type App, langOfRequest, openEventStream } from '../platform/http.ts'
import { findTrade } from '../schemes/trades.ts'
import { approvalRoutes } from './approval/routes.ts'
import { previewAudience } from './audience/preview.ts'
import { listSpared, previewSpared } from './audience/spared.ts'
import { createAlert, discardAlert, updateAlert } from './compose/draft.ts'
import { explainAlertDelivery } from './compose/explain.ts'
import { getGuardFacts } from './compose/guard-facts.ts'
import {
  AlertList,
  AlertPage,
  AlertQuery,
  AlertView,
  AudienceQuery,
  AudienceView,
  BroadcastOrder,
  ChangedAlert,
  DeliveryList,
  GuardFactsView,
  NearList,
  NearQuery,
  NewAlert,
  RecentAlertList,
  SparedList,
  SparedPage,
} from './contract.ts'
import { followUpRoutes } from './follow-up/routes.ts'
import { createLiveFeed, RETRY_SECONDS, type Watcher } from './live/live.ts'
import { exportDeliveries, getAlert, listAlerts, listDeliveries } from './live/read.ts'
import { listRecentAlerts } from './live/recent.ts'
import { listNear } from './near/actions.ts'
import { observerRoutes } from './observers/routes.ts'
import { broadcastAlert } from './order/broadcast.ts'
import { endAlert, stopAlert } from './order/close.ts'

type AlertDeps = Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'live' | 'log' | 'config'>

const InScheme = z.object({ scheme: z.string().max(64) })
const OneAlert = InScheme.extend({ id: z.uuid() })
/** Of an alert with several messages, which one; the first when absent. */
const OneBroadcast = DeliveryQuery.pick({ broadcast: true })
const OneDelivery = OneAlert.extend({ no: z.coerce.number().int().min(1).max(2_147_483_647) })

export function alertRoutes(app: App, deps: AlertDeps): void {
  const prefix = '/api/schemes/:scheme'
  draftRoutes(app, deps, prefix)
  orderRoutes(app, deps, prefix)
  approvalRoutes(app, deps)
  followUpRoutes(app, deps, prefix)
  observerRoutes(app, deps, prefix)
  readingRoutes(app, deps, prefix)
  liveRoute(app, deps, prefix)
}

function draftRoutes(app: App, deps: AlertDeps, prefix: string): void {
  const tags = ['alerts']

  app.post(
    `${prefix}/audience/preview`,
    {
      config: { permission: 'audience.preview' },
      schema: {
        tags,
        summary: 'Exactly whom a broadcast would reach now',
        params: InScheme,
        body: AudienceQuery,
        response: { 200: AudienceView },
      },
    },
    (request) => previewAudience(deps, request.actor, request.params.scheme, request.body),
  )

  app.post(
    `${prefix}/audience/held-back`,
    {
      config: { permission: 'audience.preview' },
      schema: {
        tags,
        summary: 'Whom a broadcast would leave in peace now, and why, numbers masked',
        params: InScheme,
        querystring: SparedPage,
        body: AudienceQuery,
        response: { 200: SparedList },
      },
    },
    (request) => previewSpared(deps, request.actor, request.params.scheme, request.body, request.query),
  )

  app.get(
    `${prefix}/guard-facts`,
    {
      config: { permission: 'alert.compose' },
      schema: {
        tags,
        summary: 'What the content guard must know of the scheme: its members, its places, its advice',
        params: InScheme,
        response: { 200: GuardFactsView, 304: z.undefined() },
      },
    },
    async (request, reply) => {
      const facts = await getGuardFacts(deps, request.actor, request.params.scheme)
      // Weak: the same facts, compressed or not.
      const etag = `W/"${createHash('sha256').update(JSON.stringify(facts)).digest('base64url')}"`
      reply.header('etag', etag)
      // Thousands of names: sent again only when one of them changed.
      return request.headers['if-none-match'] === etag ? reply.status(304).send(undefined) : reply.send(facts)
    },
  )

  app.post(
    `${prefix}/alerts/near`,
    {
      config: { permission: 'audience.preview' },
      schema: {
        tags,
        summary:
          'Alerts that may be about the same incident: within 30 minutes and 5 km, of like category or words',
        params: InScheme,
        body: NearQuery,
        response: { 200: NearList },
      },
    },
    (request) => listNear(deps, request.actor, request.params.scheme, request.body),
  )

  app.post(
    `${prefix}/alerts`,
    {
      config: { permission: 'alert.compose' },
      schema: {
        tags,
        summary: 'Begin the alert of a waiting report, or go on with its draft',
        params: InScheme,
        body: NewAlert,
        response: { 201: AlertView },
      },
    },
    async (request, reply) => {
      const alert = await createAlert(deps, request.actor, request.params.scheme, request.body)
      return reply.status(201).send(alert)
    },
  )

  app.put(
    `${prefix}/alerts/:id`,
    {
      config: { permission: 'alert.compose' },
      schema: {
        tags,
        summary: 'Change a draft',
        params: OneAlert,
        body: ChangedAlert,
        response: { 200: AlertView },
      },
    },
    (request) => updateAlert(deps, request.actor, request.params.scheme, request.params.id, request.body),
  )

  app.post(
    `${prefix}/alerts/:id/discard`,
    {
      config: { permission: 'alert.compose' },
      schema: {
        tags,
        summary: 'Put a draft aside: its report waits again',
        params: OneAlert,
        response: { 200: AlertView },
      },
    },
    (request) => discardAlert(deps, request.actor, request.params.scheme, request.params.id),
  )
}

function orderRoutes(app: App, deps: AlertDeps, prefix: string): void {
  const tags = ['alerts']

  app.post(
    `${prefix}/alerts/:id/broadcast`,
    {
      config: { permission: 'alert.broadcast' },
      schema: {
        tags,
        summary: 'Order to send the version that was read',
        params: OneAlert,
        body: BroadcastOrder,
        response: { 200: AlertView },
      },
    },
    (request) => broadcastAlert(deps, request.actor, request.params.scheme, request.params.id, request.body),
  )

  app.post(
    `${prefix}/alerts/:id/stop`,
    {
      config: { permission: 'alert.stop' },
      schema: {
        tags,
        summary: 'Withdraw what has not left',
        params: OneAlert,
        response: { 200: AlertView },
      },
    },
    (request) => stopAlert(deps, request.actor, request.params.scheme, request.params.id),
  )

  app.post(
    `${prefix}/alerts/:id/end`,
    {
      config: { permission: 'alert.close' },
      schema: { tags, summary: 'The alert is over', params: OneAlert, response: { 200: AlertView } },
    },
    (request) => endAlert(deps, request.actor, request.params.scheme, request.params.id),
  )
}

function readingRoutes(app: App, deps: AlertDeps, prefix: string): void {
  const tags = ['alerts']

  app.get(
    `${prefix}/alerts`,
    {
      config: { permission: 'alert.read' },
      schema: {
        tags,
        summary: 'Alerts, latest first',
        params: InScheme,
        querystring: AlertQuery,
        response: { 200: AlertList },
      },
    },
    (request) => listAlerts(deps, request.actor, request.params.scheme, request.query),
  )

  app.get(
    `${prefix}/alerts/recent`,
    {
      config: { permission: 'alert.read' },
      schema: {
        tags,
        summary: 'Alerts that left in the last seven days, as the map shows them, exercises left out',
        params: InScheme,
        response: { 200: RecentAlertList },
      },
    },
    (request) => listRecentAlerts(deps, request.actor, request.params.scheme),
  )

  app.get(
    `${prefix}/alerts/:id`,
    {
      config: { permission: 'alert.read' },
      schema: {
        tags,
        summary: 'One alert with its timeline, curve and communes',
        params: OneAlert,
        response: { 200: AlertPage },
      },
    },
    (request) => getAlert(deps, request.actor, request.params.scheme, request.params.id),
  )

  app.get(
    `${prefix}/alerts/:id/held-back`,
    {
      config: { permission: 'delivery.read' },
      schema: {
        tags,
        summary: 'Whom an alert left in peace, why, and when each was told, numbers masked',
        params: OneAlert,
        querystring: SparedPage,
        response: { 200: SparedList },
      },
    },
    (request) => listSpared(deps, request.actor, request.params.scheme, request.params.id, request.query),
  )

  app.get(
    `${prefix}/alerts/:id/deliveries`,
    {
      config: { permission: 'delivery.read' },
      schema: {
        tags,
        summary: 'What became of each message, numbers masked',
        params: OneAlert,
        querystring: DeliveryQuery,
        response: { 200: DeliveryList },
      },
    },
    (request) =>
      listDeliveries(
        deps,
        request.actor,
        request.params.scheme,
        request.params.id,
        request.query,
        langOfRequest(request),
      ),
  )

  app.get(
    `${prefix}/alerts/:id/deliveries/:no`,
    {
      config: { permission: 'delivery.read' },
      schema: {
        tags,
        summary: 'Everything that happened to one message: each attempt, by which route, with which answer',
        params: OneDelivery,
        querystring: OneBroadcast,
        response: { 200: DeliveryExplanation },
      },
    },
    (request) =>
      explainAlertDelivery(
        deps,
        request.actor,
        request.params.scheme,
        request.params.id,
        request.params.no,
        langOfRequest(request),
        request.query.broadcast,
      ),
  )

  app.get(
    `${prefix}/alerts/:id/deliveries.csv`,
    {
      config: { permission: 'delivery.read' },
      schema: {
        tags,
        summary: 'The same as a CSV file, semicolons, UTF-8',
        params: OneAlert,
        querystring: OneBroadcast,
      },
    },
    async (request, reply) => {
      const lang = langOfRequest(request)
      const nameOf = (code: string) => {
        const trade = findTrade(code)
        return (lang === 'fr' ? trade?.nameFr : trade?.nameEn) ?? code
      }
      const { reference, pieces } = await exportDeliveries(
        deps,
        request.actor,
        request.params.scheme,
        request.params.id,
        { lang, tradeName: nameOf },
        request.query.broadcast,
      )
      return reply
        .header('content-disposition', `attachment; filename="${reference}.csv"`)
        .type('text/csv; charset=utf-8')
        .send(Readable.from(pieces))
    },
  )
}

function liveRoute(app: App, deps: AlertDeps, prefix: string): void {
  const feed = createLiveFeed(deps)

  app.get(
    `${prefix}/live`,
    {
      config: { permission: 'alert.read' },
      schema: { tags: ['alerts'], summary: 'What changes, as server-sent events', params: InScheme },
    },
    (request, reply) => {
      const { scheme } = request.params
      let send: Watcher['send'] = () => {}
      const leave = feed.watch(scheme, {
        memberId: null,
        reports: may(request.actor, 'report.read', scheme),
        send: (message) => send(message),
      })
      if (leave === undefined) throw new AppError('rate_limited', { values: { seconds: RETRY_SECONDS } })
      const stream = openEventStream(request, reply, leave)
      send = (message) => stream.send(message, message.type)
    },
  )
}
