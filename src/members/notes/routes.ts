import type { Deps } from '../../deps.ts'
import { type App, addEndpoint } from '../../platform/http/http.ts'
import { listMemberNotes, removeNote, restoreNote, saveMemberNote } from './actions.ts'
import { memberNoteEndpoints } from './endpoints.ts'

/** Endpoints of the chamber's notes on members. */
export function memberNoteRoutes(app: App, deps: Pick<Deps, 'db' | 'now'>): void {
  addEndpoint(app, memberNoteEndpoints.listMemberNotes, ({ actor, params }) =>
    listMemberNotes(deps, actor, params.scheme, params.id),
  )

  addEndpoint(app, memberNoteEndpoints.saveMemberNote, ({ actor, params, body }) =>
    saveMemberNote(deps, actor, params.scheme, { member: params.id, note: params.note }, body),
  )

  addEndpoint(app, memberNoteEndpoints.removeMemberNote, ({ actor, params }) =>
    removeNote(deps, actor, params.scheme, { member: params.id, note: params.note }),
  )

  addEndpoint(app, memberNoteEndpoints.restoreMemberNote, ({ actor, params }) =>
    restoreNote(deps, actor, params.scheme, { member: params.id, note: params.note }),
  )
}
