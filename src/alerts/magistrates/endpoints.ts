import { z } from 'zod'
import { declareEndpoints } from '../../platform/http/endpoints.ts'
import {
  AuthorisationDecision,
  ConfirmAnswer,
  ConfirmCode,
  ConfirmCodeSent,
  ConfirmKey,
  ConfirmView,
  MagistrateList,
  OwnUses,
} from './contract.ts'

const InScheme = z.object({ scheme: z.string().max(64) })
const OfMagistrate = InScheme.extend({ id: z.uuid() })

export const magistrateEndpoints = declareEndpoints('alerts', {
  listMagistrates: {
    method: 'GET',
    path: '/api/schemes/:scheme/magistrates',
    permission: 'magistrate.read',
    summary: 'List the magistrates whose authorisation may be recorded, those on call first',
    params: InScheme,
    answer: MagistrateList,
  },
  listOwnUses: {
    method: 'GET',
    path: '/api/schemes/:scheme/magistrates/me/uses',
    permission: 'authorisation.own',
    summary: 'List every use of the signed-in magistrate’s name, latest first',
    params: InScheme,
    answer: OwnUses,
  },
})

/** Requests of one address in a minute: enough for a person with a phone. */
const rateLimit = { max: 20, timeWindow: 60_000, groupId: 'confirm' }

export const confirmEndpoints = declareEndpoints('public', {
  sendConfirmCode: {
    method: 'POST',
    path: '/api/public/authorisations/:scheme/:id/code',
    permission: 'public',
    summary: 'Send a one-time code to the magistrate named by an authorisation',
    params: OfMagistrate,
    answer: ConfirmCodeSent,
    rateLimit,
  },
  openConfirmation: {
    method: 'POST',
    path: '/api/public/authorisations/:scheme/:id/open',
    permission: 'public',
    summary: 'Open the uses of a magistrate’s name, with the one-time code',
    params: OfMagistrate,
    body: ConfirmCode,
    answer: ConfirmView,
    rateLimit,
  },
  readConfirmation: {
    method: 'POST',
    path: '/api/public/authorisations/:scheme/:id/read',
    permission: 'public',
    summary: 'Read the uses of a magistrate’s name again, with the key that the code gave',
    params: OfMagistrate,
    body: ConfirmKey,
    answer: ConfirmView,
    rateLimit,
  },
  decideAuthorisation: {
    method: 'POST',
    path: '/api/public/authorisations/:scheme/:id/decide',
    permission: 'public',
    summary: 'Give or decline an authorisation that is being asked of a magistrate without an account',
    params: OfMagistrate,
    body: AuthorisationDecision,
    answer: ConfirmView,
    rateLimit,
  },
  answerConfirmation: {
    method: 'POST',
    path: '/api/public/authorisations/:scheme/:id/answer',
    permission: 'public',
    summary: 'Confirm or deny an authorisation that another person recorded under a magistrate’s name',
    params: OfMagistrate,
    body: ConfirmAnswer,
    answer: ConfirmView,
    rateLimit,
  },
})
