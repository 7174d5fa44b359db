import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { FoundBusinesses } from '../../src/enrolment/contract.ts'
import { HOUR_MS } from '../../src/message/clock.ts'
import { callApi } from '../api/client.ts'

export const publicSchemeQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['public-scheme', schemeId],
    queryFn: ({ signal }) => callApi('getPublicScheme', { params: { scheme: schemeId }, signal }),
    staleTime: 5 * 60_000,
  })

/** The outline of its territory and its towns. */
export const publicMapQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['public-map', schemeId],
    queryFn: ({ signal }) => callApi('getPublicMap', { params: { scheme: schemeId }, signal }),
    staleTime: 60 * 60_000,
  })

/** The data of its privacy notice. */
export const privacyQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['privacy', schemeId],
    queryFn: ({ signal }) => callApi('getPrivacyFacts', { params: { scheme: schemeId }, signal }),
    staleTime: 5 * 60_000,
  })

/** The public figures of the scheme's alerts; null: not published. */
export const publicFiguresQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['public-figures', schemeId],
    queryFn: ({ signal }) => callApi('getPublicFigures', { params: { scheme: schemeId }, signal }),
    staleTime: 5 * 60_000,
  })

/** Whether messages are sent now. */
export const serviceStatusQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['service-status', schemeId],
    queryFn: ({ signal }) => callApi('getServiceStatus', { params: { scheme: schemeId }, signal }),
    staleTime: 5000,
    refetchInterval: 10_000,
  })

/** The enrolment started in this browser; null: none. The server identifies it by a cookie. */
export const ownEnrolmentQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['own-enrolment', schemeId],
    queryFn: async ({ signal }) =>
      (await callApi('getOwnEnrolment', { params: { scheme: schemeId }, signal })).enrolment,
    staleTime: 30_000,
  })

export const publicPlacesQuery = (schemeId: string, q: string) =>
  queryOptions({
    queryKey: ['public-places', schemeId, q],
    queryFn: async ({ signal }) =>
      (await callApi('searchPublicPlaces', { params: { scheme: schemeId }, query: { q }, signal })).places,
    enabled: q !== '',
    staleTime: HOUR_MS,
    placeholderData: keepPreviousData,
  })

/** The trades that a word may mean. */
export const publicTradesQuery = (schemeId: string, q: string) =>
  queryOptions({
    queryKey: ['public-trades', schemeId, q],
    queryFn: ({ signal }) =>
      callApi('searchPublicTrades', { params: { scheme: schemeId }, query: { q }, signal }),
    enabled: q !== '',
    staleTime: HOUR_MS,
    placeholderData: keepPreviousData,
  })

/** Finds businesses of the register, by SIRET or by words of their name. @param commune INSEE code, or empty */
export function searchRegister(schemeId: string, q: string, commune: string): Promise<FoundBusinesses> {
  return callApi('searchBusinesses', { params: { scheme: schemeId }, query: { q: q.trim(), commune } })
}
