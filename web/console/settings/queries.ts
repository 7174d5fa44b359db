import { queryOptions } from '@tanstack/react-query'
import type { ObserverView } from '../../../src/alerts/observers/contract.ts'
import type { CharterList, CharterText } from '../../../src/enrolment/contract.ts'
import type { DoctrineView, MessageSettings } from '../../../src/schemes/contract.ts'
import { call, inScheme } from '../../api/client.ts'

export const doctrineQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['doctrine', schemeId],
    queryFn: ({ signal }) => call<DoctrineView>(inScheme(schemeId, '/doctrine'), { signal }),
  })

export interface ObserverList {
  readonly observers: ObserverView[]
}

export const observersQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['observers', schemeId],
    queryFn: ({ signal }) => call<ObserverList>(inScheme(schemeId, '/observers'), { signal }),
  })

export const chartersQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['charters', schemeId],
    queryFn: ({ signal }) => call<CharterList>(inScheme(schemeId, '/charters'), { signal }),
  })

/** One version never changes. */
export const charterQuery = (schemeId: string, version: number) =>
  queryOptions({
    queryKey: ['charters', schemeId, version],
    queryFn: ({ signal }) => call<CharterText>(inScheme(schemeId, `/charters/${version}`), { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  })

export const messageSettingsQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['message-settings', schemeId],
    queryFn: ({ signal }) => call<MessageSettings>(inScheme(schemeId, '/message-settings'), { signal }),
  })
