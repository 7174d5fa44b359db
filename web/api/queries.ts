import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { FeatureCollection, Geometry } from 'geojson'
import type { z } from 'zod'
import type {
  AlertPage,
  AlertStateName,
  AlertView,
  AudienceQuery,
  AudienceView,
  GuardFactsView,
  NearAlert,
  NearQuery,
  RecentAlertList,
  SparedList,
} from '../../src/alerts/contract.ts'
import type { FollowUpPreview } from '../../src/alerts/follow-up/contract.ts'
import type {
  DeliveryExplanation,
  DeliveryStateName,
  DeliveryView,
  RoutesView,
} from '../../src/deliveries/contract.ts'
import type { AboutView, SessionView } from '../../src/identity/contract.ts'
import type {
  CallerMatch,
  CharterFacet,
  MemberPage,
  MemberStatusName,
  MemberView,
  NumberFacet,
} from '../../src/members/contract.ts'
import type { CallNote, RefusalCode, ReportView } from '../../src/reports/contract.ts'
import type { ReportStatistics } from '../../src/reports/journal-contract.ts'
import type { SchemeView } from '../../src/schemes/contract.ts'
import type { Area, AreaChoice, Place } from '../../src/territory/contract.ts'
import { ApiError, call, inScheme } from './client.ts'

export type AlertState = z.infer<typeof AlertStateName>
export type DeliveryState = z.infer<typeof DeliveryStateName>
export type MemberStatus = z.infer<typeof MemberStatusName>
export type ReportState = ReportView['state']
export type CommuneName = { code: string; name: string }

const HOUR = 3_600_000

export const aboutQuery = queryOptions({
  queryKey: ['about'],
  queryFn: ({ signal }) => call<AboutView>('/about', { signal }),
  staleTime: HOUR,
})

/** Null when nobody is signed in. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }) => {
    try {
      return await call<SessionView>('/session', { signal })
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null
      throw error
    }
  },
  staleTime: 5 * 60_000,
})

/** Of the portal's session (api/portal.ts): named here for what every screen begins with. */
export const portalSessionKey = ['portal', 'session'] as const

/** Whether the server ended the session while it was in use: the start page says so. Known only on this side. */
export const endedQuery = queryOptions({
  queryKey: ['ended'],
  queryFn: () => false,
  initialData: false,
  staleTime: Number.POSITIVE_INFINITY,
})

export const schemeQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['scheme', schemeId],
    queryFn: ({ signal }) => call<SchemeView>(inScheme(schemeId, ''), { signal }),
    staleTime: HOUR,
  })

export const placesQuery = (schemeId: string, q: string) =>
  queryOptions({
    queryKey: ['places', schemeId, q],
    queryFn: async ({ signal }) =>
      (await call<{ places: Place[] }>(inScheme(schemeId, '/places'), { query: { q, limit: 8 }, signal }))
        .places,
    enabled: q !== '',
    staleTime: HOUR,
    placeholderData: keepPreviousData,
  })

export const areasQuery = (schemeId: string, commune: string | null) =>
  queryOptions({
    queryKey: ['areas', schemeId, commune],
    queryFn: async ({ signal }) =>
      (await call<{ choices: AreaChoice[] }>(inScheme(schemeId, '/areas'), { query: { commune }, signal }))
        .choices,
    enabled: commune !== null,
    staleTime: HOUR,
  })

export const communesOfAreaQuery = (schemeId: string, area: Area | null) =>
  queryOptions({
    queryKey: ['area-communes', schemeId, area],
    queryFn: ({ signal }) =>
      call<{ communes: CommuneName[]; withoutPoint: CommuneName[] }>(inScheme(schemeId, '/areas/resolve'), {
        method: 'POST',
        body: { area },
        signal,
      }),
    enabled: area !== null,
    staleTime: HOUR,
    placeholderData: keepPreviousData,
  })

export const mapQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['map', schemeId],
    queryFn: ({ signal }) =>
      call<FeatureCollection<Geometry, CommuneName>>(inScheme(schemeId, '/map'), { signal }),
    staleTime: HOUR,
  })

export const callersQuery = (schemeId: string, q: string) =>
  queryOptions({
    queryKey: ['callers', schemeId, q],
    queryFn: ({ signal }) => call<CallerMatch[]>(inScheme(schemeId, '/callers'), { query: { q }, signal }),
    enabled: q.length >= 3,
    staleTime: 60_000,
    placeholderData: keepPreviousData,
  })

export const routesQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['routes', schemeId],
    queryFn: ({ signal }) => call<RoutesView>(inScheme(schemeId, '/routes'), { signal }),
    refetchInterval: 15_000,
  })

const SPARED_A_PAGE = 50

/** A page after those read, until all are. */
function nextSpared(_: SparedList, pages: readonly SparedList[]): number | null {
  const read = pages.reduce((sum, page) => sum + page.spared.length, 0)
  return read < (pages[0]?.total ?? 0) && pages.at(-1)?.spared.length === SPARED_A_PAGE ? read : null
}

