import { infiniteQueryOptions, keepPreviousData } from '@tanstack/react-query'
import type { NumberFacet } from '../../../src/members/contract.ts'
import type { NumberPage } from '../../../src/members/numbers/contract.ts'
import { call, inScheme } from '../../api/client.ts'

interface NumberFilter {
  readonly facet: NumberFacet
  readonly q?: string | undefined
  readonly trade?: string | undefined
}

export const numbersQuery = (schemeId: string, filter: NumberFilter) =>
  infiniteQueryOptions({
    queryKey: ['numbers', schemeId, filter],
    queryFn: ({ signal, pageParam }) =>
      call<NumberPage>(inScheme(schemeId, '/numbers'), { query: { ...filter, after: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  })
