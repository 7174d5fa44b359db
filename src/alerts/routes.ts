import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { may } from '../permissions.ts'
import { type App, addEndpoint, langOfRequest, openEventStream } from '../platform/http/http.ts'
import { findTrade, type Trade } from '../schemes/trades/trades.ts'
import { approvalRoutes } from './approval/routes.ts'
import { listHeldBackOf, previewHeldBack } from './audience/held-back-list.ts'
import { previewAudience } from './audience/preview.ts'
import { listSectorAlerts, previewDoctrine } from './compose/affected.ts'
import { createAlert, discardAlert, updateAlert } from './compose/draft.ts'
import { explainAlertDelivery } from './compose/explain.ts'
import { getGuardFacts } from './compose/guard-facts.ts'
import { passWords } from './compose/pass.ts'
import { alertEndpoints } from './endpoints.ts'
import { followUpRoutes } from './follow-up/routes.ts'
import { createLiveFeed, RETRY_SECONDS, type Watcher } from './live/live.ts'
import { exportDeliveries, getAlert, listAlerts, listCurrentAlerts, listDeliveries } from './live/read.ts'
import { listRecentAlerts } from './live/recent.ts'
import { confirmRoutes, magistrateRoutes } from './magistrates/routes.ts'
import { listNear } from './near/actions.ts'
import { observerRoutes } from './observers/routes.ts'
import { broadcastAlert } from './order/broadcast.ts'
import { endAlert, stopAlert } from './order/close.ts'

type AlertDeps = Pick<
  Deps,
  'db' | 'now' | 'newId' | 'jobs' | 'live' | 'log' | 'config' | 'secret' | 'mailer' | 'planned'
>

export function alertRoutes(app: App, deps: AlertDeps): void {
  draftRoutes(app, deps)
  orderRoutes(app, deps)
  approvalRoutes(app, deps)
  followUpRoutes(app, deps)
  magistrateRoutes(app, deps)
  confirmRoutes(app, deps)
  observerRoutes(app, deps)
  readingRoutes(app, deps)
  liveRoute(app, deps)
}

function draftRoutes(app: App, deps: AlertDeps): void {
  addEndpoint(app, alertEndpoints.previewAudience, (request) =>
    previewAudience(deps, request.actor, request.params.scheme, request.body),
  )

  addEndpoint(app, alertEndpoints.previewHeldBack, (request) =>
    previewHeldBack(deps, request.actor, request.params.scheme, request.body, request.query),
  )

  addEndpoint(app, alertEndpoints.getGuardFacts, async (request, reply) => {
    const facts = await getGuardFacts(deps, request.actor, request.params.scheme)
    // Weak, since the same facts may be compressed or not.
    const etag = `W/"${createHash('sha256').update(JSON.stringify(facts)).digest('base64url')}"`
    reply.header('etag', etag)
    // Thousands of names: sent again only when one of them changed.
    return request.headers['if-none-match'] === etag ? reply.status(304).send(undefined) : reply.send(facts)
  })

  addEndpoint(app, alertEndpoints.passWords, ({ actor, params, body }) =>
    passWords(deps, actor, params.scheme, params.id, body),
  )

  addEndpoint(
    app,
    alertEndpoints.previewDoctrine,
    ({ actor, params, body: { version: _, reason: __, ...changes } }) =>
      previewDoctrine(deps, actor, params.scheme, changes),
  )

  addEndpoint(app, alertEndpoints.listSectorAlerts, ({ actor, params }) =>
    listSectorAlerts(deps, actor, params.scheme, params.id),
  )

  addEndpoint(app, alertEndpoints.listNear, (request) =>
    listNear(deps, request.actor, request.params.scheme, request.body),
  )

  addEndpoint(app, alertEndpoints.createAlert, (request) =>
    createAlert(deps, request.actor, request.params.scheme, request.body),
  )

  addEndpoint(app, alertEndpoints.updateAlert, (request) =>
    updateAlert(deps, request.actor, request.params.scheme, request.params.id, request.body),
  )

  addEndpoint(app, alertEndpoints.discardAlert, (request) =>
    discardAlert(deps, request.actor, request.params.scheme, request.params.id),
  )
}

function orderRoutes(app: App, deps: AlertDeps): void {
  addEndpoint(app, alertEndpoints.broadcastAlert, (request) =>
    broadcastAlert(deps, request.actor, request.params.scheme, request.params.id, request.body),
  )

  addEndpoint(app, alertEndpoints.stopAlert, (request) =>
    stopAlert(deps, request.actor, request.params.scheme, request.params.id),
  )

  addEndpoint(app, alertEndpoints.endAlert, (request) =>
    endAlert(deps, request.actor, request.params.scheme, request.params.id),
  )
}

function readingRoutes(app: App, deps: AlertDeps): void {
  addEndpoint(app, alertEndpoints.listAlerts, (request) =>
    listAlerts(deps, request.actor, request.params.scheme, request.query),
  )

  addEndpoint(app, alertEndpoints.listCurrentAlerts, (request) =>
    listCurrentAlerts(deps, request.actor, request.params.scheme),
  )

  addEndpoint(app, alertEndpoints.listRecentAlerts, (request) =>
    listRecentAlerts(deps, request.actor, request.params.scheme),
  )

  addEndpoint(app, alertEndpoints.getAlert, (request) =>
    getAlert(deps, request.actor, request.params.scheme, request.params.id),
  )

  addEndpoint(app, alertEndpoints.listHeldBackOf, (request) =>
    listHeldBackOf(deps, request.actor, request.params.scheme, request.params.id, request.query),
  )

  addEndpoint(app, alertEndpoints.listDeliveries, (request) =>
    listDeliveries(deps, request.actor, request.params.scheme, request.params.id, {
      query: request.query,
      lang: langOfRequest(request),
    }),
  )

  addEndpoint(app, alertEndpoints.explainAlertDelivery, (request) =>
    explainAlertDelivery(deps, request.actor, request.params.scheme, request.params.id, {
      no: request.params.no,
      lang: langOfRequest(request),
      broadcastId: request.query.broadcast,
    }),
  )

  addEndpoint(app, alertEndpoints.exportDeliveries, async (request, reply) => {
    const lang = langOfRequest(request)
    const nameOf = (code: string, own: readonly Trade[]) => {
      const trade = findTrade(code, own)
      return (lang === 'fr' ? trade?.nameFr : trade?.nameEn) ?? code
    }
    const { reference, pieces } = await exportDeliveries(
      deps,
      request.actor,
      request.params.scheme,
      request.params.id,
      { labels: { lang, tradeName: nameOf }, broadcastId: request.query.broadcast },
    )
    return reply
      .header('content-disposition', `attachment; filename="${reference}.csv"`)
      .type('text/csv; charset=utf-8')
      .send(Readable.from(pieces))
  })
}

function liveRoute(app: App, deps: AlertDeps): void {
  const feed = createLiveFeed(deps)

  addEndpoint(app, alertEndpoints.watchAlerts, (request, reply) => {
    const { scheme } = request.params
    let send: Watcher['send'] = () => {}
    const watcher: Watcher = {
      memberId: null,
      reports: may(request.actor, 'report.read', scheme),
      send: (message) => send(message),
    }
    const leave = feed.watch(scheme, watcher)
    if (leave === undefined) throw new AppError('rate_limited', { values: { seconds: RETRY_SECONDS } })
    const stream = openEventStream(request, reply, leave)
    send = (message) => stream.send(message, message.type)
    feed.replay(scheme, watcher)
  })
}
