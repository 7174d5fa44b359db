import { z } from 'zod'
import type { Deps } from '../../deps.ts'
import type { App } from '../../platform/http.ts'
import { TraceQuestion, TraceView } from '../proof/contract.ts'
import { traceMark } from './actions.ts'

export function traceRoutes(app: App, deps: Pick<Deps, 'db' | 'now'>): void {
  app.post(
    '/api/schemes/:scheme/alerts/:id/trace',
    {
      config: { permission: 'delivery.trace' },
      schema: {
        tags: ['alerts'],
        summary: 'To whom the copy with a mark was sent, for a reason that goes on the record',
        params: z.object({ scheme: z.string().max(64), id: z.uuid() }),
        body: TraceQuestion,
        response: { 200: TraceView },
      },
    },
    ({ actor, params, body }) => traceMark(deps, actor, params.scheme, params.id, body),
  )
}
