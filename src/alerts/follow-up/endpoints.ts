import { z } from 'zod'
import { DeliveryQuery } from '../../deliveries/contract.ts'
import { declareEndpoints } from '../../platform/http/endpoints.ts'
import {
  AlertReview,
  AlertView,
  AuthorisationRequest,
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
    summary: 'Count the recipients that a follow-up (update, correction or all-clear) would have now',
    params: OneAlert,
    answer: FollowUpPreview,
  },
  orderFollowUp: {
    method: 'POST',
    path: '/api/schemes/:scheme/alerts/:id/follow-ups',
    permission: 'alert.follow_up',
    summary: 'Send a follow-up to the recipients of an alert: update, correction or all-clear',
    params: OneAlert,
    body: NewFollowUp,
    answer: AlertView,
    status: 201,
  },
  recordOutcome: {
    method: 'POST',
    path: '/api/schemes/:scheme/alerts/:id/outcome',
    permission: 'alert.follow_up',
    summary: 'Record the outcome of an ended alert, and optionally thank its recipients',
    params: OneAlert,
    body: NewOutcome,
    answer: AlertView,
  },
  exportCap: {
    method: 'GET',
    path: '/api/schemes/:scheme/alerts/:id/cap.xml',
    permission: 'alert.read_precise',
    summary: 'Export a message of an alert, by default the last one, as CAP 1.2',
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
    summary: 'Submit a follow-up for approval by a second person',
    params: OneAlert,
    body: NewFollowUp,
    answer: AlertView,
    status: 201,
  },
  overrideFollowUp: {
    method: 'POST',
    path: '/api/schemes/:scheme/alerts/:id/follow-ups/override',
    permission: 'alert.override',
    summary: 'Send a follow-up without approval, in an emergency; another person reviews it afterwards',
    params: OneAlert,
    body: OverridingFollowUp,
    answer: AlertView,
    status: 201,
  },
  listFollowUpRemarks: {
    method: 'GET',
    path: '/api/schemes/:scheme/alerts/:id/follow-ups/:followUp/remarks',
    permission: 'alert.approve',
    summary: 'List the remarks of the content guard on a follow-up in its current state',
    params: OneFollowUp,
    answer: RemarkList,
  },
  approveFollowUp: {
    method: 'POST',
    path: '/api/schemes/:scheme/alerts/:id/follow-ups/:followUp/approve',
    permission: 'alert.approve',
    summary: 'Approve a submitted follow-up as the second person, and send it',
    params: OneFollowUp,
    body: VersionRead,
    answer: AlertView,
  },
  sendUnansweredFollowUp: {
    method: 'POST',
    path: '/api/schemes/:scheme/alerts/:id/follow-ups/:followUp/send-unanswered',
    permission: 'alert.follow_up',
    summary:
      'Send a submitted follow-up that nobody on call has answered, where the doctrine of the scheme allows it',
    params: OneFollowUp,
    body: VersionReason,
    answer: AlertView,
  },
  returnFollowUp: {
    method: 'POST',
    path: '/api/schemes/:scheme/alerts/:id/follow-ups/:followUp/return',
    permission: 'alert.approve',
    summary: 'Return a submitted follow-up to its author, with the changes to make',
    params: OneFollowUp,
    body: VersionReason,
    answer: AlertView,
  },
  rejectFollowUp: {
    method: 'POST',
    path: '/api/schemes/:scheme/alerts/:id/follow-ups/:followUp/reject',
    permission: 'alert.approve',
    summary: 'Reject a submitted follow-up',
    params: OneFollowUp,
    body: VersionReason,
    answer: AlertView,
  },
  discardFollowUp: {
    method: 'POST',
    path: '/api/schemes/:scheme/alerts/:id/follow-ups/:followUp/discard',
    permission: 'alert.follow_up',
    summary: 'Discard a follow-up that was not sent',
    params: OneFollowUp,
    body: VersionRead,
    answer: AlertView,
  },
  reviewFollowUp: {
    method: 'POST',
    path: '/api/schemes/:scheme/alerts/:id/follow-ups/:followUp/review',
    permission: 'alert.review',
    summary: 'Record the review of a follow-up sent without approval',
    params: OneFollowUp,
    body: AlertReview,
    answer: AlertView,
  },
  askFollowUpAuthorisation: {
    method: 'POST',
    path: '/api/schemes/:scheme/alerts/:id/follow-ups/:followUp/ask-authorisation',
    permission: 'alert.submit',
    summary:
      "Ask the magistrates on call for the prosecutor's authorisation of the current content of a follow-up",
    params: OneFollowUp,
    body: AuthorisationRequest,
    answer: AlertView,
  },
  declineFollowUpAuthorisation: {
    method: 'POST',
    path: '/api/schemes/:scheme/alerts/:id/follow-ups/:followUp/decline-authorisation',
    permission: 'authorisation.record',
    summary: 'Decline an authorisation of a follow-up that is being asked, as a magistrate',
    params: OneFollowUp,
    body: VersionReason,
    answer: AlertView,
  },
  authoriseFollowUp: {
    method: 'POST',
    path: '/api/schemes/:scheme/alerts/:id/follow-ups/:followUp/authorisation',
    permission: 'authorisation.record',
    summary: "Record the prosecutor's authorisation for the current content of a follow-up",
    params: OneFollowUp,
    body: NewAuthorisation,
    answer: AlertView,
  },
})
