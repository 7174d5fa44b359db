import { z } from 'zod'
import { nameSchemas } from '../../platform/http/endpoints.ts'
import { MemberFilter } from '../contract.ts'

/** Maximum number of saved views per user. */
export const MAX_VIEWS = 50
/** Maximum number of members of a group chosen by hand, and of those added or removed at once. */
export const MAX_GROUP = 5000
const MAX_AT_ONCE = 1000

/**
 * Filters of the member list, saved under a name, or a group of members chosen by hand, whose filter is the group itself. Either can be
 * what a service message is written to.
 */
export const MemberListView = z.object({
  id: z.uuid(),
  name: z.string(),
  filter: MemberFilter,
  /** Number of members of a group chosen by hand, without those who left; null: the view has filters only. */
  members: z.number().nullable(),
  /**
   * Shared with users who may see at least the members and numbers that its owner sees, since its name and search words may
   * reveal them.
   */
  shared: z.boolean(),
  /** Whether the user owns it; only the owner may change or delete it. */
  mine: z.boolean(),
})
export type MemberListView = z.infer<typeof MemberListView>

/** GET /api/schemes/:scheme/member-view-counts: how many members the views have; a view that is not counted is absent. */
export const MemberViewCounts = z.object({
  /** The ready views; `late` and `older` only for users who may see dues and charters. */
  ready: z.object({
    all: z.number(),
    unreachable: z.number(),
    late: z.number().optional(),
    older: z.number().optional(),
  }),
  /** The first saved views, by id. */
  saved: z.record(z.uuid(), z.number()),
})
export type MemberViewCounts = z.infer<typeof MemberViewCounts>

/** PUT /api/schemes/:scheme/member-views/:id: creates a view, or changes the name and filters of an existing one. */
export const MemberListViewInput = z.object({
  name: z.string().trim().min(1).max(60),
  filter: MemberFilter,
  shared: z.boolean(),
  /** Makes it a group of these members, whatever the filter; absent: a group keeps its members. */
  memberIds: z.array(z.uuid()).max(MAX_GROUP).optional(),
})
export type MemberListViewInput = z.infer<typeof MemberListViewInput>

/** GET /api/schemes/:scheme/member-views/:id/members: the members of one of the user’s own groups. */
export const MemberGroup = z.object({ memberIds: z.array(z.uuid()) })
export type MemberGroup = z.infer<typeof MemberGroup>

/** POST /api/schemes/:scheme/member-views/:id/members: adds members to one of the user’s own groups, and removes others. */
export const MemberGroupChange = z.object({
  add: z.array(z.uuid()).max(MAX_AT_ONCE).default([]),
  remove: z.array(z.uuid()).max(MAX_AT_ONCE).default([]),
})
export type MemberGroupChange = z.infer<typeof MemberGroupChange>

/** Answer to a change of a group: what undoing it has to reverse, and all views. */
export const MemberGroupChanged = z.object({
  views: z.array(MemberListView),
  /** Members that were not in the group before. */
  added: z.array(z.uuid()),
  /** Members that were in the group before. */
  removed: z.array(z.uuid()),
})
export type MemberGroupChanged = z.infer<typeof MemberGroupChanged>

nameSchemas({
  MemberGroup,
  MemberGroupChange,
  MemberGroupChanged,
  MemberListView,
  MemberListViewInput,
  MemberViewCounts,
})
