import { z } from 'zod'
import type { Deps } from '../../deps.ts'
import type { App } from '../../platform/http.ts'
import { SchemeCode } from '../../schemes/contract.ts'
import { deleteView, listViews, saveView } from './actions.ts'
import { MemberListView, MemberListViewInput } from './contract.ts'

const InScheme = z.object({ scheme: SchemeCode })
const Views = z.array(MemberListView)

/** Endpoints of the saved views of the member list. */
export function memberViewRoutes(app: App, deps: Pick<Deps, 'db' | 'now'>): void {
  app.get(
    '/api/schemes/:scheme/member-views',
    {
      config: { permission: 'member.views' },
      schema: {
        tags: ['members'],
        summary: 'List saved views of the member list: the user’s own and shared ones',
        params: InScheme,
        response: { 200: Views },
      },
    },
    ({ actor, params }) => listViews(deps, actor, params.scheme),
  )

  app.put(
    '/api/schemes/:scheme/member-views/:id',
    {
      config: { permission: 'member.views' },
      schema: {
        tags: ['members'],
        summary: 'Save a view',
        params: InScheme.extend({ id: z.uuid() }),
        body: MemberListViewInput,
        response: { 200: Views },
      },
    },
    ({ actor, params, body }) => saveView(deps, actor, params.scheme, params.id, body),
  )

  app.delete(
    '/api/schemes/:scheme/member-views/:id',
    {
      config: { permission: 'member.views' },
      schema: {
        tags: ['members'],
        summary: 'Delete a view',
        params: InScheme.extend({ id: z.uuid() }),
        response: { 200: Views },
      },
    },
    ({ actor, params }) => deleteView(deps, actor, params.scheme, params.id),
  )
}
