import { z } from 'zod'
import { nameSchemas } from '../../platform/http/endpoints.ts'
import { ChangeView } from '../contract.ts'

/** Maximum number of tags of a scheme, and length of a name. */
export const MAX_TAGS = 100
export const MAX_TAG_NAME = 40

/** The tags of a scheme, by name. */
const Tags = z.array(
  z.object({
    id: z.uuid(),
    name: z.string(),
    /** Members with the tag, of those that the user manages; without those who left. */
    members: z.number(),
  }),
)

/** GET /api/schemes/:scheme/member-tags */
export const MemberTags = z.object({ tags: Tags })
export type MemberTags = z.infer<typeof MemberTags>

/** PUT /api/schemes/:scheme/member-tags/:id: creates a tag, or renames one. */
export const MemberTagName = z.object({ name: z.string().trim().max(200) })
export type MemberTagName = z.infer<typeof MemberTagName>

/** POST /api/schemes/:scheme/member-tags/:id/merge: gives the members of a tag another one in its place. */
export const MemberTagMerge = z.object({ into: z.uuid() })
export type MemberTagMerge = z.infer<typeof MemberTagMerge>

/** The tags after one was removed or merged. */
export const MemberTagGone = z.object({
  tags: Tags,
  /** The change of its members, whose undo restores the tag; null if no member had it. */
  change: ChangeView.nullable(),
})
export type MemberTagGone = z.infer<typeof MemberTagGone>

nameSchemas({ MemberTagGone, MemberTagMerge, MemberTagName, MemberTags })
