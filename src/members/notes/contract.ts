import { z } from 'zod'
import { ClientId, nameSchemas } from '../../platform/http/endpoints.ts'

/** Maximum length of a note, and number of notes of one member. */
export const MAX_NOTE = 1000
export const MAX_NOTES = 100

/** PUT /api/schemes/:scheme/members/:id/notes/:note: adds a note, or edits one of the user’s own. */
export const MemberNoteText = z.object({ text: z.string().trim().max(5000) })
export type MemberNoteText = z.infer<typeof MemberNoteText>

/** GET /api/schemes/:scheme/members/:id/notes: what the chamber noted of a member, latest first. */
export const MemberNotes = z.object({
  notes: z.array(
    z.object({
      id: z.uuid(),
      text: z.string(),
      at: z.iso.datetime(),
      /** Name of the author. */
      author: z.string(),
      /** Whether the user wrote it, and so may edit it. */
      own: z.boolean(),
      editedAt: z.iso.datetime().nullable(),
    }),
  ),
})
export type MemberNotes = z.infer<typeof MemberNotes>

export const NoteId = ClientId

nameSchemas({ MemberNoteText, MemberNotes })
