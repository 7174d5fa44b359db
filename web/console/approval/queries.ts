import { queryOptions } from '@tanstack/react-query'
import type { AlertView, AudienceQuery } from '../../../src/alerts/contract.ts'
import type { FollowUpView } from '../../../src/alerts/follow-up/contract.ts'
import { callApi } from '../../api/client.ts'
import { serverNow } from '../../api/clock.ts'

const AT_MOST = 100

// Stored under the key of the alerts, so that live events about alerts refresh these lists too.
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

/** Alerts that wait for a second person. */
export const submittedQuery = (schemeId: string) => ({
  ...listQuery(schemeId, 'submitted', { state: 'submitted' }),
  select: longestFirst,
})

/** Oldest first, so that new ones do not push away the one being read. */
function longestFirst(alerts: AlertView[]): AlertView[] {
  const since = ({ approval, createdAt }: AlertView) => approval.submittedAt ?? createdAt
  return alerts.toSorted((a, b) => since(a).localeCompare(since(b)))
}

/** Alerts that were returned and that nobody has opened since. */
export const returnedQuery = (schemeId: string) => listQuery(schemeId, 'returned', { state: 'returned' })

/** Alerts that were rejected. */
export const rejectedQuery = (schemeId: string) => listQuery(schemeId, 'rejected', { state: 'rejected' })

/** Alerts sent without a second person whose review is not signed yet. */
export const reviewsQuery = (schemeId: string) => listQuery(schemeId, 'reviews', { review: 'open' })

/** How long an alert of another agency is shown. */
export const TOLD_DAYS = 7

/** Recent alerts that other agencies sent about the zone of the user's agency. */
export const zoneQuery = (schemeId: string) => ({
  ...listQuery(schemeId, 'zone', { zone: 'ours' }),
  select: (alerts: AlertView[]) => {
    const since = serverNow() - TOLD_DAYS * 86_400_000
    return alerts.filter(({ orderedAt }) => orderedAt !== null && Date.parse(orderedAt) > since)
  },
})

/** The audience of an alert; its severity decides who is held back. */
export function audienceOf({ area, trades, category }: AlertView): AudienceQuery {
  return { area, trades, severity: category.severity as AudienceQuery['severity'] }
}

/** The content guard's remarks on this version of an alert or of its follow-up. */
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

/** The report of an alert: what the caller reported, and when. */
export const reportQuery = (schemeId: string, reportId: string) =>
  queryOptions({
    queryKey: ['reports', schemeId, 'one', reportId],
    queryFn: ({ signal }) => callApi('getReport', { params: { scheme: schemeId, id: reportId }, signal }),
  })

/** A follow-up that requires an action (submitted, returned, or an override to be reviewed), with its alert. */
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
