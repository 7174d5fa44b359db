import { z } from 'zod'
import { declareEndpoints } from '../../platform/http/endpoints.ts'
import { SchemeCode } from '../../schemes/contract.ts'
import { NewOwnReport, OwnReportForm, OwnReportList, OwnReportView } from './contract.ts'

const InShop = z.object({ scheme: SchemeCode, member: z.uuid() })
const BODY_BYTES = 16 * 1024
/** Stops repeated submissions; each shop has a limit of its own as well. */
const LIMIT = { max: 20, timeWindow: 60_000, groupId: 'own-report' }

export const ownReportEndpoints = declareEndpoints('portal', {
  getReportForm: {
    method: 'GET',
    path: '/api/portal/shops/:scheme/:member/report-form',
    permission: 'own.report',
    summary: 'Get the initial values of a shop’s report form',
    params: InShop,
    answer: OwnReportForm,
  },
  listOwnReports: {
    method: 'GET',
    path: '/api/portal/shops/:scheme/:member/reports',
    permission: 'own.read',
    summary: 'List the reports of a shop with their outcome, latest first',
    params: InShop,
    answer: OwnReportList,
  },
  reportFromShop: {
    method: 'POST',
    path: '/api/portal/shops/:scheme/:member/reports',
    permission: 'own.report',
    summary: 'Submit a report to the operators',
    params: InShop,
    body: NewOwnReport,
    answer: OwnReportView,
    status: 201,
    bodyLimit: BODY_BYTES,
    rateLimit: LIMIT,
  },
})
