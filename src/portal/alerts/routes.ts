import { z } from 'zod'
import { createLiveFeed, RETRY_SECONDS, type Watcher } from '../../alerts/live/live.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { say } from '../../i18n/say.ts'
import { type App, langOfRequest, openEventStream } from '../../platform/http.ts'
import { SchemeCode } from '../../schemes/contract.ts'
import { confirmRead, getOwnAlert, listOwnAlerts } from './actions.ts'
import { OwnAlertList, OwnAlertQuery, OwnAlertView } from './contract.ts'
import { exportOwnData, ownDataCsv } from './export.ts'

const InShop = z.object({ scheme: SchemeCode, member: z.uuid() })
const prefix = '/api/portal/shops/:scheme/:member'
/** An export reads all data of a shop, so it is limited. */
const EXPORT_LIMIT = { max: 10, timeWindow: 60_000, groupId: 'own-export' }

/** Endpoints for a contact to read the alerts sent to its shop, and to confirm them. */
export function ownAlertRoutes(app: App, deps: Pick<Deps, 'db' | 'now' | 'live' | 'log'>): void {
  app.get(
    `${prefix}/alerts`,
    {
      config: { permission: 'own.read' },
      schema: {
        tags: ['portal'],
        summary: 'List the alerts sent to a shop, latest first',
        params: InShop,
        querystring: OwnAlertQuery,
        response: { 200: OwnAlertList },
      },
    },
    ({ actor, params, query }) => {
      return listOwnAlerts(deps, actor, { schemeId: params.scheme, memberId: params.member }, query)
    },
  )

  app.get(
    `${prefix}/alerts/:id`,
    {
      config: { permission: 'own.read' },
      schema: {
        tags: ['portal'],
        summary: 'One of these alerts, in its current state',
        params: InShop.extend({ id: z.uuid() }),
        response: { 200: OwnAlertView },
      },
    },
    ({ actor, params }) => {
      return getOwnAlert(deps, actor, { schemeId: params.scheme, memberId: params.member }, params.id)
    },
  )

  app.put(
    `${prefix}/alerts/:id/read`,
    {
      config: { permission: 'own.confirm' },
      schema: {
        tags: ['portal'],
        summary: 'Confirm that an alert was read',
        params: InShop.extend({ id: z.uuid() }),
        response: { 204: z.void() },
      },
    },
    async ({ actor, params }, reply) => {
      await confirmRead(deps, actor, { schemeId: params.scheme, memberId: params.member }, params.id)
      return reply.status(204).send()
    },
  )

  for (const format of ['json', 'csv'] as const) {
    app.get(
      `${prefix}/data.${format}`,
      {
        config: { permission: 'own.read', rateLimit: EXPORT_LIMIT },
        schema: {
          tags: ['portal'],
          summary: `All that is kept of a shop, as ${format.toUpperCase()}`,
          params: InShop,
        },
      },
      async (request, reply) => {
        const { actor, params } = request
        const data = await exportOwnData(deps, actor, { schemeId: params.scheme, memberId: params.member })
        const lang = langOfRequest(request)
        return reply
          .header('content-disposition', `attachment; filename="${say(lang, 'own.file')}.${format}"`)
          .type(format === 'json' ? 'application/json; charset=utf-8' : 'text/csv; charset=utf-8')
          .send(format === 'json' ? `${JSON.stringify(data, null, 2)}\n` : ownDataCsv(data, lang))
      },
    )
  }

  // A feed separate from the console's: any number of merchants leaves room for the users who run the scheme.
  const feed = createLiveFeed(deps)
  app.get(
    `${prefix}/live`,
    {
      config: { permission: 'own.read' },
      schema: {
        tags: ['portal'],
        summary: 'Changes that concern a shop, as server-sent events',
        params: InShop,
      },
    },
    (request, reply) => {
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
    },
  )
}
