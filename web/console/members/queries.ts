import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { ChangeView } from '../../../src/changes/contract.ts'
import type { HistoryPage } from '../../../src/history/contract.ts'
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

/** What happened to a member, latest first. */
export const historyQuery = (schemeId: string, memberId: string) =>
  infiniteQueryOptions({
    queryKey: ['history', schemeId, memberId],
    queryFn: ({ signal, pageParam }) =>
      call<HistoryPage>(inScheme(schemeId, `/members/${memberId}/history`), {
        query: { before: pageParam },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  })

/** What a change of members, or its undoing, makes old: the beginnings of keys. */
export const membersChanged = (schemeId: string) =>
  ['members', 'member', 'history', 'member-changes', 'numbers', 'audience'].map((list) => [list, schemeId])
