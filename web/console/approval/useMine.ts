import { useQuery } from '@tanstack/react-query'
import type { AlertView } from '../../../src/alerts/contract.ts'
import { openAlertsQuery, waitingQuery } from '../../api/queries.ts'
import type { Current } from '../shell/current.tsx'
import { isAuthor, isNewsToAuthor, mayDecide, maySign, stillToDecide, waitsFor } from './mine.ts'
import {
  followUpsQuery,
  type OpenFollowUp,
  rejectedQuery,
  returnedQuery,
  reviewsQuery,
  submittedQuery,
  zoneQuery,
} from './queries.ts'

/** What concerns this person of alerts that need more than one; each undefined until it is known, or not theirs to see. */
export interface Mine {
  /** To decide on. */
  readonly submitted: AlertView[] | undefined
  /** Sent without a second person: to sign. */
  readonly reviews: AlertView[] | undefined
  /** Sent back: to correct. */
  readonly returned: AlertView[] | undefined
  /** Refused for good, while the report waits for another decision. */
  readonly rejected: AlertView[] | undefined
  /** Approved by another, and sent. */
  readonly sent: AlertView[] | undefined
  /** To decide, correct or sign: what is to follow an alert that left. */
  readonly followUps: OpenFollowUp[] | undefined
  /** Theirs to decide on, or written by them: these may hold the expiry of their alert. */
  readonly waiting: OpenFollowUp[] | undefined
  /** Given by another agency in the zone of theirs. */
  readonly zone: AlertView[] | undefined
}

export function useMine(current: Current): Mine {
  const { id } = current.scheme
  const writes = current.may('alert.submit')
  const submitted = useQuery({ ...submittedQuery(id), enabled: current.may('alert.approve') }).data
  const reviews = useQuery({ ...reviewsQuery(id), enabled: current.may('alert.review') }).data
  const returned = useQuery({ ...returnedQuery(id), enabled: writes }).data
  const rejected = useQuery({ ...rejectedQuery(id), enabled: writes }).data
  const waiting = useQuery({ ...waitingQuery(id), enabled: writes }).data
  const open = useQuery({ ...openAlertsQuery(id), enabled: writes }).data?.alerts
  const followUps = useQuery({ ...followUpsQuery(id), enabled: current.may('report.read') }).data
  const zone = useQuery({ ...zoneQuery(id), enabled: current.scheme.agency !== null }).data
  return {
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
    zone,
  }
}
