import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { callApi } from '../../api/client.ts'

export const viewsQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['member-views', schemeId],
    queryFn: ({ signal }) => callApi('listMemberViews', { params: { scheme: schemeId }, signal }),
  })

/** What was done to many members at once. */
export const changesQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['member-changes', schemeId],
    queryFn: ({ signal }) => callApi('listMemberChanges', { params: { scheme: schemeId }, signal }),
  })

/** What happened to a member, latest first. */
export const historyQuery = (schemeId: string, memberId: string) =>
  infiniteQueryOptions({
    queryKey: ['history', schemeId, memberId],
    queryFn: ({ signal, pageParam }) =>
      callApi('listMemberHistory', {
        params: { scheme: schemeId, id: memberId },
        query: { before: pageParam },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  })

/** What a change of members, or its undoing, makes old: the beginnings of keys. */
export const membersChanged = (schemeId: string) =>
  ['members', 'member', 'history', 'member-changes', 'numbers', 'audience'].map((list) => [list, schemeId])
