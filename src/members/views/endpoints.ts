import { z } from 'zod'
import { declareEndpoints } from '../../platform/http/endpoints.ts'
import { SchemeCode } from '../../schemes/contract.ts'
import {
  MemberGroup,
  MemberGroupChange,
  MemberGroupChanged,
  MemberListView,
  MemberListViewInput,
  MemberViewCounts,
} from './contract.ts'

const InScheme = z.object({ scheme: SchemeCode })
const Views = z.array(MemberListView)

export const memberViewEndpoints = declareEndpoints('members', {
  listMemberViews: {
    method: 'GET',
    path: '/api/schemes/:scheme/member-views',
    permission: 'member.views',
    summary: 'List saved views of the member list: the user’s own and shared ones',
    params: InScheme,
    answer: Views,
  },
  countMemberViews: {
    method: 'GET',
    path: '/api/schemes/:scheme/member-view-counts',
    permission: 'member.read',
    summary: 'Count the members of the ready and saved views of the member list',
    params: InScheme,
    answer: MemberViewCounts,
  },
  saveMemberView: {
    method: 'PUT',
    path: '/api/schemes/:scheme/member-views/:id',
    permission: 'member.views',
    summary: 'Save a view of the member list, or a group of members',
    params: InScheme.extend({ id: z.uuid() }),
    body: MemberListViewInput,
    answer: Views,
  },
  deleteMemberView: {
    method: 'DELETE',
    path: '/api/schemes/:scheme/member-views/:id',
    permission: 'member.views',
    summary: 'Delete a saved view of the member list',
    params: InScheme.extend({ id: z.uuid() }),
    answer: Views,
  },
  getMemberGroup: {
    method: 'GET',
    path: '/api/schemes/:scheme/member-views/:id/members',
    permission: 'member.views',
    summary: 'List the members of one of the user’s own groups',
    params: InScheme.extend({ id: z.uuid() }),
    answer: MemberGroup,
  },
  changeMemberGroup: {
    method: 'POST',
    path: '/api/schemes/:scheme/member-views/:id/members',
    permission: 'member.views',
    summary: 'Add members to one of the user’s own groups, or remove them',
    params: InScheme.extend({ id: z.uuid() }),
    body: MemberGroupChange,
    answer: MemberGroupChanged,
  },
})
