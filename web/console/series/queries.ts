import { queryOptions } from '@tanstack/react-query'
import { callApi } from '../../api/client.ts'

/** Under the key of reports, so that what changes them changes this too. */
export const seriesQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['reports', schemeId, 'series'],
    queryFn: ({ signal }) => callApi('listSeries', { params: { scheme: schemeId }, signal }),
  })
