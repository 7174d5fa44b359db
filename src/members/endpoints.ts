import { z } from 'zod'
import { declareEndpoints } from '../platform/http/endpoints.ts'
import { SchemeCode } from '../schemes/contract.ts'
import {
  CallerMatch,
  CallerQuery,
  ContactSmsChoice,
  MemberAccesses,
  MemberPage,
  MemberQuery,
  MemberView,
  QuietHoursChoice,
} from './contract.ts'

const InScheme = z.object({ scheme: SchemeCode })

export const memberEndpoints = declareEndpoints('members', {
  listMembers: {
    method: 'GET',
    path: '/api/schemes/:scheme/members',
    permission: 'member.read',
    summary: 'List the members that match the filters',
    params: InScheme,
    query: MemberQuery,
    answer: MemberPage,
  },
  getMember: {
    method: 'GET',
    path: '/api/schemes/:scheme/members/:id',
    permission: 'member.read',
    summary: 'Get a member with its contacts',
    params: InScheme.extend({ id: z.uuid() }),
    answer: MemberView,
  },
  listMemberAccesses: {
    method: 'GET',
    path: '/api/schemes/:scheme/members/:id/accesses',
    permission: 'member.accesses',
    summary: 'List the accesses of accounts to a member’s data',
    params: InScheme.extend({ id: z.uuid() }),
    answer: MemberAccesses,
  },
  setQuietHours: {
    method: 'PUT',
    path: '/api/schemes/:scheme/members/:id/quiet-hours',
    permission: 'member.care',
    summary: 'Set the quiet hours of a member',
    params: InScheme.extend({ id: z.uuid() }),
    body: QuietHoursChoice,
    answer: MemberView,
  },
  setContactSms: {
    method: 'PUT',
    path: '/api/schemes/:scheme/members/:id/contacts/:contact/sms',
    permission: 'member.care',
    summary: 'Turn alerts by SMS on or off for a contact',
    params: InScheme.extend({ id: z.uuid(), contact: z.uuid() }),
    body: ContactSmsChoice,
    answer: MemberView,
  },
  findCaller: {
    method: 'GET',
    path: '/api/schemes/:scheme/callers',
    permission: 'caller.find',
    summary: 'Find the members that a caller may belong to, by number or name',
    params: InScheme,
    query: CallerQuery,
    answer: z.array(CallerMatch),
  },
})
