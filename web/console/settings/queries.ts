import { queryOptions } from '@tanstack/react-query'
import type { ObserverView } from '../../../src/alerts/observers/contract.ts'
import { callApi } from '../../api/client.ts'

export const doctrineQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['doctrine', schemeId],
    queryFn: ({ signal }) => callApi('getDoctrineSettings', { params: { scheme: schemeId }, signal }),
  })

export interface ObserverList {
  readonly observers: ObserverView[]
}

export const observersQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['observers', schemeId],
    queryFn: ({ signal }) => callApi('getObservers', { params: { scheme: schemeId }, signal }),
  })

export const chartersQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['charters', schemeId],
    queryFn: ({ signal }) => callApi('listCharters', { params: { scheme: schemeId }, signal }),
  })

/** A published version never changes. */
export const charterQuery = (schemeId: string, version: number) =>
  queryOptions({
    queryKey: ['charters', schemeId, version],
    queryFn: ({ signal }) => callApi('getCharter', { params: { scheme: schemeId, version }, signal }),
    staleTime: Number.POSITIVE_INFINITY,
  })

export const accessSettingsQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['access-settings', schemeId],
    queryFn: ({ signal }) => callApi('getAccessSettings', { params: { scheme: schemeId }, signal }),
  })

export const messageSettingsQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['message-settings', schemeId],
    queryFn: ({ signal }) => callApi('getMessageSettings', { params: { scheme: schemeId }, signal }),
  })

export const breakGlassStatusQuery = queryOptions({
  queryKey: ['break-glass', 'status'],
  queryFn: ({ signal }) => callApi('getBreakGlassStatus', { signal }),
})

export const schemeContactQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['contact', schemeId],
    queryFn: ({ signal }) => callApi('getSchemeContact', { params: { scheme: schemeId }, signal }),
  })
