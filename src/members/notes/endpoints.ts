import { z } from 'zod'
import { declareEndpoints } from '../../platform/http/endpoints.ts'
import { SchemeCode } from '../../schemes/contract.ts'
import { MemberNotes, MemberNoteText, NoteId } from './contract.ts'

const OfMember = z.object({ scheme: SchemeCode, id: z.uuid() })
const One = OfMember.extend({ note: NoteId })

export const memberNoteEndpoints = declareEndpoints('members', {
  listMemberNotes: {
    method: 'GET',
    path: '/api/schemes/:scheme/members/:id/notes',
    permission: 'member.notes',
    summary: 'List the chamber’s notes on a member',
    params: OfMember,
    answer: MemberNotes,
  },
  saveMemberNote: {
    method: 'PUT',
    path: '/api/schemes/:scheme/members/:id/notes/:note',
    permission: 'member.notes',
    summary: 'Add a note on a member, or edit one of the user’s own',
    params: One,
    body: MemberNoteText,
    answer: MemberNotes,
  },
  removeMemberNote: {
    method: 'DELETE',
    path: '/api/schemes/:scheme/members/:id/notes/:note',
    permission: 'member.notes',
    summary: 'Remove a note on a member',
    params: One,
    answer: MemberNotes,
  },
  restoreMemberNote: {
    method: 'POST',
    path: '/api/schemes/:scheme/members/:id/notes/:note/restore',
    permission: 'member.notes',
    summary: 'Undo the removal of a note, within a day',
    params: One,
    answer: MemberNotes,
  },
})
