import { z } from 'zod'
import type { Deps } from '../deps.ts'
import { type App, langOfRequest } from '../platform/http.ts'
import { SchemeCode } from '../schemes/contract.ts'
import { getStatistics, makePublicFiguresReader, renderStatisticsPdf, setPublication } from './actions.ts'
import { Publication, PublicFigures, Statistics, StatisticsFilter, StatisticsTable } from './contract.ts'
import { toStatisticsCsv } from './csv.ts'

const InScheme = z.object({ scheme: SchemeCode })
const tags = ['statistics']
const path = '/api/schemes/:scheme/statistics'

/** Registers the endpoints of the statistics for users of the scheme. */
export function statisticsRoutes(app: App, deps: Pick<Deps, 'db' | 'now'>): void {
  app.get(
    path,
    {
      config: { permission: 'statistics.read' },
      schema: {
        tags,
        summary: 'Times, volumes, reach, members and fatigue over a period, without exercises',
        params: InScheme,
        querystring: StatisticsFilter,
        response: { 200: Statistics },
      },
    },
    (request) => getStatistics(deps, request.actor, request.params.scheme, request.query),
  )

  app.get(
    '/api/schemes/:scheme/statistics.csv',
    {
      config: { permission: 'statistics.read' },
      schema: {
        tags,
        summary: 'One table of the statistics as CSV; times in milliseconds',
        params: InScheme,
        querystring: StatisticsFilter.extend({ table: StatisticsTable }),
      },
    },
    async (request, reply) => {
      const { table, ...filter } = request.query
      const statistics = await getStatistics(deps, request.actor, request.params.scheme, filter)
      return reply
        .type('text/csv; charset=utf-8')
        .header(
          'content-disposition',
          `attachment; filename="statistiques-${request.params.scheme}-${table}.csv"`,
        )
        .send(toStatisticsCsv(statistics, table, langOfRequest(request)))
    },
  )

  app.get(
    '/api/schemes/:scheme/statistics.pdf',
    {
      config: { permission: 'statistics.read' },
      schema: {
        tags,
        summary: 'The statistics as a PDF report in A4 pages',
        params: InScheme,
        querystring: StatisticsFilter,
      },
    },
    async (request, reply) => {
      const lang = langOfRequest(request)
      const pdf = await renderStatisticsPdf(deps, request.actor, request.params.scheme, request.query, lang)
      return reply
        .type('application/pdf')
        .headers({
          'content-disposition': `inline; filename="statistiques-${request.params.scheme}.pdf"`,
          'cache-control': 'no-store',
        })
        .send(pdf)
    },
  )

  app.put(
    `${path}/publication`,
    {
      config: { permission: 'statistics.publish' },
      schema: {
        tags,
        summary: 'Publish the times and volumes of the scheme, or stop publishing them',
        params: InScheme,
        body: Publication,
        response: { 200: Publication },
      },
    },
    (request) => setPublication(deps, request.actor, request.params.scheme, request.body.published),
  )
}

/** Registers the public endpoint of the figures that schemes publish. */
export function publicFigureRoutes(app: App, deps: Pick<Deps, 'db' | 'now'>): void {
  const figuresOf = makePublicFiguresReader(deps)
  app.get(
    '/api/public/schemes/:scheme/figures',
    {
      config: { permission: 'public', rateLimit: { max: 120, timeWindow: 60_000, groupId: 'figures' } },
      schema: {
        tags: ['public'],
        summary: 'Times and volumes of the last twelve months; null where the scheme does not publish them',
        params: InScheme,
        response: { 200: PublicFigures.nullable() },
      },
    },
    (request) => figuresOf(request.params.scheme),
  )
}
