import { z } from 'zod'
import type { Deps } from '../../deps.ts'
import type { App } from '../../platform/http.ts'
import { SchemeCode } from '../../schemes/contract.ts'
import { getReportForm, listOwnReports, reportFromShop } from './actions.ts'
import { NewOwnReport, OwnReportForm, OwnReportList, OwnReportView } from './contract.ts'

const InShop = z.object({ scheme: SchemeCode, member: z.uuid() })
const prefix = '/api/portal/shops/:scheme/:member'
const BODY_BYTES = 16 * 1024
/** Stops repeated submissions; each shop has a limit of its own as well. */
const LIMIT = { max: 20, timeWindow: 60_000, groupId: 'own-report' }

/** Endpoints for a contact to report from its shop. */
export function ownReportRoutes(
  app: App,
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'live' | 'config'>,
): void {
  app.get(
    `${prefix}/report-form`,
    {
      config: { permission: 'own.report' },
      schema: {
        tags: ['portal'],
        summary: 'Initial values of a shop’s report form',
        params: InShop,
        response: { 200: OwnReportForm },
      },
    },
    ({ actor, params }) => {
      return getReportForm(deps, actor, { schemeId: params.scheme, memberId: params.member })
    },
  )

  app.get(
    `${prefix}/reports`,
    {
      config: { permission: 'own.read' },
      schema: {
        tags: ['portal'],
        summary: 'List the reports of a shop with their outcome, latest first',
        params: InShop,
        response: { 200: OwnReportList },
      },
    },
    ({ actor, params }) => {
      return listOwnReports(deps, actor, { schemeId: params.scheme, memberId: params.member })
    },
  )

  app.post(
    `${prefix}/reports`,
    {
      config: { permission: 'own.report', rateLimit: LIMIT },
      bodyLimit: BODY_BYTES,
      schema: {
        tags: ['portal'],
        summary: 'Submit a report to the operators',
        params: InShop,
        body: NewOwnReport,
        response: { 201: OwnReportView },
      },
    },
    async ({ actor, params, body }, reply) => {
      const of = { schemeId: params.scheme, memberId: params.member }
      return reply.status(201).send(await reportFromShop(deps, actor, of, body))
    },
  )
}
