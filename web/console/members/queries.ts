import { queryOptions } from '@tanstack/react-query'
import type { ChangeView } from '../../../src/members/changes/contract.ts'
import type { MemberListView } from '../../../src/members/views/contract.ts'
import { call, inScheme } from '../../api/client.ts'

export const viewsQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['member-views', schemeId],
    queryFn: ({ signal }) => call<MemberListView[]>(inScheme(schemeId, '/member-views'), { signal }),
  })

/** What was done to many members at once. */
export const changesQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['member-changes', schemeId],
    queryFn: ({ signal }) => call<ChangeView[]>(inScheme(schemeId, '/member-changes'), { signal }),
  })

/** What a change of members, or its undoing, makes old: the beginnings of keys. */
export const membersChanged = (schemeId: string) =>
  ['members', 'member', 'member-changes', 'numbers', 'audience'].map((list) => [list, schemeId])
