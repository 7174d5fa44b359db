import { infiniteQueryOptions, keepPreviousData, queryOptions, skipToken } from '@tanstack/react-query'
import type { z } from 'zod'
import type {
  AlertStateName,
  AudienceQuery,
  CurrentAlerts,
  HeldBackList,
  NearQuery,
} from '../../src/alerts/contract.ts'
import { isInProgress } from '../../src/alerts/states.ts'
import type { DeliveryStateName } from '../../src/deliveries/contract.ts'
import type { MemberFilter, MemberSort, MemberStatusName } from '../../src/members/contract.ts'
import type { RefusalCode, ReportView } from '../../src/reports/contract.ts'
import type { Area } from '../../src/territory/contract.ts'
import { afterShown } from '../ui/afterShown.ts'
import { ApiError, callApi } from './client.ts'

export type AlertState = z.infer<typeof AlertStateName>
export type DeliveryState = z.infer<typeof DeliveryStateName>
export type MemberStatus = z.infer<typeof MemberStatusName>
export type ReportState = ReportView['state']

const HOUR = 3_600_000

export const aboutQuery = queryOptions({
  queryKey: ['about'],
  queryFn: ({ signal }) => callApi('getAbout', { signal }),
  staleTime: HOUR,
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

/** Whether the session is locked: its screens are hidden until its user has unlocked it. Not stored on the server. */
export const lockedQuery = queryOptions({
  queryKey: ['locked'],
  queryFn: () => false,
  initialData: false,
  staleTime: Number.POSITIVE_INFINITY,
})

export const schemeQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['scheme', schemeId],
    queryFn: ({ signal }) => callApi('getScheme', { params: { scheme: schemeId }, signal }),
    staleTime: HOUR,
  })

export const placesQuery = (schemeId: string, q: string) =>
  queryOptions({
    queryKey: ['places', schemeId, q],
    queryFn: async ({ signal }) =>
      (await callApi('searchPlaces', { params: { scheme: schemeId }, query: { q, limit: 8 }, signal }))
        .places,
    enabled: q !== '',
    staleTime: HOUR,
    placeholderData: keepPreviousData,
  })

/** Every name of a commune of the territory, for the line of a call. */
export const placeNamesQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['place-names', schemeId],
    queryFn: async ({ signal }) =>
      (await afterShown(() => callApi('listPlaceNames', { params: { scheme: schemeId }, signal }))).names,
    staleTime: HOUR,
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
    staleTime: HOUR,
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
    staleTime: HOUR,
    placeholderData: keepPreviousData,
  })

export const mapQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['map', schemeId],
    queryFn: ({ signal }) =>
      afterShown(() => callApi('getTerritoryMap', { params: { scheme: schemeId }, signal })),
    staleTime: HOUR,
  })

