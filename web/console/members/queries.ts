import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { MemberFilter, MemberSort } from '../../../src/members/contract.ts'
import { callApi } from '../../api/client.ts'

/** The rows of the list of members that are fetched at once. */
export const MEMBERS_A_PAGE = 100

export interface MemberOrder {
  readonly sort: MemberSort
  readonly descending: boolean
}

/** One page of the list of members. @param page from 0; any can be fetched without those before it */
export const membersQuery = (schemeId: string, filter: MemberFilter, order: MemberOrder, page: number) =>
  queryOptions({
    queryKey: ['members', schemeId, filter, order, page],
    queryFn: ({ signal }) =>
      callApi('listMembers', {
        params: { scheme: schemeId },
        query: { ...filter, ...order, skip: page * MEMBERS_A_PAGE, limit: MEMBERS_A_PAGE },
        signal,
      }),
  })

export const memberQuery = (schemeId: string, memberId: string) =>
  queryOptions({
    queryKey: ['member', schemeId, memberId],
    queryFn: ({ signal }) => callApi('getMember', { params: { scheme: schemeId, id: memberId }, signal }),
  })

export const viewsQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['member-views', schemeId],
    queryFn: ({ signal }) => callApi('listMemberViews', { params: { scheme: schemeId }, signal }),
  })

/**
 * Number of members in each view: a count of all of them (0.3 s for 20,000), which is not repeated after every change of a
 * member.
 */
export const viewCountsQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['member-view-counts', schemeId],
    queryFn: ({ signal }) => callApi('countMemberViews', { params: { scheme: schemeId }, signal }),
    staleTime: 60_000,
    refetchInterval: 300_000,
  })

/** Members that one request adds to a group, or removes. */
const GROUP_STEP = 1000

/** Adds members to one of the user's own groups, and removes others. @returns as the server, for all requests together */
export async function changeGroup(
  schemeId: string,
  id: string,
  { add = [], remove = [] }: { readonly add?: readonly string[]; readonly remove?: readonly string[] },
) {
  const send = (from: number) =>
    callApi('changeMemberGroup', {
      params: { scheme: schemeId, id },
      body: { add: add.slice(from, from + GROUP_STEP), remove: remove.slice(from, from + GROUP_STEP) },
    })
  let changed = await send(0)
  for (let from = GROUP_STEP; from < Math.max(add.length, remove.length); from += GROUP_STEP) {
    const { views, added, removed } = await send(from)
    changed = { views, added: [...changed.added, ...added], removed: [...changed.removed, ...removed] }
  }
  return changed
}

/** The chamber's notes on a member. */
export const notesQuery = (schemeId: string, memberId: string) =>
  queryOptions({
    queryKey: ['member-notes', schemeId, memberId],
    queryFn: ({ signal }) =>
      callApi('listMemberNotes', { params: { scheme: schemeId, id: memberId }, signal }),
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
