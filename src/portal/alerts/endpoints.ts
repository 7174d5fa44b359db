import { z } from 'zod'
import { declareEndpoints } from '../../platform/http/endpoints.ts'
import { SchemeCode } from '../../schemes/contract.ts'
import { OwnAlertList, OwnAlertQuery, OwnAlertView, OwnLiveMessage } from './contract.ts'

const InShop = z.object({ scheme: SchemeCode, member: z.uuid() })
/** An export reads all data of a shop, so it is limited. */
const EXPORT_LIMIT = { max: 10, timeWindow: 60_000, groupId: 'own-export' }

export const ownAlertEndpoints = declareEndpoints('portal', {
  listOwnAlerts: {
    method: 'GET',
    path: '/api/portal/shops/:scheme/:member/alerts',
    permission: 'own.read',
    summary: 'List the alerts sent to a shop, latest first',
    params: InShop,
    query: OwnAlertQuery,
    answer: OwnAlertList,
  },
  getOwnAlert: {
    method: 'GET',
    path: '/api/portal/shops/:scheme/:member/alerts/:id',
    permission: 'own.read',
    summary: 'Get an alert sent to a shop, in its current state',
    params: InShop.extend({ id: z.uuid() }),
    answer: OwnAlertView,
  },
  confirmRead: {
    method: 'PUT',
    path: '/api/portal/shops/:scheme/:member/alerts/:id/read',
    permission: 'own.confirm',
    summary: 'Confirm that a contact read an alert',
    params: InShop.extend({ id: z.uuid() }),
  },
  exportOwnDataJson: {
    method: 'GET',
    path: '/api/portal/shops/:scheme/:member/data.json',
    permission: 'own.read',
    summary: 'Export all stored data of a shop as JSON',
    params: InShop,
    produces: 'application/json',
    rateLimit: EXPORT_LIMIT,
  },
  exportOwnDataCsv: {
    method: 'GET',
    path: '/api/portal/shops/:scheme/:member/data.csv',
    permission: 'own.read',
    summary: 'Export all stored data of a shop as CSV',
    params: InShop,
    produces: 'text/csv',
    rateLimit: EXPORT_LIMIT,
  },
  watchOwnAlerts: {
    method: 'GET',
    path: '/api/portal/shops/:scheme/:member/live',
    permission: 'own.read',
    summary: 'Stream the changes that concern a shop as server-sent events',
    params: InShop,
    answer: OwnLiveMessage,
    produces: 'text/event-stream',
  },
})
