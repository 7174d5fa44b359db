import { z } from 'zod'
import { declareEndpoints } from '../../platform/http/endpoints.ts'
import {
  AlertRequest,
  AlertReview,
  AlertView,
  AuthorisationRequest,
  BroadcastOrder,
  NewAuthorisation,
  OverrideOrder,
  RemarkList,
  VersionReason,
} from '../contract.ts'
import { ReturnedAnswer } from './contract.ts'

export const OneAlert = z.object({ scheme: z.string().max(64), id: z.uuid() })

export const approvalEndpoints = declareEndpoints('approval', {
  listRemarks: {
    method: 'GET',
    path: '/api/schemes/:scheme/alerts/:id/remarks',
    permission: 'alert.approve',
    summary: 'List the remarks of the content guard on an alert in its current state',
    params: OneAlert,
    answer: RemarkList,
  },
  getReturnedVersion: {
    method: 'GET',
    path: '/api/schemes/:scheme/alerts/:id/returned',
    permission: 'alert.read_precise',
    summary: 'Get why an alert was last returned to its author, and its content as it was then',
    params: OneAlert,
    answer: ReturnedAnswer,
  },
  sendUnanswered: {
    method: 'POST',
    path: '/api/schemes/:scheme/alerts/:id/send-unanswered',
    permission: 'alert.broadcast',
    summary:
      'Broadcast a submitted alert that was not decided within the time limit of the scheme, where the doctrine of the scheme allows it',
    params: OneAlert,
    body: OverrideOrder,
    answer: AlertView,
  },
  submitAlert: {
    method: 'POST',
    path: '/api/schemes/:scheme/alerts/:id/submit',
    permission: 'alert.submit',
    summary: 'Submit an alert for approval by a second person',
    params: OneAlert,
    body: AlertRequest,
    answer: AlertView,
  },
  returnAlert: {
    method: 'POST',
    path: '/api/schemes/:scheme/alerts/:id/return',
    permission: 'alert.approve',
    summary: 'Return a submitted alert to its author, with the changes to make',
    params: OneAlert,
    body: VersionReason,
    answer: AlertView,
  },
  rejectAlert: {
    method: 'POST',
    path: '/api/schemes/:scheme/alerts/:id/reject',
    permission: 'alert.approve',
    summary: 'Reject a submitted alert: its report waits again',
    params: OneAlert,
    body: VersionReason,
    answer: AlertView,
  },
  approveAlert: {
    method: 'POST',
    path: '/api/schemes/:scheme/alerts/:id/approve',
    permission: 'alert.approve',
    summary: 'Approve a submitted alert as the second person, and broadcast it',
    params: OneAlert,
    body: BroadcastOrder,
    answer: AlertView,
  },
  overrideAlert: {
    method: 'POST',
    path: '/api/schemes/:scheme/alerts/:id/override',
    permission: 'alert.override',
    summary: 'Broadcast an alert without approval, in an emergency; another person reviews it afterwards',
    params: OneAlert,
    body: OverrideOrder,
    answer: AlertView,
  },
  reviewAlert: {
    method: 'POST',
    path: '/api/schemes/:scheme/alerts/:id/review',
    permission: 'alert.review',
    summary: 'Record the review of an emergency broadcast',
    params: OneAlert,
    body: AlertReview,
    answer: AlertView,
  },
  askAuthorisation: {
    method: 'POST',
    path: '/api/schemes/:scheme/alerts/:id/ask-authorisation',
    permission: 'alert.submit',
    summary:
      "Ask the magistrates on call for the prosecutor's authorisation of the current content of an alert",
    params: OneAlert,
    body: AuthorisationRequest,
    answer: AlertView,
  },
  declineAuthorisation: {
    method: 'POST',
    path: '/api/schemes/:scheme/alerts/:id/decline-authorisation',
    permission: 'authorisation.record',
    summary: 'Decline an authorisation that is being asked, as a magistrate',
    params: OneAlert,
    body: VersionReason,
    answer: AlertView,
  },
  recordAuthorisation: {
    method: 'POST',
    path: '/api/schemes/:scheme/alerts/:id/authorisation',
    permission: 'authorisation.record',
    summary:
      "Record the prosecutor's authorisation for the current content of an alert, given by a magistrate or by the actor",
    params: OneAlert,
    body: NewAuthorisation,
    answer: AlertView,
  },
})
