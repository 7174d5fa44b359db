import { z } from 'zod'
import { CharterStep } from '../enrolment/contract.ts'
import { LanguageChoice, OwnSessions } from '../identity/contract.ts'
import {
  MAX_ANSWER_BYTES,
  NewPasskey,
  PasskeyAnswer,
  PasskeyCreation,
  PasskeyList,
  PasskeyRequest,
} from '../identity/passkeys/webauthn-contract.ts'
import { QuietHoursChoice } from '../members/contract.ts'
import { declareEndpoints } from '../platform/http/endpoints.ts'
import { SchemeCode } from '../schemes/contract.ts'
import {
  MailAttempt,
  PortalSession,
  SignInAttempt,
  SignInCode,
  SignInMail,
  SignInMailCode,
  SignInPhone,
} from './contract.ts'
import {
  ConfirmPerson,
  ConfirmPhone,
  LeaveScheme,
  NewPerson,
  NewPhone,
  OwnBusiness,
  OwnCharterView,
  OwnShopView,
  OwnSmsChoice,
  PersonNames,
  PhoneAttempt,
  RemovePerson,
} from './shop/contract.ts'

/** A number or a code is a few bytes. */
const BODY_BYTES = 1024
/**
 * Allows merchants of one network (a shopping centre) to request codes at the same time. The routes count a browser in which the
 * number or address was proved apart from its network.
 */
const CODE_REQUEST_LIMIT = {
  max: 20,
  timeWindow: 60_000,
  groupId: 'portal-sign-in',
  hook: 'preHandler' as const,
}
/** The limit of a session. */
const NEW_PASSKEY_LIMIT = { max: 20, timeWindow: 60_000, groupId: 'portal-new-passkey' }
/**
 * Limits answers per sign-in attempt. Each attempt allows five tries, so wrong answers cost only the one who gives them; a
 * limit per network would block every member behind the same address of a mobile operator.
 */
const ANSWER_LIMIT = {
  max: 20,
  timeWindow: 60_000,
  groupId: 'portal-answer',
  hook: 'preHandler' as const,
  keyGenerator: (request: { readonly body?: unknown }) =>
    (request.body as { readonly attempt: string }).attempt,
}
/** A passkey cannot be guessed: this only limits the load. */
const PASSKEY_LIMIT = { max: 120, timeWindow: 60_000, groupId: 'portal-passkey' }
/** The forms of a shop have a few fields. */
const SHOP_BYTES = 4 * 1024
export const InShop = z.object({ scheme: SchemeCode, member: z.uuid() })
const OnePerson = InShop.extend({ contact: z.uuid() })
/** Slows down attempts to enumerate numbers or codes. */
const CODE_LIMIT = { max: 20, timeWindow: 60_000, groupId: 'own-code' }

