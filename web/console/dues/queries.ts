import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { DebitFileView, DebitsView } from '../../../src/dues/collect/debit-contract.ts'
import type { DuesFacet, DuesPage, MemberDues } from '../../../src/dues/contract.ts'
import type { DuesSettings } from '../../../src/schemes/contract.ts'
import { call, inScheme } from '../../api/client.ts'

interface DuesFilter {
  readonly year?: number | undefined
  readonly facet?: DuesFacet | undefined
  readonly q?: string | undefined
  readonly trade?: string | undefined
}

export const duesQuery = (schemeId: string, filter: DuesFilter) =>
  infiniteQueryOptions({
    queryKey: ['dues', schemeId, filter],
    queryFn: ({ signal, pageParam }) =>
      call<DuesPage>(inScheme(schemeId, '/dues'), { query: { ...filter, after: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  })

export const memberDuesQuery = (schemeId: string, memberId: string) =>
  queryOptions({
    queryKey: ['member-dues', schemeId, memberId],
    queryFn: ({ signal }) => call<MemberDues>(inScheme(schemeId, `/members/${memberId}/dues`), { signal }),
  })

export const duesSettingsQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['dues-settings', schemeId],
    queryFn: ({ signal }) => call<DuesSettings>(inScheme(schemeId, '/dues-settings'), { signal }),
  })

/** @param collectOn of which day what is ready is counted; absent: the first that a file may be of */
export const debitsQuery = (schemeId: string, collectOn?: string) =>
  queryOptions({
    queryKey: ['debits', schemeId, 'on', collectOn],
    queryFn: ({ signal }) =>
      call<DebitsView>(inScheme(schemeId, '/debits'), { query: { collectOn }, signal }),
    placeholderData: keepPreviousData,
  })

export const debitFileQuery = (schemeId: string, id: string) =>
  queryOptions({
    queryKey: ['debits', schemeId, id],
    queryFn: ({ signal }) => call<DebitFileView>(inScheme(schemeId, `/debits/${id}`), { signal }),
  })
