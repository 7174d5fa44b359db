import { keepPreviousData, queryOptions, skipToken } from '@tanstack/react-query'
import type { z } from 'zod'
import type { AudienceQuery, CurrentAlerts, NearQuery } from '../../src/alerts/contract.ts'
import { isInProgress } from '../../src/alerts/states.ts'
import type { DeliveryStateName } from '../../src/deliveries/contract.ts'
import type { MemberStatusName } from '../../src/members/contract.ts'
import { HOUR_MS } from '../../src/message/clock.ts'
import type { AlertStateName, ReportView } from '../../src/reports/contract.ts'
import type { Area } from '../../src/territory/contract.ts'
import { afterShown } from '../ui/loading/afterShown.ts'
import { ApiError, callApi } from './client.ts'

export type AlertState = z.infer<typeof AlertStateName>
export type DeliveryState = z.infer<typeof DeliveryStateName>
export type MemberStatus = z.infer<typeof MemberStatusName>
export type ReportState = ReportView['state']

export const aboutQuery = queryOptions({
  queryKey: ['about'],
  queryFn: ({ signal }) => callApi('getAbout', { signal }),
  staleTime: HOUR_MS,
})

/** Null when nobody is signed in. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }) => {
    try {
      return await callApi('getSession', { signal })
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null
      throw error
    }
  },
  staleTime: 5 * 60_000,
})

const BREAK_GLASS_MS = 30_000

/** The opening of the break-glass account that every screen shows. The streams say when to read it again; this is for screens without one. */
export const breakGlassQuery = queryOptions({
  queryKey: ['break-glass'],
  queryFn: ({ signal }) => afterShown(() => callApi('getBreakGlass', { signal })),
  refetchInterval: BREAK_GLASS_MS,
})

/** The key of the portal's session (api/portal.ts), defined here because every screen loads this file. */
export const portalSessionKey = ['portal', 'session'] as const

/**
 * Whether the server ended the session while it was in use, so that the start page says so. Not stored on the server.
 */
export const endedQuery = queryOptions({
  queryKey: ['ended'],
  queryFn: () => false,
  initialData: false,
  staleTime: Number.POSITIVE_INFINITY,
})

export const schemeQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['scheme', schemeId],
    queryFn: ({ signal }) => callApi('getScheme', { params: { scheme: schemeId }, signal }),
    staleTime: HOUR_MS,
  })

export const placesQuery = (schemeId: string, q: string) =>
  queryOptions({
    queryKey: ['places', schemeId, q],
    queryFn: async ({ signal }) =>
      (await callApi('searchPlaces', { params: { scheme: schemeId }, query: { q, limit: 8 }, signal }))
        .places,
    enabled: q !== '',
    staleTime: HOUR_MS,
    placeholderData: keepPreviousData,
  })

/** Every name of a commune of the territory, for the line of a call. */
export const placeNamesQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['place-names', schemeId],
    queryFn: async ({ signal }) =>
      (await afterShown(() => callApi('listPlaceNames', { params: { scheme: schemeId }, signal }))).names,
    staleTime: HOUR_MS,
  })

export const areasQuery = (schemeId: string, commune: string | null) =>
  queryOptions({
    queryKey: ['areas', schemeId, commune],
    queryFn:
      commune === null
        ? skipToken
        : async ({ signal }) =>
            (await callApi('listAreaChoices', { params: { scheme: schemeId }, query: { commune }, signal }))
              .choices,
    staleTime: HOUR_MS,
  })

export const communesOfAreaQuery = (schemeId: string, area: Area | null) =>
  queryOptions({
    queryKey: ['area-communes', schemeId, area],
    queryFn:
      area === null
        ? skipToken
        : ({ signal }) =>
            afterShown(() =>
              callApi('listAreaCommunes', { params: { scheme: schemeId }, body: { area }, signal }),
            ),
    staleTime: HOUR_MS,
    placeholderData: keepPreviousData,
  })

export const mapQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['map', schemeId],
    queryFn: ({ signal }) =>
      afterShown(() => callApi('getTerritoryMap', { params: { scheme: schemeId }, signal })),
    staleTime: HOUR_MS,
  })

export const callersQuery = (schemeId: string, q: string) =>
  queryOptions({
    queryKey: ['callers', schemeId, q],
    queryFn: ({ signal }) => callApi('findCaller', { params: { scheme: schemeId }, query: { q }, signal }),
    enabled: q.length >= 3,
    staleTime: 60_000,
    placeholderData: keepPreviousData,
  })

export const routesQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['routes', schemeId],
    queryFn: ({ signal }) => callApi('getRoutes', { params: { scheme: schemeId }, signal }),
    refetchInterval: 15_000,
  })

/** Kept in memory of this window only, so that members' names do not stay on the computer. */
export const guardFactsQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['guard-facts', schemeId],
    queryFn: ({ signal }) => callApi('getGuardFacts', { params: { scheme: schemeId }, signal }),
    staleTime: 5 * 60_000,
  })

export const audienceQuery = (schemeId: string, query: AudienceQuery | null) =>
  queryOptions({
    queryKey: ['audience', schemeId, query],
    queryFn:
      query === null
        ? skipToken
        : ({ signal }) => callApi('previewAudience', { params: { scheme: schemeId }, body: query, signal }),
    staleTime: 30_000,
  })

export const waitingQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['reports', schemeId, 'waiting'],
    queryFn: async ({ signal }) =>
      (
        await callApi('listReports', {
          params: { scheme: schemeId },
          query: { state: 'waiting', limit: 50 },
          signal,
        })
      ).reports,
  })

/** The calls that the user was entering, on any machine. */
export const callNotesQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['call-notes', schemeId],
    queryFn: async ({ signal }) =>
      (await afterShown(() => callApi('listCallNotes', { params: { scheme: schemeId }, signal }))).notes,
  })

/** Stored under the key of the lists of alerts, so that changes of one refresh the other. */
export const nearQuery = (schemeId: string, query: NearQuery | null) =>
  queryOptions({
    queryKey: ['alerts', schemeId, 'near', query],
    queryFn:
      query === null
        ? skipToken
        : async ({ signal }) =>
            (await callApi('listNear', { params: { scheme: schemeId }, body: query, signal })).alerts,
    // Further typing changes the query but not the incident: an alert that was found stays on screen until the next
    // response. Results about another incident are dropped.
    placeholderData: (found, asked) =>
      incidentOf(asked?.queryKey[3] as NearQuery | null) === incidentOf(query) ? found : undefined,
    refetchInterval: 30_000,
  })

const incidentOf = (query: NearQuery | null) => JSON.stringify({ ...query, words: null })

/** The alerts that the screens of the console show lists of: each list selects its own, so that a change reads them once. */
export const currentAlertsQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['alerts', schemeId, 'current'],
    queryFn: ({ signal }) => callApi('listCurrentAlerts', { params: { scheme: schemeId }, signal }),
  })

export const openAlertsQuery = (schemeId: string) => ({
  ...currentAlertsQuery(schemeId),
  select: ({ alerts }: CurrentAlerts) => alerts.filter(({ state }) => isInProgress(state)),
})

export const recentAlertsQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['alerts', schemeId, 'recent'],
    queryFn: async ({ signal }) =>
      (await afterShown(() => callApi('listRecentAlerts', { params: { scheme: schemeId }, signal }))).alerts,
    staleTime: 60_000,
  })

export const alertQuery = (schemeId: string, alertId: string) =>
  queryOptions({
    queryKey: ['alert', schemeId, alertId],
    queryFn: ({ signal }) => callApi('getAlert', { params: { scheme: schemeId, id: alertId }, signal }),
  })
