import { z } from 'zod'
import { declareEndpoints } from '../../platform/endpoints.ts'
import {
  AlertRequest,
  AlertReview,
  AlertView,
  BroadcastOrder,
  NewAuthorisation,
  OverrideOrder,
  RemarkList,
  VersionReason,
} from '../contract.ts'

export const OneAlert = z.object({ scheme: z.string().max(64), id: z.uuid() })

export const approvalEndpoints = declareEndpoints('approval', {
  listRemarks: {
    method: 'GET',
    path: '/api/schemes/:scheme/alerts/:id/remarks',
    permission: 'alert.approve',
    summary: 'What the content guard says of it as it is',
    params: OneAlert,
    answer: RemarkList,
  },
  submitAlert: {
    method: 'POST',
    path: '/api/schemes/:scheme/alerts/:id/submit',
    permission: 'alert.submit',
    summary: 'Submit an alert to a second person',
    params: OneAlert,
    body: AlertRequest,
    answer: AlertView,
  },
  returnAlert: {
    method: 'POST',
    path: '/api/schemes/:scheme/alerts/:id/return',
    permission: 'alert.approve',
    summary: 'Give it back to its author, with what to change',
    params: OneAlert,
    body: VersionReason,
    answer: AlertView,
  },
  rejectAlert: {
    method: 'POST',
    path: '/api/schemes/:scheme/alerts/:id/reject',
    permission: 'alert.approve',
    summary: 'Refuse it for good: its report waits for a decision again',
    params: OneAlert,
    body: VersionReason,
    answer: AlertView,
  },
  approveAlert: {
    method: 'POST',
    path: '/api/schemes/:scheme/alerts/:id/approve',
    permission: 'alert.approve',
    summary: 'Approve it and order to send it, as the second person',
    params: OneAlert,
    body: BroadcastOrder,
    answer: AlertView,
  },
  overrideAlert: {
    method: 'POST',
    path: '/api/schemes/:scheme/alerts/:id/override',
    permission: 'alert.override',
    summary: 'Order to send it without the second person; another signs afterwards',
    params: OneAlert,
    body: OverrideOrder,
    answer: AlertView,
  },
  reviewAlert: {
    method: 'POST',
    path: '/api/schemes/:scheme/alerts/:id/review',
    permission: 'alert.review',
    summary: 'Sign the review of an override',
    params: OneAlert,
    body: AlertReview,
    answer: AlertView,
  },
  recordAuthorisation: {
    method: 'POST',
    path: '/api/schemes/:scheme/alerts/:id/authorisation',
    permission: 'authorisation.record',
    summary: "Record the prosecutor's authorisation, for the content as it is",
    params: OneAlert,
    body: NewAuthorisation,
    answer: AlertView,
  },
})
