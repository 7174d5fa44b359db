import { queryOptions } from '@tanstack/react-query'
import { callApi } from '../../api/client.ts'

export const sectorsQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['sectors', schemeId],
    queryFn: ({ signal }) => callApi('getSectors', { params: { scheme: schemeId }, signal }),
  })

/** Keys of the queries that depend on sectors and zones. */
export function sectorQueries(schemeId: string) {
  return ['sectors', 'scheme', 'areas', 'area-communes', 'audience'].map((about) => [about, schemeId])
}