/** Under the key of the preview: what changes the counts changes the names. */
export const wouldBeSparedQuery = (schemeId: string, query: AudienceQuery, enabled: boolean) =>
  infiniteQueryOptions({
    queryKey: ['audience', schemeId, query, 'spared'],
    queryFn: ({ signal, pageParam }) =>
      call<SparedList>(inScheme(schemeId, '/audience/held-back'), {
        method: 'POST',
        body: query,
        query: { offset: pageParam, limit: SPARED_A_PAGE },
        signal,
      }),
    initialPageParam: 0,
    getNextPageParam: nextSpared,
    enabled,
    staleTime: 30_000,
  })

export const sparedQuery = (schemeId: string, alertId: string, enabled: boolean) =>
  infiniteQueryOptions({
    queryKey: ['alert', schemeId, alertId, 'spared'],
    queryFn: ({ signal, pageParam }) =>
      call<SparedList>(inScheme(schemeId, `/alerts/${alertId}/held-back`), {
        query: { offset: pageParam, limit: SPARED_A_PAGE },
        signal,
      }),
    initialPageParam: 0,
    getNextPageParam: nextSpared,
    enabled,
  })

/** Kept by this window alone: names of members do not stay on a computer. */
export const guardFactsQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['guard-facts', schemeId],
    queryFn: ({ signal }) => call<GuardFactsView>(inScheme(schemeId, '/guard-facts'), { signal }),
    staleTime: 5 * 60_000,
  })

export const audienceQuery = (schemeId: string, query: AudienceQuery | null) =>
  queryOptions({
    queryKey: ['audience', schemeId, query],
    queryFn: ({ signal }) =>
      call<AudienceView>(inScheme(schemeId, '/audience/preview'), { method: 'POST', body: query, signal }),
    enabled: query !== null,
    staleTime: 30_000,
  })

export interface ReportFilter {
  state?: ReportState | undefined
  categoryCode?: string | undefined
  agencyId?: string | undefined
  refusalCode?: RefusalCode | undefined
  /** Days, 2026-03-12. */
  from?: string | undefined
  to?: string | undefined
  q?: string | undefined
  exercise?: boolean | undefined
}

interface ReportList {
  reports: ReportView[]
  counts: Record<ReportState, number>
}

/** Where the next page begins: two rows of the same instant are told apart by their id. */
interface Cursor {
  before: string
  beforeId: string
}

const REPORTS_A_PAGE = 30

export const reportsQuery = (schemeId: string, filter: ReportFilter) =>
  infiniteQueryOptions({
    queryKey: ['reports', schemeId, filter],
    queryFn: ({ signal, pageParam }) =>
      call<ReportList>(inScheme(schemeId, '/reports'), {
        query: { ...filter, ...pageParam, limit: REPORTS_A_PAGE },
        signal,
      }),
    initialPageParam: null as Cursor | null,
    getNextPageParam: (page) => {
      const last = page.reports.at(-1)
      return last === undefined || page.reports.length < REPORTS_A_PAGE
        ? null
        : { before: last.calledAt, beforeId: last.id }
    },
    placeholderData: keepPreviousData,
  })

export const statisticsQuery = (schemeId: string) =>
  queryOptions({
    // Under the key of the reports: a decision changes it too.
    queryKey: ['reports', schemeId, 'statistics'],
    queryFn: ({ signal }) => call<ReportStatistics>(inScheme(schemeId, '/reports/statistics'), { signal }),
  })

export const waitingQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['reports', schemeId, 'waiting'],
    queryFn: async ({ signal }) =>
      (
        await call<ReportList>(inScheme(schemeId, '/reports'), {
          query: { state: 'waiting', limit: 50 },
          signal,
        })
      ).reports,
  })

/** The calls that one was entering, on any machine. */
export const callNotesQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['call-notes', schemeId],
    queryFn: async ({ signal }) =>
      (await call<{ notes: CallNote[] }>(inScheme(schemeId, '/call-notes'), { signal })).notes,
  })

/** Under the key of the lists of alerts, so that what changes one of them changes this too. */
export const nearQuery = (schemeId: string, query: NearQuery | null) =>
  queryOptions({
    queryKey: ['alerts', schemeId, 'near', query],
    queryFn: async ({ signal }) =>
      (
        await call<{ alerts: NearAlert[] }>(inScheme(schemeId, '/alerts/near'), {
          method: 'POST',
          body: query,
          signal,
        })
      ).alerts,
    enabled: query !== null,
    // Words typed meanwhile change what is asked, not what was found: an alert pointed out stays in sight until the
    // next answer. Of another incident nothing is kept.
    placeholderData: (found, asked) =>
      incidentOf(asked?.queryKey[3] as NearQuery | null) === incidentOf(query) ? found : undefined,
    refetchInterval: 30_000,
  })

const incidentOf = (query: NearQuery | null) => JSON.stringify({ ...query, words: null })

interface AlertList {
  alerts: AlertView[]
}

