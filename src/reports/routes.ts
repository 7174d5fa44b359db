import { z } from 'zod'
import type { Deps } from '../deps.ts'
import type { App } from '../platform/http.ts'
import { createReport, getReport, listReports, refuseReport } from './actions.ts'
import { NewReport, RefuseReport, ReportList, ReportQuery, ReportView } from './contract.ts'

const InScheme = z.object({ scheme: z.string().max(64) })
const OneReport = InScheme.extend({ id: z.uuid() })

export function reportRoutes(
  app: App,
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'live' | 'config'>,
): void {
  const tags = ['reports']
  const prefix = '/api/schemes/:scheme/reports'

  app.post(
    prefix,
    {
      config: { permission: 'report.create' },
      schema: {
        tags,
        summary: 'Take down a call to 17',
        params: InScheme,
        body: NewReport,
        response: { 201: ReportView },
      },
    },
    async (request, reply) => {
      const report = await createReport(deps, request.actor, request.params.scheme, request.body)
      return reply.status(201).send(report)
    },
  )

  app.get(
    prefix,
    {
      config: { permission: 'report.read' },
      schema: {
        tags,
        summary: 'Reports, latest call first',
        params: InScheme,
        querystring: ReportQuery,
        response: { 200: ReportList },
      },
    },
    (request) => listReports(deps, request.actor, request.params.scheme, request.query),
  )

  app.get(
    `${prefix}/:id`,
    {
      config: { permission: 'report.read' },
      schema: { tags, summary: 'One report', params: OneReport, response: { 200: ReportView } },
    },
    (request) => getReport(deps, request.actor, request.params.scheme, request.params.id),
  )

  app.post(
    `${prefix}/:id/refuse`,
    {
      config: { permission: 'report.decide' },
      schema: {
        tags,
        summary: 'Decide not to broadcast, with the reason',
        params: OneReport,
        body: RefuseReport,
        response: { 200: ReportView },
      },
    },
    (request) => refuseReport(deps, request.actor, request.params.scheme, request.params.id, request.body),
  )
}
