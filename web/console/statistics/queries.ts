import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { StatisticsFilter } from '../../../src/statistics/contract.ts'
import { callApi } from '../../api/client.ts'

export type Filter = { readonly [K in keyof StatisticsFilter]?: StatisticsFilter[K] | undefined }

export const figuresQuery = (schemeId: string, filter: Filter) =>
  queryOptions({
    queryKey: ['figures', schemeId, filter],
    queryFn: ({ signal }) =>
      callApi('getStatistics', { params: { scheme: schemeId }, query: filter, signal }),
    placeholderData: keepPreviousData,
  })

export const accountsQuery = (schemeId: string, filter: Filter) =>
  queryOptions({
    queryKey: ['figures', schemeId, 'committee', filter],
    queryFn: ({ signal }) =>
      callApi('getCommitteeAccounts', { params: { scheme: schemeId }, query: filter, signal }),
    placeholderData: keepPreviousData,
  })

export const publish = (schemeId: string, published: boolean) =>
  callApi('setPublication', { params: { scheme: schemeId }, body: { published } })