export const portalEndpoints = declareEndpoints('portal', {
  listContactSessions: {
    method: 'GET',
    path: '/api/portal/sessions',
    permission: 'portal',
    summary: 'List the open sessions of the holder of the signed-in number or address',
    answer: OwnSessions,
  },
  endContactSessions: {
    method: 'POST',
    path: '/api/portal/sessions/end',
    permission: 'portal',
    summary: 'End one session of the holder, or all but that of the request',
    body: z.object({ id: z.uuid().optional() }),
    answer: OwnSessions,
    bodyLimit: BODY_BYTES,
  },
  sendSignInCode: {
    method: 'POST',
    path: '/api/portal/code',
    permission: 'public',
    summary: 'Request a sign-in code by SMS',
    body: SignInPhone,
    answer: SignInAttempt,
    bodyLimit: BODY_BYTES,
    rateLimit: CODE_REQUEST_LIMIT,
  },
  signInByCode: {
    method: 'POST',
    path: '/api/portal/session',
    permission: 'public',
    summary: 'Sign in with the code sent by SMS',
    body: SignInCode,
    answer: PortalSession,
    bodyLimit: BODY_BYTES,
    rateLimit: ANSWER_LIMIT,
  },
  sendMailSignInCode: {
    method: 'POST',
    path: '/api/portal/mail-code',
    permission: 'public',
    summary: 'Request a sign-in code by mail',
    body: SignInMail,
    answer: MailAttempt,
    bodyLimit: BODY_BYTES,
    rateLimit: CODE_REQUEST_LIMIT,
  },
  signInByMail: {
    method: 'POST',
    path: '/api/portal/mail-session',
    permission: 'public',
    summary: 'Sign in with the code sent by mail',
    body: SignInMailCode,
    answer: PortalSession,
    bodyLimit: BODY_BYTES,
    rateLimit: ANSWER_LIMIT,
  },
  getPortalSession: {
    method: 'GET',
    path: '/api/portal/session',
    permission: 'portal',
    summary: 'Get the signed-in contact and its shops',
    answer: PortalSession,
  },
  chooseContactLanguage: {
    method: 'PUT',
    path: '/api/portal/language',
    permission: 'portal',
    summary: 'Choose the language of mails and SMS of service to the signed-in number or address',
    body: LanguageChoice,
    bodyLimit: BODY_BYTES,
  },
  endContactSession: {
    method: 'POST',
    path: '/api/portal/session/end',
    permission: 'portal',
    summary: 'Sign out',
  },
})

export const passkeyEndpoints = declareEndpoints('portal', {
  startPasskeySignIn: {
    method: 'POST',
    path: '/api/portal/passkey-session/options',
    permission: 'public',
    summary: 'Create the options to sign in with a passkey',
    answer: PasskeyRequest,
    rateLimit: PASSKEY_LIMIT,
  },
  signInByPasskey: {
    method: 'POST',
    path: '/api/portal/passkey-session',
    permission: 'public',
    summary: 'Sign in with a passkey',
    body: PasskeyAnswer,
    answer: PortalSession,
    bodyLimit: MAX_ANSWER_BYTES,
    rateLimit: PASSKEY_LIMIT,
  },
  listPasskeys: {
    method: 'GET',
    path: '/api/portal/passkeys',
    permission: 'portal',
    summary: 'List the passkeys of the signed-in contact',
    answer: PasskeyList,
  },
  startPasskeyCreation: {
    method: 'POST',
    path: '/api/portal/passkeys/options',
    permission: 'portal',
    summary: 'Create the options to add a passkey',
    answer: PasskeyCreation,
    rateLimit: NEW_PASSKEY_LIMIT,
  },
  addPasskey: {
    method: 'POST',
    path: '/api/portal/passkeys',
    permission: 'portal',
    summary: 'Add a passkey to the signed-in contact',
    body: NewPasskey,
    answer: PasskeyList,
    bodyLimit: MAX_ANSWER_BYTES,
    rateLimit: NEW_PASSKEY_LIMIT,
  },
  removePasskey: {
    method: 'DELETE',
    path: '/api/portal/passkeys/:id',
    permission: 'portal',
    summary: 'Delete a passkey of the signed-in contact',
    params: z.object({ id: z.string().min(1).max(1400) }),
    answer: PasskeyList,
  },
})

