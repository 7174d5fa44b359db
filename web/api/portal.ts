import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { OwnDues } from '../../src/dues/contract.ts'
import type { OwnAlertList } from '../../src/portal/alerts/contract.ts'
import type { PasskeyList, PortalSession, ShopView } from '../../src/portal/contract.ts'
import type { OwnCharterView, OwnShopView } from '../../src/portal/shop-contract.ts'
import type { OwnReportForm, OwnReportList } from '../../src/reports/own/contract.ts'
import { ApiError, call } from './client.ts'
import { portalSessionKey } from './queries.ts'

// What the portal of merchants asks. Every key begins with "portal": its session is not that of the console. What was
// received before is answered without a network too (see the portal's service worker), so nothing waits for one.

/** The path of something of one shop. */
export function ofShop({ scheme, member }: ShopView, path: string): string {
  return `/portal/shops/${encodeURIComponent(scheme.id)}/${member.id}${path}`
}

/** Null when nobody is signed in. */
export const portalSessionQuery = queryOptions({
  queryKey: portalSessionKey,
  queryFn: async ({ signal }): Promise<PortalSession | null> => {
    try {
      return await call<PortalSession>('/portal/session', { signal })
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
      call<OwnAlertList>(ofShop(shop, '/alerts'), { query: { after: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    networkMode: 'offlineFirst',
  })

export const reportFormQuery = (shop: ShopView) =>
  queryOptions({
    queryKey: [...keyOfShop(shop), 'report-form'],
    queryFn: ({ signal }) => call<OwnReportForm>(ofShop(shop, '/report-form'), { signal }),
    staleTime: 10 * 60_000,
    networkMode: 'offlineFirst',
  })

/** What the shop reported, latest first. */
export const ownReportsQuery = (shop: ShopView) =>
  queryOptions({
    queryKey: [...keyOfShop(shop), 'reports'],
    queryFn: ({ signal }) => call<OwnReportList>(ofShop(shop, '/reports'), { signal }),
    networkMode: 'offlineFirst',
  })

/** The passkeys of whoever is signed in, whichever shop is on screen. */
export const passkeysQuery = queryOptions({
  queryKey: ['portal', 'passkeys'],
  queryFn: ({ signal }) => call<PasskeyList>('/portal/passkeys', { signal }),
})

/** The charter in force, and what the shop signed of it. */
export const ownCharterQuery = (shop: ShopView) =>
  queryOptions({
    queryKey: [...keyOfShop(shop), 'charter'],
    queryFn: ({ signal }) => call<OwnCharterView>(ofShop(shop, '/charter'), { signal }),
  })

export const ownShopQuery = (shop: ShopView) =>
  queryOptions({
    queryKey: [...keyOfShop(shop), 'shop'],
    queryFn: ({ signal }) => call<OwnShopView>(ofShop(shop, ''), { signal }),
    networkMode: 'offlineFirst',
  })

/** What the shop owes and paid, and how it can pay. */
export const ownDuesQuery = (shop: ShopView) =>
  queryOptions({
    queryKey: [...keyOfShop(shop), 'dues'],
    queryFn: ({ signal }) => call<OwnDues>(ofShop(shop, '/dues'), { signal }),
    networkMode: 'offlineFirst',
  })
