import { z } from 'zod'
import { declareEndpoints } from '../../platform/http/endpoints.ts'
import { SchemeCode } from '../../schemes/contract.ts'
import { MemberTagGone, MemberTagMerge, MemberTagName, MemberTags } from './contract.ts'

const InScheme = z.object({ scheme: SchemeCode })
const One = InScheme.extend({ id: z.uuid() })

export const memberTagEndpoints = declareEndpoints('members', {
  listMemberTags: {
    method: 'GET',
    path: '/api/schemes/:scheme/member-tags',
    permission: 'member.tags',
    summary: 'List the tags of members',
    params: InScheme,
    answer: MemberTags,
  },
  saveMemberTag: {
    method: 'PUT',
    path: '/api/schemes/:scheme/member-tags/:id',
    permission: 'member.tags',
    summary: 'Create a tag of members, or rename one',
    params: One,
    body: MemberTagName,
    answer: MemberTags,
  },
  removeMemberTag: {
    method: 'DELETE',
    path: '/api/schemes/:scheme/member-tags/:id',
    permission: 'tag.manage',
    summary: 'Remove a tag, and take it off its members',
    params: One,
    answer: MemberTagGone,
  },
  mergeMemberTag: {
    method: 'POST',
    path: '/api/schemes/:scheme/member-tags/:id/merge',
    permission: 'tag.manage',
    summary: 'Replace a tag by another one',
    params: One,
    body: MemberTagMerge,
    answer: MemberTagGone,
  },
})
