import { z } from 'zod'
import { MemberSaved } from '../../changes/contract.ts'
import { CorrectionDecision, MemberCorrections } from '../../members/contract.ts'
import { declareEndpoints } from '../../platform/http/endpoints.ts'
import { SchemeCode } from '../../schemes/contract.ts'
import {
  CorrectionDecided,
  MemberCheck,
  MemberChecked,
  MemberEdit,
  NewMember,
  RegisterAnswer,
  RegisterQuery,
  TypedContact,
} from './contract.ts'

const InScheme = z.object({ scheme: SchemeCode })
const One = InScheme.extend({ id: z.uuid() })
const LOOKUP_RATE = { max: 60, timeWindow: 60_000 }

export const memberByHandEndpoints = declareEndpoints('members', {
  createMember: {
    method: 'POST',
    path: '/api/schemes/:scheme/members',
    permission: 'member.change',
    summary: 'Add a member with its people',
    params: InScheme,
    body: NewMember,
    answer: MemberSaved,
    status: 201,
  },
  editMember: {
    method: 'PATCH',
    path: '/api/schemes/:scheme/members/:id',
    permission: 'member.change',
    summary: 'Edit a member and its people; only the given values change',
    params: One,
    body: MemberEdit,
    answer: MemberSaved,
  },
  addContact: {
    method: 'POST',
    path: '/api/schemes/:scheme/members/:id/contacts',
    permission: 'member.change',
    summary: 'Add a person to a member',
    params: One,
    body: TypedContact,
    answer: MemberSaved,
    status: 201,
  },
  checkMember: {
    method: 'POST',
    path: '/api/schemes/:scheme/members/check',
    permission: 'member.change',
    summary: 'List possible duplicates of a business that is being typed; writes nothing',
    params: InScheme,
    body: MemberCheck,
    answer: MemberChecked,
    rateLimit: { ...LOOKUP_RATE, groupId: 'member-check' },
  },
  listCorrections: {
    method: 'GET',
    path: '/api/schemes/:scheme/member-corrections',
    permission: 'member.change',
    summary: 'List what businesses asked to correct in their portal',
    params: InScheme,
    answer: MemberCorrections,
  },
  decideCorrection: {
    method: 'POST',
    path: '/api/schemes/:scheme/member-corrections/:id',
    permission: 'member.change',
    summary: 'Accept or decline what a business asked to correct',
    params: One,
    body: CorrectionDecision,
    answer: CorrectionDecided,
  },
  searchRegister: {
    method: 'GET',
    path: '/api/schemes/:scheme/register',
    permission: 'member.change',
    summary: 'Find businesses in the register of companies, by SIRET or name',
    params: InScheme,
    query: RegisterQuery,
    answer: RegisterAnswer,
    rateLimit: { ...LOOKUP_RATE, groupId: 'register' },
  },
})
