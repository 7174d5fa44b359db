import { z } from 'zod'
import { nameSchemas } from '../../platform/endpoints.ts'
import { MemberFilter } from '../contract.ts'

/** Maximum number of saved views per user. */
export const MAX_VIEWS = 50

/** Filters of the member list, saved under a name. */
export const MemberListView = z.object({
  id: z.uuid(),
  name: z.string(),
  filter: MemberFilter,
  /**
   * Shared with users who may see at least the members and numbers that its owner sees, since its name and search words may
   * reveal them.
   */
  shared: z.boolean(),
  /** Whether the user owns it; only the owner may change or delete it. */
  mine: z.boolean(),
})
export type MemberListView = z.infer<typeof MemberListView>

/** PUT /api/schemes/:scheme/member-views/:id: creates a view, or changes the name and filters of an existing one. */
export const MemberListViewInput = z.object({
  name: z.string().trim().min(1).max(60),
  filter: MemberFilter,
  shared: z.boolean(),
})
export type MemberListViewInput = z.infer<typeof MemberListViewInput>

nameSchemas({ MemberListView, MemberListViewInput })
