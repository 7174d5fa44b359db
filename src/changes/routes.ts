import { z } from 'zod'
import type { Deps } from '../deps.ts'
import type { App } from '../platform/http.ts'
import { SchemeCode } from '../schemes/contract.ts'
import { changeMembers, listChanges, previewChange } from './actions.ts'
import { BulkChange, BulkPreview, BulkResult, ChangeView, UndoResult } from './contract.ts'
import { undoChange } from './undo.ts'

const InScheme = z.object({ scheme: SchemeCode })

/** Endpoints of bulk changes and their undo. */
export function memberChangeRoutes(
  app: App,
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'config' | 'mailer' | 'jobs' | 'database'>,
): void {
  app.get(
    '/api/schemes/:scheme/member-changes',
    {
      config: { permission: 'member.change' },
      schema: {
        tags: ['members'],
        summary: 'List bulk changes of members, latest first',
        params: InScheme,
        response: { 200: z.array(ChangeView) },
      },
    },
    ({ actor, params }) => listChanges(deps, actor, params.scheme),
  )

  app.post(
    '/api/schemes/:scheme/member-changes',
    {
      config: { permission: 'member.change' },
      schema: {
        tags: ['members'],
        summary: 'Suspend, reactivate or remove many members, or change their trade',
        params: InScheme,
        body: BulkChange,
        response: { 200: BulkResult },
      },
    },
    ({ actor, params, body }) => changeMembers(deps, actor, params.scheme, body),
  )

  app.post(
    '/api/schemes/:scheme/member-changes/preview',
    {
      config: { permission: 'member.change' },
      schema: {
        tags: ['members'],
        summary: 'Preview a bulk change: the members concerned, the notices and their price',
        params: InScheme,
        body: BulkChange,
        response: { 200: BulkPreview },
      },
    },
    ({ actor, params, body }) => previewChange(deps, actor, params.scheme, body),
  )

  app.post(
    '/api/schemes/:scheme/member-changes/:id/undo',
    {
      config: { permission: 'member.change' },
      schema: {
        tags: ['members'],
        summary: 'Undo a bulk change, within a day',
        params: InScheme.extend({ id: z.uuid() }),
        response: { 200: UndoResult },
      },
    },
    ({ actor, params }) => undoChange(deps, actor, params.scheme, params.id),
  )
}
