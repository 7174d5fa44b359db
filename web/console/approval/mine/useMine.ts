import { useQueries, useQuery } from '@tanstack/react-query'
import type { AlertView } from '../../../../src/alerts/contract.ts'
import type { CallOutView } from '../../../../src/on-call/contract.ts'
import { alertQuery, openAlertsQuery, waitingQuery } from '../../../api/queries.ts'
import { useOpenAuthorisations } from '../../on-call/useOpenAuthorisations.ts'
import type { Current } from '../../shell/current.tsx'
import { isAuthorisationDenied } from '../authorisation/denied.ts'
import {
  followUpsQuery,
  type OpenFollowUp,
  rejectedQuery,
  returnedQuery,
  reviewsQuery,
  submittedQuery,
  zoneQuery,
} from '../queries.ts'
import {
  isAuthor,
  isNewsInZone,
  isNewsToAuthor,
  mayDecide,
  maySign,
  stillToDecide,
  waitsFor,
} from './mine.ts'

/** An authorisation that a magistrate is asked for before the submission. */
export interface AskedAuthorisation {
  readonly callOut: CallOutView
  readonly alert: AlertView
}

/**
 * The alerts that require more than one person and concern this user. Each list is undefined until it is loaded, or if
 * the user may not see it.
 */
export interface Mine {
  /** To be decided by the user. */
  readonly submitted: AlertView[] | undefined
  /** Requests for an authorisation by the user, a magistrate, before the submission. */
  readonly asked: AskedAuthorisation[] | undefined
  /** Sent without a second person, to be reviewed. */
  readonly reviews: AlertView[] | undefined
  /** Returned, to be corrected. */
  readonly returned: AlertView[] | undefined
  /** Rejected, while the report waits for another decision. */
  readonly rejected: AlertView[] | undefined
  /** Approved by another person, and sent. */
  readonly sent: AlertView[] | undefined
  /** Alerts whose follow-up is to be decided, corrected or reviewed. */
  readonly followUps: OpenFollowUp[] | undefined
  /** Alerts whose expiry may be held by a follow-up that the user decides on or wrote. */
  readonly waiting: OpenFollowUp[] | undefined
  /** Open alerts whose authorisation the magistrate denied, for the chiefs. */
  readonly denied: AlertView[] | undefined
  /** Sent by another agency about a place in the zone of the user's agency. */
  readonly zone: AlertView[] | undefined
}

export function useMine(current: Current): Mine {
  const { id } = current.scheme
  const writes = current.may('alert.submit')
  const chief = current.may('alert.override')
  const submitted = useQuery({ ...submittedQuery(id), enabled: current.may('alert.approve') }).data
  const reviews = useQuery({ ...reviewsQuery(id), enabled: current.may('alert.review') }).data
  const returned = useQuery({ ...returnedQuery(id), enabled: writes }).data
  const rejected = useQuery({ ...rejectedQuery(id), enabled: writes }).data
  const waiting = useQuery({ ...waitingQuery(id), enabled: writes }).data
  const open = useQuery({ ...openAlertsQuery(id), enabled: writes }).data
  const followUps = useQuery({ ...followUpsQuery(id), enabled: current.may('report.read') }).data
  const zone = useQuery({ ...zoneQuery(id), enabled: current.scheme.agency !== null }).data
  const asked = useAskedOf(current)
  return {
    asked,
    submitted: submitted?.filter((alert) => mayDecide(current, alert)),
    reviews: reviews?.filter((alert) => maySign(current, alert)),
    returned: returned?.filter((alert) => isAuthor(current, alert)),
    rejected:
      waiting && rejected && stillToDecide(rejected, waiting).filter((alert) => isAuthor(current, alert)),
    sent: open?.filter((alert) => alert.approval.decision === 'approved' && isNewsToAuthor(current, alert)),
    followUps: followUps?.filter(({ alert, followUp }) => waitsFor(current, alert, followUp)),
    waiting: followUps?.filter(
      ({ alert, followUp }) =>
        waitsFor(current, alert, followUp) ||
        isAuthor(current, { exercise: alert.exercise, approval: followUp.approval }),
    ),
    denied: chief
      ? open && submitted && returned && [...open, ...submitted, ...returned].filter(isAuthorisationDenied)
      : undefined,
    zone: zone?.filter((alert) => isNewsInZone(current, alert)),
  }
}

/** Returns the authorisations asked of a magistrate whose alert is not submitted, which would be announced by itself. */
function useAskedOf({ scheme }: Current): AskedAuthorisation[] | undefined {
  const open = useOpenAuthorisations(scheme)
  // Without a name, it was asked with the submission.
  const asked = open?.filter(({ askedBy }) => askedBy !== null)
  const alerts = useQueries({ queries: (asked ?? []).map(({ alertId }) => alertQuery(scheme.id, alertId)) })
  if (asked === undefined || alerts.some(({ isPending }) => isPending)) return undefined
  return asked.flatMap((callOut, index) => {
    const alert = alerts[index]?.data?.alert
    const message = alert?.followUps.find(({ id }) => id === callOut.followUpId) ?? alert
    return alert === undefined || message?.state === 'submitted' ? [] : [{ callOut, alert }]
  })
}
