import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { PortalSession, ShopView } from '../../src/portal/contract.ts'
import { ApiError, callApi } from './client.ts'
import { portalSessionKey } from './queries.ts'

// What the portal of merchants asks. Every key begins with "portal": its session is not that of the console. What was
// received before is answered without a network too (see the portal's service worker), so nothing waits for one.

/** The parameters of what concerns one shop. */
export function paramsOfShop({ scheme, member }: ShopView) {
  return { scheme: scheme.id, member: member.id }
}

/** Null when nobody is signed in. */
export const portalSessionQuery = queryOptions({
  queryKey: portalSessionKey,
  queryFn: async ({ signal }): Promise<PortalSession | null> => {
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

/** The shop that just left from here: the sign-in says so. Known only on this side; null: none. */
export const leftQuery = queryOptions({
  queryKey: ['portal', 'left'],
  queryFn: () => null,
  initialData: null as string | null,
  staleTime: Number.POSITIVE_INFINITY,
})

/** What all queries of one shop begin with. */
export const keyOfShop = ({ scheme, member }: ShopView) => ['portal', scheme.id, member.id] as const

/** Latest first, a page at a time. */
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

/** What the shop reported, latest first. */
export const ownReportsQuery = (shop: ShopView) =>
  queryOptions({
    queryKey: [...keyOfShop(shop), 'reports'],
    queryFn: ({ signal }) => callApi('listOwnReports', { params: paramsOfShop(shop), signal }),
    networkMode: 'offlineFirst',
  })

/** The passkeys of whoever is signed in, whichever shop is on screen. */
export const passkeysQuery = queryOptions({
  queryKey: ['portal', 'passkeys'],
  queryFn: ({ signal }) => callApi('listPasskeys', { signal }),
})

/** The charter in force, and what the shop signed of it. */
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

/** What the shop owes and paid, and how it can pay. */
export const ownDuesQuery = (shop: ShopView) =>
  queryOptions({
    queryKey: [...keyOfShop(shop), 'dues'],
    queryFn: ({ signal }) => callApi('getOwnDues', { params: paramsOfShop(shop), signal }),
    networkMode: 'offlineFirst',
  })
