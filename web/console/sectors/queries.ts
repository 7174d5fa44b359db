import { queryOptions } from '@tanstack/react-query'
import { callApi } from '../../api/client.ts'

export const sectorsQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['sectors', schemeId],
    queryFn: ({ signal }) => callApi('getSectors', { params: { scheme: schemeId }, signal }),
  })

/** The alerts that are not over and name a sector in their area. */
export const sectorAlertsQuery = (schemeId: string, id: string) =>
  queryOptions({
    queryKey: ['sectors', schemeId, 'alerts', id],
    queryFn: async ({ signal }) =>
      (await callApi('listSectorAlerts', { params: { scheme: schemeId, id }, signal })).alerts,
  })

/** Keys of the queries that depend on sectors and zones. */
export function sectorQueries(schemeId: string) {
  return ['sectors', 'scheme', 'areas', 'area-communes', 'audience'].map((about) => [about, schemeId])
}
