import { z } from 'zod'
import { declareEndpoints } from '../platform/http/endpoints.ts'
import { SchemeCode } from '../schemes/contract.ts'
import { HistoryPage, HistoryQuery } from './contract.ts'

export const memberHistoryEndpoints = declareEndpoints('members', {
  listMemberHistory: {
    method: 'GET',
    path: '/api/schemes/:scheme/members/:id/history',
    permission: 'member.read',
    summary: 'List the events of a member, latest first',
    params: z.object({ scheme: SchemeCode, id: z.uuid() }),
    query: HistoryQuery,
    answer: HistoryPage,
  },
})
