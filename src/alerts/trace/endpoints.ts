import { z } from 'zod'
import { declareEndpoints } from '../../platform/http/endpoints.ts'
import { TraceQuestion, TraceView } from './contract.ts'

export const traceEndpoints = declareEndpoints('alerts', {
  traceMark: {
    method: 'POST',
    path: '/api/schemes/:scheme/alerts/:id/trace',
    permission: 'delivery.trace',
    needsFactor: true,
    summary: 'Find the recipient of the copy with a mark; the reason is recorded in the audit log',
    params: z.object({ scheme: z.string().max(64), id: z.uuid() }),
    body: TraceQuestion,
    answer: TraceView,
  },
})
