import { queryOptions } from '@tanstack/react-query'
import { callApi } from '../../api/client.ts'
import { afterShown } from '../../ui/loading/afterShown.ts'

export const rotaQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['on-call', schemeId],
    queryFn: ({ signal }) =>
      afterShown(() => callApi('getOnCallRota', { params: { scheme: schemeId }, signal })),
  })

/** Stored under the key of the alert, so that its events refresh it. */
export const callOutsQuery = (schemeId: string, alertId: string) =>
  queryOptions({
    queryKey: ['alert', schemeId, alertId, 'call-outs'],
    queryFn: async ({ signal }) =>
      (await callApi('listCallOuts', { params: { scheme: schemeId }, query: { alert: alertId }, signal }))
        .callOuts,
  })

/** The calls that wait for an answer. Stored under the key of the lists of alerts, so that events refresh it. */
export const openCallOutsQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['alerts', schemeId, 'call-outs'],
    queryFn: async ({ signal }) =>
      (await afterShown(() => callApi('listCallOuts', { params: { scheme: schemeId }, signal }))).callOuts,
  })
