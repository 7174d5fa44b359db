import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { RefusalCode } from '../../../src/reports/contract.ts'
import { callApi } from '../../api/client.ts'
import type { ReportState } from '../../api/queries.ts'

export interface ReportFilter {
  state?: ReportState | undefined
  categoryCode?: string | undefined
  agencyId?: string | undefined
  refusalCode?: RefusalCode | undefined
  /** First and last day, 2026-03-12. */
  from?: string | undefined
  to?: string | undefined
  q?: string | undefined
  exercise?: boolean | undefined
}

const REPORTS_A_PAGE = 30

export const reportsQuery = (schemeId: string, filter: ReportFilter) =>
  infiniteQueryOptions({
    queryKey: ['reports', schemeId, filter],
    queryFn: ({ signal, pageParam }) =>
      callApi('listReports', {
        params: { scheme: schemeId },
        query: { ...filter, before: pageParam, limit: REPORTS_A_PAGE },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  })

export const statisticsQuery = (schemeId: string) =>
  queryOptions({
    // Stored under the key of the reports, since a decision changes both.
    queryKey: ['reports', schemeId, 'statistics'],
    queryFn: ({ signal }) => callApi('getReportStatistics', { params: { scheme: schemeId }, signal }),
  })
