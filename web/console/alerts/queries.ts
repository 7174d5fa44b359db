import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { AudienceQuery, HeldBackList } from '../../../src/alerts/contract.ts'
import { callApi } from '../../api/client.ts'
import type { AlertState, DeliveryState } from '../../api/queries.ts'

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
