import { z } from 'zod'
import { declareEndpoints } from '../../platform/http/endpoints.ts'
import { SchemeCode } from '../../schemes/contract.ts'
import { ApartChoice, DoublePage, DoubleQuery, MergeMembers, MergeView } from './contract.ts'

const InScheme = z.object({ scheme: SchemeCode })

export const mergeEndpoints = declareEndpoints('members', {
  findDoubles: {
    method: 'GET',
    path: '/api/schemes/:scheme/doubles',
    permission: 'member.merge',
    summary: 'List probable duplicate members, and the merges of the last day',
    params: InScheme,
    query: DoubleQuery,
    answer: DoublePage,
  },
  setMembersApart: {
    method: 'PUT',
    path: '/api/schemes/:scheme/doubles',
    permission: 'member.merge',
    summary: 'Mark two members as different, or remove the mark',
    params: InScheme,
    body: ApartChoice,
  },
  mergeMembers: {
    method: 'POST',
    path: '/api/schemes/:scheme/merges',
    permission: 'member.merge',
    summary: 'Merge two members',
    params: InScheme,
    body: MergeMembers,
    answer: MergeView,
  },
  undoMerge: {
    method: 'POST',
    path: '/api/schemes/:scheme/merges/:id/undo',
    permission: 'member.merge',
    summary: 'Undo a merge, within a day',
    params: InScheme.extend({ id: z.uuid() }),
  },
})
