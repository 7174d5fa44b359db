import { z } from 'zod'
import { declareEndpoints } from '../platform/http/endpoints.ts'
import { SchemeCode } from '../schemes/contract.ts'
import { Today } from './contract.ts'

export const todayEndpoints = declareEndpoints('today', {
  getToday: {
    method: 'GET',
    path: '/api/schemes/:scheme/today',
    permission: 'today.read',
    summary: 'Get what waits for the chamber, the figures of its months, and the latest alerts',
    params: z.object({ scheme: SchemeCode }),
    answer: Today,
  },
})
