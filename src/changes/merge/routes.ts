import { z } from 'zod'
import type { Deps } from '../../deps.ts'
import type { NotifyDeps } from '../../dues/reminders/tell.ts'
import type { App } from '../../platform/http.ts'
import { SchemeCode } from '../../schemes/contract.ts'
import { findDoubles, mergeMembers, setMembersApart, undoMerge } from './actions.ts'
import { ApartChoice, DoublePage, DoubleQuery, MergeMembers, MergeView } from './contract.ts'

const InScheme = z.object({ scheme: SchemeCode })

/** Endpoints of duplicate members and merges. */
export function mergeRoutes(app: App, deps: NotifyDeps & Pick<Deps, 'db'>): void {
  app.get(
    '/api/schemes/:scheme/doubles',
    {
      config: { permission: 'member.merge' },
      schema: {
        tags: ['members'],
        summary: 'List probable duplicate members, and the merges of the last day',
        params: InScheme,
        querystring: DoubleQuery,
        response: { 200: DoublePage },
      },
    },
    ({ actor, params, query }) => findDoubles(deps, actor, params.scheme, query),
  )

  app.put(
    '/api/schemes/:scheme/doubles',
    {
      config: { permission: 'member.merge' },
      schema: {
        tags: ['members'],
        summary: 'Mark two members as different, or remove the mark',
        params: InScheme,
        body: ApartChoice,
        response: { 204: z.void() },
      },
    },
    async ({ actor, params, body }, reply) => {
      await setMembersApart(deps, actor, params.scheme, body)
      return reply.status(204).send()
    },
  )

  app.post(
    '/api/schemes/:scheme/merges',
    {
      config: { permission: 'member.merge' },
      schema: {
        tags: ['members'],
        summary: 'Merge two members',
        params: InScheme,
        body: MergeMembers,
        response: { 200: MergeView },
      },
    },
    ({ actor, params, body }) => mergeMembers(deps, actor, params.scheme, body),
  )

  app.post(
    '/api/schemes/:scheme/merges/:id/undo',
    {
      config: { permission: 'member.merge' },
      schema: {
        tags: ['members'],
        summary: 'Undo a merge, within a day',
        params: InScheme.extend({ id: z.uuid() }),
        response: { 204: z.void() },
      },
    },
    async ({ actor, params }, reply) => {
      await undoMerge(deps, actor, params.scheme, params.id)
      return reply.status(204).send()
    },
  )
}
