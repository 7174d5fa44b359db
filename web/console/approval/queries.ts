import { queryOptions } from '@tanstack/react-query'
import type { AlertView, AudienceQuery } from '../../../src/alerts/contract.ts'
import type { FollowUpView } from '../../../src/alerts/follow-up/contract.ts'
import { callApi } from '../../api/client.ts'
import { serverNow } from '../../api/clock.ts'

const AT_MOST = 100

// Under the key of the alerts, so that what the stream says of one is asked for again here.
const listQuery = (schemeId: string, name: string, query: Readonly<Record<string, string>>) =>
  queryOptions({
    queryKey: ['alerts', schemeId, name],
    queryFn: async ({ signal }) =>
      (
        await callApi('listAlerts', {
          params: { scheme: schemeId },
          query: { ...query, limit: AT_MOST },
          signal,
        })
      ).alerts,
  })

/** Those that wait for a second person. */
export const submittedQuery = (schemeId: string) => ({
  ...listQuery(schemeId, 'submitted', { state: 'submitted' }),
  select: longestFirst,
})

/** The one that waits longest first: what comes meanwhile does not push away what is being read. */
function longestFirst(alerts: AlertView[]): AlertView[] {
  const since = ({ approval, createdAt }: AlertView) => approval.submittedAt ?? createdAt
  return alerts.toSorted((a, b) => since(a).localeCompare(since(b)))
}

/** Those that an approver sent back and nobody took up since. */
export const returnedQuery = (schemeId: string) => listQuery(schemeId, 'returned', { state: 'returned' })

/** Those that an approver refused for good. */
export const rejectedQuery = (schemeId: string) => listQuery(schemeId, 'rejected', { state: 'rejected' })

/** Those that left without a second person, and are not signed yet. */
export const reviewsQuery = (schemeId: string) => listQuery(schemeId, 'reviews', { review: 'open' })

/** How long an alert of another agency is told. */
export const TOLD_DAYS = 7

/** Those that another agency gave in the zone of the reader's, of the last days. */
export const zoneQuery = (schemeId: string) => ({
  ...listQuery(schemeId, 'zone', { zone: 'ours' }),
  select: (alerts: AlertView[]) => {
    const since = serverNow() - TOLD_DAYS * 86_400_000
    return alerts.filter(({ orderedAt }) => orderedAt !== null && Date.parse(orderedAt) > since)
  },
})

/** Whom an alert would reach: who is left in peace depends on how grave it is. */
export function audienceOf({ area, trades, category }: AlertView): AudienceQuery {
  return { area, trades, severity: category.severity as AudienceQuery['severity'] }
}

/** What the content guard says of an alert, or of a follow-up of it, as it is: of this version. */
export const remarksQuery = (
  schemeId: string,
  alert: Pick<AlertView, 'id' | 'version'>,
  followUp: Pick<FollowUpView, 'id' | 'version'> | null,
) => {
  const params = { scheme: schemeId, id: alert.id }
  return queryOptions({
    queryKey: ['alert-remarks', schemeId, alert.id, followUp?.id ?? null, (followUp ?? alert).version],
    queryFn: async ({ signal }) => {
      const { remarks } = await (followUp === null
        ? callApi('listRemarks', { params, signal })
        : callApi('listFollowUpRemarks', { params: { ...params, followUp: followUp.id }, signal }))
      return remarks
    },
  })
}

/** The report that led to an alert: what the caller said, and when. */
export const reportQuery = (schemeId: string, reportId: string) =>
  queryOptions({
    queryKey: ['reports', schemeId, 'one', reportId],
    queryFn: ({ signal }) => callApi('getReport', { params: { scheme: schemeId, id: reportId }, signal }),
  })

/** A follow-up that waits for a person, with its alert: submitted, returned, or an override to be signed. */
export interface OpenFollowUp {
  readonly alert: AlertView
  readonly followUp: AlertView['followUps'][number]
}

export const followUpsQuery = (schemeId: string) => ({
  ...listQuery(schemeId, 'follow-ups', { followUp: 'open' }),
  select: (alerts: AlertView[]): OpenFollowUp[] =>
    alerts.flatMap((alert) =>
      alert.followUps
        .filter(
          ({ state, approval }) =>
            state === 'submitted' || state === 'returned' || approval.review === 'open',
        )
        .map((followUp) => ({ alert, followUp })),
    ),
})