/** The contours of a département. A version never changes, so it is loaded once. */
export const contoursQuery = (departement: string, version: string) =>
  queryOptions({
    queryKey: ['contours', departement, version],
    queryFn: ({ signal }) =>
      callApi('getContours', { params: { departement }, query: { v: version }, signal }),
    staleTime: Number.POSITIVE_INFINITY,
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

const HELD_BACK_A_PAGE = 50

/** Returns where the next page begins, until all are loaded. */
function nextHeldBack(_: HeldBackList, pages: readonly HeldBackList[]): number | null {
  const read = pages.reduce((sum, page) => sum + page.recipients.length, 0)
  return read < (pages[0]?.total ?? 0) && pages.at(-1)?.recipients.length === HELD_BACK_A_PAGE ? read : null
}

/** Stored under the key of the preview, so that changes of the counts refresh the names. */
export const wouldBeHeldBackQuery = (schemeId: string, query: AudienceQuery, enabled: boolean) =>
  infiniteQueryOptions({
    queryKey: ['audience', schemeId, query, 'held-back'],
    queryFn: ({ signal, pageParam }) =>
      callApi('previewHeldBack', {
        params: { scheme: schemeId },
        body: query,
        query: { offset: pageParam, limit: HELD_BACK_A_PAGE },
        signal,
      }),
    initialPageParam: 0,
    getNextPageParam: nextHeldBack,
    enabled,
    staleTime: 30_000,
  })

export const heldBackQuery = (schemeId: string, alertId: string, enabled: boolean) =>
  infiniteQueryOptions({
    queryKey: ['alert', schemeId, alertId, 'held-back'],
    queryFn: ({ signal, pageParam }) =>
      callApi('listHeldBackOf', {
        params: { scheme: schemeId, id: alertId },
        query: { offset: pageParam, limit: HELD_BACK_A_PAGE },
        signal,
      }),
    initialPageParam: 0,
    getNextPageParam: nextHeldBack,
    enabled,
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

export interface ReportFilter {
  state?: ReportState | undefined
  categoryCode?: string | undefined
  agencyId?: string | undefined
  refusalCode?: RefusalCode | undefined
  /** First and last day, 2026-03-12. */
  from?: string | undefined
  to?: string | undefined
  q?: string | undefined
  exercise?: boolean | undefined
}

const REPORTS_A_PAGE = 30

export const reportsQuery = (schemeId: string, filter: ReportFilter) =>
  infiniteQueryOptions({
    queryKey: ['reports', schemeId, filter],
    queryFn: ({ signal, pageParam }) =>
      callApi('listReports', {
        params: { scheme: schemeId },
        query: { ...filter, before: pageParam, limit: REPORTS_A_PAGE },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  })

export const statisticsQuery = (schemeId: string) =>
  queryOptions({
    // Stored under the key of the reports, since a decision changes both.
    queryKey: ['reports', schemeId, 'statistics'],
    queryFn: ({ signal }) => callApi('getReportStatistics', { params: { scheme: schemeId }, signal }),
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

const ALERTS_A_PAGE = 30

export interface AlertFilter {
  /** `open`: still being sent or active. */
  state?: AlertState | 'open' | undefined
  ordered?: boolean | undefined
  q?: string | undefined
}

export const alertsQuery = (schemeId: string, { state, ...filter }: AlertFilter) =>
  infiniteQueryOptions({
    queryKey: ['alerts', schemeId, 'list', { state, ...filter }],
    queryFn: ({ signal, pageParam }) =>
      callApi('listAlerts', {
        params: { scheme: schemeId },
        query: {
          ...(state === 'open' ? { open: true } : { state }),
          ...filter,
          before: pageParam,
          limit: ALERTS_A_PAGE,
        },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  })

export const alertQuery = (schemeId: string, alertId: string) =>
  queryOptions({
    queryKey: ['alert', schemeId, alertId],
    queryFn: ({ signal }) => callApi('getAlert', { params: { scheme: schemeId, id: alertId }, signal }),
  })

/** The recipients of a follow-up sent now. */
export const followUpPreviewQuery = (schemeId: string, alertId: string) =>
  queryOptions({
    queryKey: ['follow-up', schemeId, alertId],
    queryFn: ({ signal }) =>
      callApi('previewFollowUp', { params: { scheme: schemeId, id: alertId }, signal }),
  })

/** Number of recipients on one page of the table, which limits how much each change refetches. */
export const DELIVERIES_A_PAGE = 50

export const deliveriesQuery = (
  schemeId: string,
  alertId: string,
  broadcast: string | null,
  state: DeliveryState | null,
  /** From 1. */
  page: number,
) =>
  queryOptions({
    queryKey: ['deliveries', schemeId, alertId, broadcast, state, page],
    queryFn: ({ signal }) =>
      callApi('listDeliveries', {
        params: { scheme: schemeId, id: alertId },
        query: { broadcast, state, offset: (page - 1) * DELIVERIES_A_PAGE, limit: DELIVERIES_A_PAGE },
        signal,
      }),
    placeholderData: keepPreviousData,
  })

/** Stored under the key of the list, so that changes of the list refresh it. */
export const deliveryQuery = (schemeId: string, alertId: string, broadcast: string | null, no: number) =>
  queryOptions({
    queryKey: ['deliveries', schemeId, alertId, 'one', broadcast, no],
    queryFn: ({ signal }) =>
      callApi('explainAlertDelivery', {
        params: { scheme: schemeId, id: alertId, no },
        query: { broadcast },
        signal,
      }),
  })

/** The rows of the list of members that are fetched at once. */
export const MEMBERS_A_PAGE = 100

export interface MemberOrder {
  readonly sort: MemberSort
  readonly descending: boolean
}

/** One page of the list of members. @param page from 0; any can be fetched without those before it */
export const membersQuery = (schemeId: string, filter: MemberFilter, order: MemberOrder, page: number) =>
  queryOptions({
    queryKey: ['members', schemeId, filter, order, page],
    queryFn: ({ signal }) =>
      callApi('listMembers', {
        params: { scheme: schemeId },
        query: { ...filter, ...order, skip: page * MEMBERS_A_PAGE, limit: MEMBERS_A_PAGE },
        signal,
      }),
  })

export const memberQuery = (schemeId: string, memberId: string) =>
  queryOptions({
    queryKey: ['member', schemeId, memberId],
    queryFn: ({ signal }) => callApi('getMember', { params: { scheme: schemeId, id: memberId }, signal }),
  })

export const mailsQuery = queryOptions({
  queryKey: ['mails'],
  queryFn: async ({ signal }) => (await callApi('listDemoMails', { signal })).mails,
  refetchInterval: 3000,
})

export const mailQuery = (id: string) =>
  queryOptions({
    queryKey: ['mail', id],
    queryFn: ({ signal }) => callApi('getDemoMail', { params: { id }, signal }),
    staleTime: Number.POSITIVE_INFINITY,
  })

export const handsetsQuery = (q: string) =>
  queryOptions({
    queryKey: ['handsets', q],
    queryFn: async ({ signal }) =>
      (await callApi('listHandsets', { query: { q, limit: 60 }, signal })).handsets,
    placeholderData: keepPreviousData,
  })

/** The alerts that are not over and name a sector in their area. */
export const sectorAlertsQuery = (schemeId: string, id: string) =>
  queryOptions({
    queryKey: ['sectors', schemeId, 'alerts', id],
    queryFn: async ({ signal }) =>
      (await callApi('listSectorAlerts', { params: { scheme: schemeId, id }, signal })).alerts,
  })

/** Every use of the signed-in magistrate's name. */
export const ownUsesQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['magistrates', schemeId, 'own'],
    queryFn: async ({ signal }) =>
      (await callApi('listOwnUses', { params: { scheme: schemeId }, signal })).uses,
  })

/** The magistrates whose authorisation may be recorded. */
export const magistratesQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['magistrates', schemeId],
    queryFn: ({ signal }) => callApi('listMagistrates', { params: { scheme: schemeId }, signal }),
  })
