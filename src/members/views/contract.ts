import { z } from 'zod'
import { MemberFilter } from '../contract.ts'

/** Saved views of one person at most. */
export const MAX_VIEWS = 50

/** Filters of the list of members, under a name. */
export const MemberListView = z.object({
  id: z.uuid(),
  name: z.string(),
  filter: MemberFilter,
  /** Others have it too who see at least the members and numbers that its owner does: its name and words may tell of them. */
  shared: z.boolean(),
  /** Whose it is: only they change or delete it. */
  mine: z.boolean(),
})
export type MemberListView = z.infer<typeof MemberListView>

/** PUT /api/schemes/:scheme/member-views/:id: a new one, or the one that is there with another name or filter. */
export const MemberListViewInput = z.object({
  name: z.string().trim().min(1).max(60),
  filter: MemberFilter,
  shared: z.boolean(),
})
export type MemberListViewInput = z.infer<typeof MemberListViewInput>
