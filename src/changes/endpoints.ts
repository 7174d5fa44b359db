import { z } from 'zod'
import { NumberCorrection } from '../members/numbers/contract.ts'
import { declareEndpoints } from '../platform/http/endpoints.ts'
import { SchemeCode } from '../schemes/contract.ts'
import {
  BulkChange,
  BulkPreview,
  BulkResult,
  ChangeMembers,
  ChangeMembersQuery,
  ChangeView,
  MemberSaved,
  PreviewedChange,
  UndoResult,
  Welcome,
  WelcomePreview,
} from './contract.ts'

const InScheme = z.object({ scheme: SchemeCode })

export const memberChangeEndpoints = declareEndpoints('members', {
  listMemberChanges: {
    method: 'GET',
    path: '/api/schemes/:scheme/member-changes',
    permission: 'member.change',
    summary: 'List bulk changes of members, latest first',
    params: InScheme,
    answer: z.array(ChangeView),
  },
  changeMembers: {
    method: 'POST',
    path: '/api/schemes/:scheme/member-changes',
    permission: 'member.change',
    summary: 'Suspend, reactivate or remove many members, or change their trade or tags',
    params: InScheme,
    body: BulkChange,
    answer: BulkResult,
  },
  previewMemberChange: {
    method: 'POST',
    path: '/api/schemes/:scheme/member-changes/preview',
    permission: 'member.change',
    summary: 'Preview a bulk change: the members concerned, the notices and their price',
    params: InScheme,
    body: PreviewedChange,
    answer: BulkPreview,
  },
  listChangeMembers: {
    method: 'GET',
    path: '/api/schemes/:scheme/member-changes/:id/members',
    permission: 'member.change',
    summary: 'List the members that a bulk change touched, and what of them',
    params: InScheme.extend({ id: z.uuid() }),
    query: ChangeMembersQuery,
    answer: ChangeMembers,
  },
  undoMemberChange: {
    method: 'POST',
    path: '/api/schemes/:scheme/member-changes/:id/undo',
    permission: 'member.change',
    summary: 'Undo a bulk change, within a day; what was changed since is kept',
    params: InScheme.extend({ id: z.uuid() }),
    answer: UndoResult,
  },
  correctNumber: {
    method: 'PUT',
    path: '/api/schemes/:scheme/members/:id/contacts/:contact/phone',
    permission: 'number.correct',
    summary: 'Correct the number of a contact, which can be undone for a day',
    params: InScheme.extend({ id: z.uuid(), contact: z.uuid() }),
    body: NumberCorrection,
    answer: MemberSaved,
  },
  previewWelcome: {
    method: 'GET',
    path: '/api/schemes/:scheme/member-changes/:id/welcome',
    permission: 'member.change',
    summary: 'Preview what the members that an import or the form added would be sent, and its price',
    params: InScheme.extend({ id: z.uuid() }),
    answer: WelcomePreview,
  },
  welcomeMembers: {
    method: 'POST',
    path: '/api/schemes/:scheme/member-changes/:id/welcome',
    permission: 'member.change',
    summary: 'Send the members that an import or the form added why they are in the list, by SMS or by mail',
    params: InScheme.extend({ id: z.uuid() }),
    body: Welcome,
    answer: ChangeView,
  },
})
