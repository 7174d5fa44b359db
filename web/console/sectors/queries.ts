import { type QueryClient, queryOptions } from '@tanstack/react-query'
import { callApi } from '../../api/client.ts'

export const sectorsQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['sectors', schemeId],
    queryFn: ({ signal }) => callApi('getSectors', { params: { scheme: schemeId }, signal }),
  })

/** Refetches everything that shows sectors and zones. */
export function sectorsChanged(client: QueryClient, schemeId: string): Promise<unknown> {
  return Promise.all(
    ['sectors', 'scheme', 'areas', 'area-communes', 'audience'].map((about) =>
      client.invalidateQueries({ queryKey: [about, schemeId] }),
    ),
  )
}
