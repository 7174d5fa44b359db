import { queryOptions } from '@tanstack/react-query'
import { callApi } from '../../api/client.ts'

/** Stored under the key of reports, so that changes of reports refresh it. */
export const seriesQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['reports', schemeId, 'series'],
    queryFn: ({ signal }) => callApi('listSeries', { params: { scheme: schemeId }, signal }),
  })
