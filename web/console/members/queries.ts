import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { callApi } from '../../api/client.ts'

export const viewsQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['member-views', schemeId],
    queryFn: ({ signal }) => callApi('listMemberViews', { params: { scheme: schemeId }, signal }),
  })

/** The bulk changes. */
export const changesQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['member-changes', schemeId],
    queryFn: ({ signal }) => callApi('listMemberChanges', { params: { scheme: schemeId }, signal }),
  })

/** The history of a member, latest first. */
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

/** The key prefixes of queries that a change of members, or its undo, invalidates. */
export const membersChanged = (schemeId: string) =>
  ['members', 'member', 'history', 'member-changes', 'numbers', 'audience'].map((list) => [list, schemeId])
