import { z } from 'zod'
import { DeliveryQuery } from '../../deliveries/contract.ts'
import { declareEndpoints } from '../../platform/endpoints.ts'
import {
  AlertReview,
  AlertView,
  NewAuthorisation,
  RemarkList,
  VersionRead,
  VersionReason,
} from '../contract.ts'
import { FollowUpPreview, NewFollowUp, NewOutcome, OverridingFollowUp } from './contract.ts'

const OneAlert = z.object({ scheme: z.string().max(64), id: z.uuid() })
export const OneFollowUp = OneAlert.extend({ followUp: z.uuid() })

export const followUpEndpoints = declareEndpoints('alerts', {
  previewFollowUp: {
    method: 'GET',
    path: '/api/schemes/:scheme/alerts/:id/follow-ups/preview',
    permission: 'audience.preview',
    summary: 'Whom an update, a correction or the all-clear would go to now',
    params: OneAlert,
    answer: FollowUpPreview,
  },
  orderFollowUp: {
    method: 'POST',
    path: '/api/schemes/:scheme/alerts/:id/follow-ups',
    permission: 'alert.follow_up',
    summary: 'Order an update, a correction or the all-clear to those who got the alert',
    params: OneAlert,
    body: NewFollowUp,
    answer: AlertView,
    status: 201,
  },
  recordOutcome: {
    method: 'POST',
    path: '/api/schemes/:scheme/alerts/:id/outcome',
    permission: 'alert.follow_up',
    summary: 'Record what came of an alert that is over, and thank those who got it',
    params: OneAlert,
    body: NewOutcome,
    answer: AlertView,
  },
  exportCap: {
    method: 'GET',
    path: '/api/schemes/:scheme/alerts/:id/cap.xml',
    permission: 'alert.read_precise',
    summary: 'The last message of an alert, or one of them, in CAP 1.2 for a neighbouring system',
    params: OneAlert,
    query: DeliveryQuery.pick({ broadcast: true }),
    produces: 'application/cap+xml',
  },
})

export const followUpApprovalEndpoints = declareEndpoints('approval', {
  submitFollowUp: {
    method: 'POST',
    path: '/api/schemes/:scheme/alerts/:id/follow-ups/submit',
    permission: 'alert.follow_up',
    summary: 'Submit an update, a correction or an all-clear to a second person',
    params: OneAlert,
    body: NewFollowUp,
    answer: AlertView,
    status: 201,
  },
  overrideFollowUp: {
    method: 'POST',
    path: '/api/schemes/:scheme/alerts/:id/follow-ups/override',
    permission: 'alert.override',
    summary: 'Order one without the second person; another signs afterwards',
    params: OneAlert,
    body: OverridingFollowUp,
    answer: AlertView,
    status: 201,
  },
  listFollowUpRemarks: {
    method: 'GET',
    path: '/api/schemes/:scheme/alerts/:id/follow-ups/:followUp/remarks',
    permission: 'alert.approve',
    summary: 'What the content guard says of a follow-up as it is',
    params: OneFollowUp,
    answer: RemarkList,
  },
  approveFollowUp: {
    method: 'POST',
    path: '/api/schemes/:scheme/alerts/:id/follow-ups/:followUp/approve',
    permission: 'alert.approve',
    summary: 'Approve a follow-up and order to send it, as the second person',
    params: OneFollowUp,
    body: VersionRead,
    answer: AlertView,
  },
  returnFollowUp: {
    method: 'POST',
    path: '/api/schemes/:scheme/alerts/:id/follow-ups/:followUp/return',
    permission: 'alert.approve',
    summary: 'Give a follow-up back to its author, with what to change',
    params: OneFollowUp,
    body: VersionReason,
    answer: AlertView,
  },
  rejectFollowUp: {
    method: 'POST',
    path: '/api/schemes/:scheme/alerts/:id/follow-ups/:followUp/reject',
    permission: 'alert.approve',
    summary: 'Refuse a follow-up for good',
    params: OneFollowUp,
    body: VersionReason,
    answer: AlertView,
  },
  discardFollowUp: {
    method: 'POST',
    path: '/api/schemes/:scheme/alerts/:id/follow-ups/:followUp/discard',
    permission: 'alert.follow_up',
    summary: 'Drop a follow-up that has not left',
    params: OneFollowUp,
    body: VersionRead,
    answer: AlertView,
  },
  reviewFollowUp: {
    method: 'POST',
    path: '/api/schemes/:scheme/alerts/:id/follow-ups/:followUp/review',
    permission: 'alert.review',
    summary: 'Sign the review of a follow-up sent without',
    params: OneFollowUp,
    body: AlertReview,
    answer: AlertView,
  },
  authoriseFollowUp: {
    method: 'POST',
    path: '/api/schemes/:scheme/alerts/:id/follow-ups/:followUp/authorisation',
    permission: 'authorisation.record',
    summary: "Record the prosecutor's authorisation, for the follow-up as it is",
    params: OneFollowUp,
    body: NewAuthorisation,
    answer: AlertView,
  },
})
