import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { NumberFacet } from '../../../src/members/contract.ts'
import { callApi } from '../../api/client.ts'

interface NumberFilter {
  readonly facet: NumberFacet
  readonly q?: string | undefined
  readonly trade?: string | undefined
}

export const numbersQuery = (schemeId: string, filter: NumberFilter) =>
  infiniteQueryOptions({
    queryKey: ['numbers', schemeId, filter],
    queryFn: ({ signal, pageParam }) =>
      callApi('listNumbers', {
        params: { scheme: schemeId },
        query: { ...filter, after: pageParam },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  })

export const numberSettingsQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['number-settings', schemeId],
    queryFn: ({ signal }) => callApi('getNumberSettings', { params: { scheme: schemeId }, signal }),
  })
