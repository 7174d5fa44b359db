import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { Statistics, StatisticsFilter } from '../../../src/statistics/contract.ts'
import { call, inScheme } from '../../api/client.ts'

export type Filter = { readonly [K in keyof StatisticsFilter]?: StatisticsFilter[K] | undefined }

export const figuresQuery = (schemeId: string, filter: Filter) =>
  queryOptions({
    queryKey: ['figures', schemeId, filter],
    queryFn: ({ signal }) => call<Statistics>(inScheme(schemeId, '/statistics'), { query: filter, signal }),
    placeholderData: keepPreviousData,
  })

export const publish = (schemeId: string, published: boolean) =>
  call<{ published: boolean }>(inScheme(schemeId, '/statistics/publication'), {
    method: 'PUT',
    body: { published },
  })
