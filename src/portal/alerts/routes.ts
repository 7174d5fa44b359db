import { createLiveFeed, RETRY_SECONDS, type Watcher } from '../../alerts/live/live.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { formatMessage } from '../../i18n/format.ts'
import { type App, addEndpoint, langOfRequest, openEventStream } from '../../platform/http/http.ts'
import { confirmRead, getOwnAlert, listOwnAlerts } from './actions.ts'
import { ownAlertEndpoints } from './endpoints.ts'
import { exportOwnData, ownDataCsv } from './export.ts'

/** Endpoints for a contact to read the alerts sent to its shop, and to confirm them. */
export function ownAlertRoutes(app: App, deps: Pick<Deps, 'db' | 'now' | 'live' | 'log'>): void {
  addEndpoint(app, ownAlertEndpoints.listOwnAlerts, ({ actor, params, query }) => {
    return listOwnAlerts(deps, actor, { schemeId: params.scheme, memberId: params.member }, query)
  })

  addEndpoint(app, ownAlertEndpoints.getOwnAlert, ({ actor, params }) => {
    return getOwnAlert(deps, actor, { schemeId: params.scheme, memberId: params.member }, params.id)
  })

  addEndpoint(app, ownAlertEndpoints.confirmRead, async ({ actor, params }) => {
    await confirmRead(deps, actor, { schemeId: params.scheme, memberId: params.member }, params.id)
  })

  addEndpoint(app, ownAlertEndpoints.exportOwnDataJson, async (request, reply) => {
    const { actor, params } = request
    const data = await exportOwnData(deps, actor, { schemeId: params.scheme, memberId: params.member })
    return reply
      .header(
        'content-disposition',
        `attachment; filename="${formatMessage(langOfRequest(request), 'own.file')}.json"`,
      )
      .type('application/json; charset=utf-8')
      .send(`${JSON.stringify(data, null, 2)}\n`)
  })

  addEndpoint(app, ownAlertEndpoints.exportOwnDataCsv, async (request, reply) => {
    const { actor, params } = request
    const data = await exportOwnData(deps, actor, { schemeId: params.scheme, memberId: params.member })
    const lang = langOfRequest(request)
    return reply
      .header('content-disposition', `attachment; filename="${formatMessage(lang, 'own.file')}.csv"`)
      .type('text/csv; charset=utf-8')
      .send(ownDataCsv(data, lang))
  })

  // A feed separate from the console's: any number of merchants leaves room for the users who run the scheme.
  const feed = createLiveFeed(deps)
  addEndpoint(app, ownAlertEndpoints.watchOwnAlerts, (request, reply) => {
    const { scheme, member } = request.params
    let send: Watcher['send'] = () => {}
    const leave = feed.watch(scheme, {
      memberId: member,
      reports: false,
      send: (message) => send(message),
    })
    if (leave === undefined) throw new AppError('rate_limited', { values: { seconds: RETRY_SECONDS } })
    const stream = openEventStream(request, reply, leave)
    send = (message) => stream.send(message, message.type)
  })
}
