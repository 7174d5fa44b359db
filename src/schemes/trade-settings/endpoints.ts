import { z } from 'zod'
import { declareEndpoints } from '../../platform/http/endpoints.ts'
import { SchemeCode } from '../contract.ts'
import { FoundActivities, TradeSettings, TradesChange } from './contract.ts'

const InScheme = z.object({ scheme: SchemeCode })

export const tradeEndpoints = declareEndpoints('schemes', {
  getTrades: {
    method: 'GET',
    path: '/api/schemes/:scheme/trades',
    permission: 'trade.manage',
    summary:
      'List the trades of a scheme with their members, activities and words, and those that are not used',
    params: InScheme,
    answer: TradeSettings,
  },
  setTrades: {
    method: 'PUT',
    path: '/api/schemes/:scheme/trades',
    permission: 'trade.manage',
    needsFactor: true,
    summary: 'Set the trades of a scheme: names, activities, words, order, and which are used',
    params: InScheme,
    body: TradesChange,
    answer: TradeSettings,
  },
  findActivities: {
    method: 'GET',
    path: '/api/schemes/:scheme/activities',
    permission: 'trade.manage',
    summary: 'Find activities of NAF rev. 2 and NAF 2025 by code or title, with the trade that each leads to',
    params: InScheme,
    query: z.object({ q: z.string().trim().max(80) }),
    answer: FoundActivities,
  },
})
