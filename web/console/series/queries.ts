import { queryOptions } from '@tanstack/react-query'
import type { SeriesPage } from '../../../src/reports/series/contract.ts'
import { call, inScheme } from '../../api/client.ts'

/** Under the key of reports, so that what changes them changes this too. */
export const seriesQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['reports', schemeId, 'series'],
    queryFn: ({ signal }) => call<SeriesPage>(inScheme(schemeId, '/series'), { signal }),
  })
