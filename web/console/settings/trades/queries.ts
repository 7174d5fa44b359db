import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { callApi } from '../../../api/client.ts'

export const tradeSettingsQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['trade-settings', schemeId],
    queryFn: ({ signal }) => callApi('getTrades', { params: { scheme: schemeId }, signal }),
  })

/** Activities found by code or title; the trade that each leads to is that of the version. */
export const activitiesQuery = (schemeId: string, version: number, q: string) =>
  queryOptions({
    queryKey: ['activities', schemeId, version, q],
    queryFn: ({ signal }) =>
      callApi('findActivities', { params: { scheme: schemeId }, query: { q }, signal }),
    enabled: q.length >= 2,
    placeholderData: keepPreviousData,
  })
