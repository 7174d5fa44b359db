import { z } from 'zod'
import { declareEndpoints } from '../../platform/endpoints.ts'
import { TraceQuestion, TraceView } from '../proof/contract.ts'

export const traceEndpoints = declareEndpoints('alerts', {
  traceMark: {
    method: 'POST',
    path: '/api/schemes/:scheme/alerts/:id/trace',
    permission: 'delivery.trace',
    summary: 'To whom the copy with a mark was sent, for a reason that goes on the record',
    params: z.object({ scheme: z.string().max(64), id: z.uuid() }),
    body: TraceQuestion,
    answer: TraceView,
  },
})
