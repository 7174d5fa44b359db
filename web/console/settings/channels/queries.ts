import { queryOptions } from '@tanstack/react-query'
import { callApi } from '../../../api/client.ts'

export const mailQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['mail', schemeId],
    queryFn: ({ signal }) => callApi('getMail', { params: { scheme: schemeId }, signal }),
    refetchInterval: 60_000,
  })

export const routeOrderQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['route-order', schemeId],
    queryFn: ({ signal }) => callApi('getRouteOrder', { params: { scheme: schemeId }, signal }),
    refetchInterval: 15_000,
  })
