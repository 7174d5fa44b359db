import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { PortalSession, ShopView } from '../../src/portal/contract.ts'
import { finishSignOut, hasSignedOut } from '../portal/sign-in/leaving.ts'
import { ApiError, callApi } from './client.ts'
import { portalSessionKey } from './queries.ts'

// Queries of the member portal. Every key begins with "portal", since its session is separate from the console's.
// Earlier responses are available offline (see the portal's service worker), so no query waits for a network.

/** Path parameters of endpoints about one shop. */
export function paramsOfShop({ scheme, member }: ShopView) {
  return { scheme: scheme.id, member: member.id }
}

/** Null when nobody is signed in. */
export const portalSessionQuery = queryOptions({
  queryKey: portalSessionKey,
  queryFn: async ({ signal }): Promise<PortalSession | null> => {
    if (hasSignedOut()) {
      await finishSignOut()
      return null
    }
    try {
      return await callApi('getPortalSession', { signal })
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null
      throw error
    }
  },
  staleTime: 60_000,
  networkMode: 'offlineFirst',
})

/**
 * The shop that just left the scheme on this device, so that the sign-in page says so; null: none. Not stored on the
 * server.
 */
export const leftQuery = queryOptions({
  queryKey: ['portal', 'left'],
  queryFn: () => null,
  initialData: null as string | null,
  staleTime: Number.POSITIVE_INFINITY,
})

/** The start of the query keys of one shop. */
export const keyOfShop = ({ scheme, member }: ShopView) => ['portal', scheme.id, member.id] as const

/** Pages of alerts, latest first. */
export const ownAlertsQuery = (shop: ShopView) =>
  infiniteQueryOptions({
    queryKey: [...keyOfShop(shop), 'alerts'],
    queryFn: ({ pageParam, signal }) =>
      callApi('listOwnAlerts', { params: paramsOfShop(shop), query: { after: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    networkMode: 'offlineFirst',
  })

export const reportFormQuery = (shop: ShopView) =>
  queryOptions({
    queryKey: [...keyOfShop(shop), 'report-form'],
    queryFn: ({ signal }) => callApi('getReportForm', { params: paramsOfShop(shop), signal }),
    staleTime: 10 * 60_000,
    networkMode: 'offlineFirst',
  })

/** The reports of the shop, latest first. */
export const ownReportsQuery = (shop: ShopView) =>
  queryOptions({
    queryKey: [...keyOfShop(shop), 'reports'],
    queryFn: ({ signal }) => callApi('listOwnReports', { params: paramsOfShop(shop), signal }),
    networkMode: 'offlineFirst',
  })

/** The passkeys of the signed-in person, whichever shop is on screen. */
export const passkeysQuery = queryOptions({
  queryKey: ['portal', 'passkeys'],
  queryFn: ({ signal }) => callApi('listPasskeys', { signal }),
})

/** The open sessions of the signed-in person. */
export const ownSessionsQuery = queryOptions({
  queryKey: ['portal', 'sessions'],
  queryFn: ({ signal }) => callApi('listContactSessions', { signal }),
})

/** The current charter, and what the shop has signed of it. */
export const ownCharterQuery = (shop: ShopView) =>
  queryOptions({
    queryKey: [...keyOfShop(shop), 'charter'],
    queryFn: ({ signal }) => callApi('getOwnCharter', { params: paramsOfShop(shop), signal }),
  })

export const ownShopQuery = (shop: ShopView) =>
  queryOptions({
    queryKey: [...keyOfShop(shop), 'shop'],
    queryFn: ({ signal }) => callApi('getOwnShop', { params: paramsOfShop(shop), signal }),
    networkMode: 'offlineFirst',
  })

/** The dues and payments of the shop, and its means of payment. */
export const ownDuesQuery = (shop: ShopView) =>
  queryOptions({
    queryKey: [...keyOfShop(shop), 'dues'],
    queryFn: ({ signal }) => callApi('getOwnDues', { params: paramsOfShop(shop), signal }),
    networkMode: 'offlineFirst',
  })
