import type { Deps } from '../deps.ts'
import { type App, addEndpoint, langOfRequest } from '../platform/http/http.ts'
import {
  getCommitteeAccounts,
  getStatistics,
  makePublicFiguresReader,
  renderStatisticsPdf,
  setPublication,
} from './actions.ts'
import { toStatisticsCsv } from './csv.ts'
import { publicFigureEndpoints, statisticsEndpoints } from './endpoints.ts'

/** Registers the endpoints of the statistics for users of the scheme. */
export function statisticsRoutes(app: App, deps: Pick<Deps, 'db' | 'now' | 'replica'>): void {
  addEndpoint(app, statisticsEndpoints.getStatistics, (request) =>
    getStatistics(deps, request.actor, request.params.scheme, request.query),
  )

  addEndpoint(app, statisticsEndpoints.getCommitteeAccounts, (request) =>
    getCommitteeAccounts(deps, request.actor, request.params.scheme, request.query),
  )

  addEndpoint(app, statisticsEndpoints.exportStatistics, async (request, reply) => {
    const { table, ...filter } = request.query
    const statistics = await getStatistics(deps, request.actor, request.params.scheme, filter)
    return reply
      .type('text/csv; charset=utf-8')
      .header(
        'content-disposition',
        `attachment; filename="statistiques-${request.params.scheme}-${table}.csv"`,
      )
      .send(toStatisticsCsv(statistics, table, langOfRequest(request)))
  })

  addEndpoint(app, statisticsEndpoints.renderStatisticsPdf, async (request, reply) => {
    const lang = langOfRequest(request)
    const pdf = await renderStatisticsPdf(deps, request.actor, request.params.scheme, request.query, lang)
    return reply
      .type('application/pdf')
      .headers({
        'content-disposition': `inline; filename="statistiques-${request.params.scheme}.pdf"`,
        'cache-control': 'no-store',
      })
      .send(pdf)
  })

  addEndpoint(app, statisticsEndpoints.setPublication, (request) =>
    setPublication(deps, request.actor, request.params.scheme, request.body.published),
  )
}

/** Registers the public endpoint of the figures that schemes publish. */
export function publicFigureRoutes(app: App, deps: Pick<Deps, 'db' | 'now' | 'replica'>): void {
  const figuresOf = makePublicFiguresReader(deps)
  addEndpoint(app, publicFigureEndpoints.getPublicFigures, (request) => figuresOf(request.params.scheme))
}
