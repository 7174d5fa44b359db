import { keepPreviousData, useQueries, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { MemberFilter, MemberSummary } from '../../../../src/members/contract.ts'
import { useSettled } from '../../../ui/useSettled.ts'
import { MEMBERS_A_PAGE, type MemberOrder, membersQuery } from '../queries.ts'

/** While the list is scrolled fast, the pages that pass by are not fetched. */
const SETTLE_MS = 120

const pageOf = (index: number) => Math.floor(index / MEMBERS_A_PAGE)

/** The members that match a filter, of which only the rows in view are fetched. */
export function useMemberList(schemeId: string, filter: MemberFilter, order: MemberOrder) {
  const client = useQueryClient()
  const listed = JSON.stringify([schemeId, filter, order])
  const [view, setView] = useState({ of: listed, from: 0, to: 0 })
  const settled = useSettled(view, SETTLE_MS)
  const first = useQuery({ ...membersQuery(schemeId, filter, order, 0), placeholderData: keepPreviousData })
  const total = first.data?.counts?.total ?? 0
  const wanted = settled.of === listed ? settled : { from: 0, to: 0 }
  const last = Math.min(wanted.to, pageOf(Math.max(0, total - 1)))
  const pages = Array.from({ length: Math.max(0, last - wanted.from + 1) }, (_, n) => wanted.from + n).filter(
    (page) => page > 0,
  )
  const rest = useQueries({ queries: pages.map((page) => membersQuery(schemeId, filter, order, page)) })
  // Read here, so that the list is rendered again when they arrive.
  const inView = new Map(pages.map((page, n) => [page, rest[n]?.data]))
  const pageRows = (page: number): readonly MemberSummary[] =>
    (page === 0
      ? first.data
      : (inView.get(page) ?? client.getQueryData(membersQuery(schemeId, filter, order, page).queryKey))
    )?.members ?? []
  const rowAt = (index: number) => pageRows(pageOf(index))[index % MEMBERS_A_PAGE]
  return {
    first,
    total,
    rowAt,
    /** The rows fetched so far, each with its place in the list from 0. */
    fetchedRows: () =>
      Array.from({ length: pageOf(Math.max(0, total - 1)) + 1 }, (_, page) =>
        pageRows(page).map((row, n) => ({ row, index: page * MEMBERS_A_PAGE + n })),
      ).flat(),
    async fetchRow(index: number): Promise<MemberSummary | undefined> {
      const page = await client.fetchQuery({
        ...membersQuery(schemeId, filter, order, pageOf(index)),
        staleTime: 0,
      })
      return page.members[index % MEMBERS_A_PAGE]
    },
    /** Fetches these rows, and those fetched with them. */
    show(from: number, to: number): void {
      const next = { of: listed, from: pageOf(Math.max(0, from)), to: pageOf(Math.max(0, to)) }
      if (next.of !== view.of || next.from !== view.from || next.to !== view.to) setView(next)
    },
    error: rest.find(({ isError }) => isError)?.error ?? null,
    refetch: () => void Promise.all(rest.map((one) => one.refetch())),
  }
}

export type MemberList = ReturnType<typeof useMemberList>
