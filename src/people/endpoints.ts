import { z } from 'zod'
import { DeviceSessions, EndSessions, OwnSessions, SessionView } from '../identity/contract.ts'
import { declareEndpoints } from '../platform/http/endpoints.ts'
import {
  AcceptInvitation,
  ChangeRole,
  ClosePerson,
  InvitationToken,
  InvitationView,
  InvitePerson,
  LinkView,
  PeopleView,
  RemoveRole,
  RoleSaved,
} from './contract.ts'

const InScheme = z.object({ scheme: z.string().max(64) })
const OfPerson = InScheme.extend({ user: z.string().max(64) })

/** A token cannot be guessed: this only limits the load. */
const LINK_LIMIT = { max: 60, timeWindow: 60_000, groupId: 'invitation' }

export const peopleEndpoints = declareEndpoints('people', {
  listPeople: {
    method: 'GET',
    path: '/api/schemes/:scheme/people',
    permission: 'people.read',
    summary: 'List the accounts with a role in the scheme, and the roles that the signed-in account may give',
    params: InScheme,
    answer: PeopleView,
  },
  invitePerson: {
    method: 'POST',
    path: '/api/schemes/:scheme/people',
    permission: 'people.manage',
    needsFactor: true,
    summary:
      'Invite a person to a role; an address that has an account gets the role; above operator, another account puts it in force',
    params: InScheme,
    body: InvitePerson,
    answer: LinkView,
  },
  inviteAgain: {
    method: 'POST',
    path: '/api/schemes/:scheme/people/:user/invitation',
    permission: 'people.manage',
    needsFactor: true,
    summary: 'Send a new link to a person who has not used the last one',
    params: OfPerson,
    answer: LinkView,
  },
  withdrawInvitation: {
    method: 'DELETE',
    path: '/api/schemes/:scheme/people/:user/invitation',
    permission: 'people.manage',
    summary: 'Withdraw the invitation of an account that was never opened',
    params: OfPerson,
  },
  changeRole: {
    method: 'PUT',
    path: '/api/schemes/:scheme/people/:user/role',
    permission: 'people.manage',
    needsFactor: true,
    summary:
      'Replace a role of a person, or its agency or trades; above operator, another account puts it in force',
    params: OfPerson,
    body: ChangeRole,
    answer: RoleSaved,
  },
  removeRole: {
    method: 'POST',
    path: '/api/schemes/:scheme/people/:user/role/remove',
    permission: 'people.manage',
    summary: 'Remove a role of a person; the account stays',
    params: OfPerson,
    body: RemoveRole,
  },
  disablePerson: {
    method: 'POST',
    path: '/api/schemes/:scheme/people/:user/disable',
    permission: 'people.manage',
    summary: 'Disable an account; its sessions and open screens end',
    params: OfPerson,
    body: ClosePerson,
  },
  enablePerson: {
    method: 'POST',
    path: '/api/schemes/:scheme/people/:user/enable',
    permission: 'people.manage',
    needsFactor: true,
    summary: 'Enable a disabled account again',
    params: OfPerson,
  },
  recoverPerson: {
    method: 'POST',
    path: '/api/schemes/:scheme/people/:user/recover',
    permission: 'people.manage',
    needsFactor: true,
    summary:
      'Let a person who lost password or phone back in with a new link; ends the sessions of the account',
    params: OfPerson,
    answer: LinkView,
  },
  listPersonSessions: {
    method: 'GET',
    path: '/api/schemes/:scheme/people/:user/sessions',
    permission: 'people.manage',
    summary: 'List the open sessions of a person',
    params: OfPerson,
    answer: DeviceSessions,
  },
  endPersonSessions: {
    method: 'POST',
    path: '/api/schemes/:scheme/people/:user/sessions/end',
    permission: 'people.manage',
    summary: 'End one session of a person, or all of them',
    params: OfPerson,
    body: EndSessions,
    answer: DeviceSessions,
  },
  listOwnSessions: {
    method: 'GET',
    path: '/api/account/sessions',
    permission: 'signedIn',
    summary: 'List the open sessions of the signed-in account',
    answer: OwnSessions,
  },
  endOwnSessions: {
    method: 'POST',
    path: '/api/account/sessions/end',
    permission: 'signedIn',
    needsFactor: true,
    summary: 'End one session of the signed-in account, or all but that of the request',
    body: EndSessions,
    answer: OwnSessions,
  },
  readInvitation: {
    method: 'POST',
    path: '/api/auth/invitation/read',
    permission: 'public',
    summary: 'Get the account that the link of an invitation opens, or why it no longer does',
    body: InvitationToken,
    answer: InvitationView,
    rateLimit: LINK_LIMIT,
  },
  acceptInvitation: {
    method: 'POST',
    path: '/api/auth/invitation',
    permission: 'public',
    summary: 'Set the password of the account of an invitation and sign in',
    body: AcceptInvitation,
    answer: SessionView,
    rateLimit: LINK_LIMIT,
  },
})