export const ownShopEndpoints = declareEndpoints('portal', {
  getOwnShop: {
    method: 'GET',
    path: '/api/portal/shops/:scheme/:member',
    permission: 'own.read',
    summary: 'Get the stored data of a shop',
    params: InShop,
    answer: OwnShopView,
  },
  correctBusiness: {
    method: 'PUT',
    path: '/api/portal/shops/:scheme/:member/business',
    permission: 'own.change',
    summary: 'Correct the address of a shop, and ask the chamber for another name, SIRET, trade or commune',
    params: InShop,
    body: OwnBusiness,
    answer: OwnShopView,
    bodyLimit: SHOP_BYTES,
  },
  setOwnQuietHours: {
    method: 'PUT',
    path: '/api/portal/shops/:scheme/:member/quiet-hours',
    permission: 'own.change',
    summary: 'Set the quiet hours of a shop',
    params: InShop,
    body: QuietHoursChoice,
    answer: OwnShopView,
    bodyLimit: SHOP_BYTES,
  },
  correctPerson: {
    method: 'PUT',
    path: '/api/portal/shops/:scheme/:member/people/:contact',
    permission: 'own.change',
    summary: 'Correct the name and mail address of a person of a shop',
    params: OnePerson,
    body: PersonNames,
    answer: OwnShopView,
    bodyLimit: SHOP_BYTES,
  },
  setOwnSms: {
    method: 'PUT',
    path: '/api/portal/shops/:scheme/:member/people/:contact/sms',
    permission: 'own.change',
    summary: 'Opt a person of a shop out of alerts by SMS, or oneself in again',
    params: OnePerson,
    body: OwnSmsChoice,
    answer: OwnShopView,
    bodyLimit: SHOP_BYTES,
  },
  removePerson: {
    method: 'DELETE',
    path: '/api/portal/shops/:scheme/:member/people/:contact',
    permission: 'own.change',
    summary: 'Remove a person from a shop',
    params: OnePerson,
    query: RemovePerson,
    answer: z.object({ shop: OwnShopView.nullable() }),
  },
  sendNewPersonCode: {
    method: 'POST',
    path: '/api/portal/shops/:scheme/:member/people',
    permission: 'own.change',
    summary: 'Send a code to the phone of a person who joins a shop',
    params: InShop,
    body: NewPerson,
    answer: PhoneAttempt,
    bodyLimit: SHOP_BYTES,
    rateLimit: CODE_LIMIT,
  },
  addPerson: {
    method: 'POST',
    path: '/api/portal/shops/:scheme/:member/people/confirm',
    permission: 'own.change',
    summary: 'Add a person to a shop with the code sent to their phone',
    params: InShop,
    body: ConfirmPerson,
    answer: OwnShopView,
    bodyLimit: SHOP_BYTES,
    rateLimit: CODE_LIMIT,
  },
  sendOwnPhoneCode: {
    method: 'POST',
    path: '/api/portal/shops/:scheme/:member/phone',
    permission: 'own.change',
    summary: 'Send a code to the new number of the signed-in contact',
    params: InShop,
    body: NewPhone,
    answer: PhoneAttempt,
    bodyLimit: SHOP_BYTES,
    rateLimit: CODE_LIMIT,
  },
  changeOwnPhone: {
    method: 'POST',
    path: '/api/portal/shops/:scheme/:member/phone/confirm',
    permission: 'own.change',
    summary: 'Change the number of the signed-in contact at all its shops, with the code sent to the new one',
    params: InShop,
    body: ConfirmPhone,
    answer: OwnShopView,
    bodyLimit: SHOP_BYTES,
    rateLimit: CODE_LIMIT,
  },
  getOwnCharter: {
    method: 'GET',
    path: '/api/portal/shops/:scheme/:member/charter',
    permission: 'own.read',
    summary: 'Get the charter in force, and the last signature of a shop',
    params: InShop,
    answer: OwnCharterView,
  },
  signOwnCharter: {
    method: 'POST',
    path: '/api/portal/shops/:scheme/:member/charter',
    permission: 'own.change',
    summary: 'Sign the charter in force for a shop',
    params: InShop,
    body: CharterStep,
    answer: OwnCharterView,
    bodyLimit: SHOP_BYTES,
  },
  leaveScheme: {
    method: 'POST',
    path: '/api/portal/shops/:scheme/:member/leave',
    permission: 'own.leave',
    summary: 'Remove a shop from the scheme',
    params: InShop,
    body: LeaveScheme,
    bodyLimit: SHOP_BYTES,
  },
})
