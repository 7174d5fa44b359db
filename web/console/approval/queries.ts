import { queryOptions } from '@tanstack/react-query'
import type { AlertView, AudienceQuery, CurrentAlerts } from '../../../src/alerts/contract.ts'
import type { FollowUpView } from '../../../src/alerts/follow-up/contract.ts'
import { callApi } from '../../api/client.ts'
import { currentAlertsQuery } from '../../api/queries.ts'

const selected = (schemeId: string, isMeant: (alert: AlertView) => boolean) => ({
  ...currentAlertsQuery(schemeId),
  select: ({ alerts }: CurrentAlerts) => alerts.filter(isMeant),
})

/** Alerts that wait for a second person, oldest first, so that new ones do not push away the one being read. */
export const submittedQuery = (schemeId: string) => ({
  ...currentAlertsQuery(schemeId),
  select: ({ alerts }: CurrentAlerts) => {
    const since = ({ approval, createdAt }: AlertView) => approval.submittedAt ?? createdAt
    return alerts
      .filter(({ state }) => state === 'submitted')
      .toSorted((a, b) => since(a).localeCompare(since(b)))
  },
})

/** Alerts that were returned and that nobody has opened since. */
export const returnedQuery = (schemeId: string) => selected(schemeId, ({ state }) => state === 'returned')

/** Alerts that were rejected, while their report waits. */
export const rejectedQuery = (schemeId: string) => selected(schemeId, ({ state }) => state === 'rejected')

/** Alerts sent without a second person whose review is not signed yet. */
export const reviewsQuery = (schemeId: string) =>
  selected(schemeId, ({ approval }) => approval.review === 'open')

/** Recent alerts that other agencies sent about the zone of the user's agency. */
export const zoneQuery = (schemeId: string) => ({
  ...currentAlertsQuery(schemeId),
  select: ({ alerts, inZone }: CurrentAlerts) => alerts.filter(({ id }) => inZone.includes(id)),
})

/** The audience of an alert; its severity decides who is held back. */
export function audienceOf({ area, trades, category, exercise }: AlertView): AudienceQuery {
  return { area, trades, severity: category.severity, exercise }
}

/**
 * The content guard's remarks on this version of an alert or of its follow-up. Stored under the key of the alert, so that its
 * events refresh it: a chief may have let words stand.
 */
export const remarksQuery = (
  schemeId: string,
  alert: Pick<AlertView, 'id' | 'version'>,
  followUp: Pick<FollowUpView, 'id' | 'version'> | null,
) => {
  const params = { scheme: schemeId, id: alert.id }
  return queryOptions({
    queryKey: ['alert', schemeId, alert.id, 'remarks', followUp?.id ?? null, (followUp ?? alert).version],
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
  ...currentAlertsQuery(schemeId),
  select: ({ alerts }: CurrentAlerts): OpenFollowUp[] =>
    alerts.flatMap((alert) =>
      alert.followUps
        .filter(
          ({ state, approval }) =>
            state === 'submitted' || state === 'returned' || approval.review === 'open',
        )
        .map((followUp) => ({ alert, followUp })),
    ),
})