export const openAlertsQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['alerts', schemeId, 'open'],
    queryFn: ({ signal }) =>
      call<AlertList>(inScheme(schemeId, '/alerts'), { query: { open: true, limit: 50 }, signal }),
  })

export const recentAlertsQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['alerts', schemeId, 'recent'],
    queryFn: async ({ signal }) =>
      (await call<RecentAlertList>(inScheme(schemeId, '/alerts/recent'), { signal })).alerts,
    staleTime: 60_000,
  })

const ALERTS_A_PAGE = 30

export interface AlertFilter {
  /** `open`: under way. */
  state?: AlertState | 'open' | undefined
  ordered?: boolean | undefined
  q?: string | undefined
}

export const alertsQuery = (schemeId: string, { state, ...filter }: AlertFilter) =>
  infiniteQueryOptions({
    queryKey: ['alerts', schemeId, 'list', { state, ...filter }],
    queryFn: ({ signal, pageParam }) =>
      call<AlertList>(inScheme(schemeId, '/alerts'), {
        query: {
          ...(state === 'open' ? { open: true } : { state }),
          ...filter,
          ...pageParam,
          limit: ALERTS_A_PAGE,
        },
        signal,
      }),
    initialPageParam: null as Cursor | null,
    getNextPageParam: (page) => {
      const last = page.alerts.at(-1)
      return last === undefined || page.alerts.length < ALERTS_A_PAGE
        ? null
        : { before: last.createdAt, beforeId: last.id }
    },
    placeholderData: keepPreviousData,
  })

export const alertQuery = (schemeId: string, alertId: string) =>
  queryOptions({
    queryKey: ['alert', schemeId, alertId],
    queryFn: ({ signal }) => call<AlertPage>(inScheme(schemeId, `/alerts/${alertId}`), { signal }),
  })

/** Whom a follow-up would go to now. */
export const followUpPreviewQuery = (schemeId: string, alertId: string) =>
  queryOptions({
    queryKey: ['follow-up', schemeId, alertId],
    queryFn: ({ signal }) =>
      call<FollowUpPreview>(inScheme(schemeId, `/alerts/${alertId}/follow-ups/preview`), { signal }),
  })

/** Recipients on one page of the table: each change asks for no more, however many there are. */
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
      call<{ deliveries: DeliveryView[]; total: number }>(
        inScheme(schemeId, `/alerts/${alertId}/deliveries`),
        {
          query: { broadcast, state, offset: (page - 1) * DELIVERIES_A_PAGE, limit: DELIVERIES_A_PAGE },
          signal,
        },
      ),
    placeholderData: keepPreviousData,
  })

/** Under the key of the list, so that what changes it changes this too. */
export const deliveryQuery = (schemeId: string, alertId: string, broadcast: string | null, no: number) =>
  queryOptions({
    queryKey: ['deliveries', schemeId, alertId, 'one', broadcast, no],
    queryFn: ({ signal }) =>
      call<DeliveryExplanation>(inScheme(schemeId, `/alerts/${alertId}/deliveries/${no}`), {
        query: { broadcast },
        signal,
      }),
  })

export interface MemberFilter {
  q?: string | undefined
  trade?: string | undefined
  commune?: string | undefined
  status?: MemberStatus | 'untold' | undefined
  numbers?: NumberFacet | undefined
  charter?: CharterFacet | undefined
}

export const membersQuery = (schemeId: string, filter: MemberFilter) =>
  infiniteQueryOptions({
    queryKey: ['members', schemeId, filter],
    queryFn: ({ signal, pageParam }) =>
      call<MemberPage>(inScheme(schemeId, '/members'), {
        query: { ...filter, after: pageParam, limit: 100 },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  })

export const memberQuery = (schemeId: string, memberId: string) =>
  queryOptions({
    queryKey: ['member', schemeId, memberId],
    queryFn: ({ signal }) => call<MemberView>(inScheme(schemeId, `/members/${memberId}`), { signal }),
  })

export interface HandsetMessage {
  id: string
  from: string
  text: string
  receivedAt: string
  parts: number
}

export type HandsetState = 'on' | 'off' | 'memoryFull'

export interface Handset {
  phone: string
  owner: string | null
  state: HandsetState
  messages: HandsetMessage[]
}

export interface DemoMail {
  id: string
  to: string
  subject: string
  at: string
  attachments: { name: string; bytes: number }[]
}

export const mailsQuery = queryOptions({
  queryKey: ['mails'],
  queryFn: async ({ signal }) => (await call<{ mails: DemoMail[] }>('/demo/mails', { signal })).mails,
  refetchInterval: 3000,
})

export const mailQuery = (id: string) =>
  queryOptions({
    queryKey: ['mail', id],
    queryFn: ({ signal }) => call<DemoMail & { text: string; html: string }>(`/demo/mails/${id}`, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  })

export const handsetsQuery = (q: string) =>
  queryOptions({
    queryKey: ['handsets', q],
    queryFn: async ({ signal }) =>
      (await call<{ handsets: Handset[] }>('/demo/handsets', { query: { q, limit: 60 }, signal })).handsets,
    placeholderData: keepPreviousData,
  })
