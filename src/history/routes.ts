import { z } from 'zod'
import type { Deps } from '../deps.ts'
import type { App } from '../platform/http.ts'
import { SchemeCode } from '../schemes/contract.ts'
import { listHistory } from './actions.ts'
import { HistoryPage, HistoryQuery } from './contract.ts'

/** Registers the history of a member. It lives in this room because it includes messages of alerts. */
export function memberHistoryRoutes(app: App, deps: Pick<Deps, 'db' | 'now'>): void {
  app.get(
    '/api/schemes/:scheme/members/:id/history',
    {
      config: { permission: 'member.read' },
      schema: {
        tags: ['members'],
        summary: 'What happened to a member, latest first',
        params: z.object({ scheme: SchemeCode, id: z.uuid() }),
        querystring: HistoryQuery,
        response: { 200: HistoryPage },
      },
    },
    ({ actor, params, query }) => listHistory(deps, actor, params.scheme, params.id, query),
  )
}
