import { z } from 'zod'
import { declareEndpoints } from '../platform/http/endpoints.ts'
import { SchemeCode } from '../schemes/contract.ts'
import { RouteOrderView, RoutesView, ServiceStatus } from './contract.ts'

export const deliveryEndpoints = declareEndpoints('deliveries', {
  getRoutes: {
    method: 'GET',
    path: '/api/schemes/:scheme/routes',
    permission: 'scheme.read',
    summary: 'Get the SMS routes with their state; figures for permitted users only',
    params: z.object({ scheme: z.string().max(64) }),
    answer: RoutesView,
  },
  getRouteOrder: {
    method: 'GET',
    path: '/api/schemes/:scheme/route-order',
    permission: 'route.read',
    summary: 'Get the order in which the SMS of the scheme take the gateways, with the state of each',
    params: z.object({ scheme: z.string().max(64) }),
    answer: RouteOrderView,
  },
})

export const publicStatusEndpoints = declareEndpoints('public', {
  getServiceStatus: {
    method: 'GET',
    path: '/api/public/schemes/:scheme/status',
    permission: 'public',
    summary: 'Get whether messages are being sent, and the time of the last alert',
    params: z.object({ scheme: SchemeCode }),
    answer: ServiceStatus,
    rateLimit: { max: 120, timeWindow: 60_000, groupId: 'status' },
  },
})
