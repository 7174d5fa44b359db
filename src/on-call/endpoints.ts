import { z } from 'zod'
import { declareEndpoints } from '../platform/http/endpoints.ts'
import { Proposed } from '../settings/contract.ts'
import {
  CallOutList,
  NewOnCallAbsence,
  NewOnCallPerson,
  NextCall,
  OnCallPersonChange,
  OnCallRota,
} from './contract.ts'

const InScheme = z.object({ scheme: z.string().max(64) })
const One = InScheme.extend({ id: z.uuid() })
const Saved = OnCallRota.extend({ proposed: Proposed })

export const onCallEndpoints = declareEndpoints('oncall', {
  getOnCallRota: {
    method: 'GET',
    path: '/api/schemes/:scheme/on-call',
    permission: 'on_call.read',
    summary: 'Get the people who can be called about an alert, their weekly hours and absences',
    params: InScheme,
    answer: OnCallRota,
  },
  addOnCallPerson: {
    method: 'POST',
    path: '/api/schemes/:scheme/on-call/people',
    permission: 'on_call.set',
    needsFactor: true,
    summary: 'Add a person to the on-call rota',
    params: InScheme,
    body: NewOnCallPerson,
    answer: Saved,
  },
  changeOnCallPerson: {
    method: 'PUT',
    path: '/api/schemes/:scheme/on-call/people/:id',
    permission: 'on_call.set',
    needsFactor: true,
    summary: 'Change a person of the on-call rota; calls that were made stay as they are',
    params: One,
    body: OnCallPersonChange,
    answer: Saved,
  },
  removeOnCallPerson: {
    method: 'DELETE',
    path: '/api/schemes/:scheme/on-call/people/:id',
    permission: 'on_call.set',
    needsFactor: true,
    summary: 'Remove a person from the on-call rota, with their number and address',
    params: One,
    answer: OnCallRota,
  },
  addOnCallAbsence: {
    method: 'POST',
    path: '/api/schemes/:scheme/on-call/absences',
    permission: 'on_call.set',
    summary: 'Record when a person is away and who replaces them',
    params: InScheme,
    body: NewOnCallAbsence,
    answer: OnCallRota,
  },
  removeOnCallAbsence: {
    method: 'DELETE',
    path: '/api/schemes/:scheme/on-call/absences/:id',
    permission: 'on_call.set',
    summary: 'Remove an absence from the on-call rota',
    params: One,
    answer: OnCallRota,
  },
  listCallOuts: {
    method: 'GET',
    path: '/api/schemes/:scheme/call-outs',
    permission: 'call_out.read',
    summary:
      'List who was called about an alert, when and by what; without an alert, all that wait for an answer',
    params: InScheme,
    query: z.object({ alert: z.uuid().optional() }),
    answer: CallOutList,
  },
  callNextPerson: {
    method: 'POST',
    path: '/api/schemes/:scheme/call-outs/:id/next',
    permission: 'alert.submit',
    summary: 'Call the next person now; once all were called, everyone again',
    params: One,
    body: NextCall,
    answer: CallOutList,
  },
  openCall: {
    method: 'POST',
    path: '/api/schemes/:scheme/alerts/:id/opened',
    permission: 'alert.approve',
    summary: 'Record that the signed-in user opened the alert that they were called about',
    params: One,
    answer: CallOutList,
  },
})
