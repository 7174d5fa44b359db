import { z } from 'zod'
import { declareEndpoints } from '../platform/endpoints.ts'
import {
  AccountSecurity,
  CodeSetup,
  LockView,
  MAX_PASSWORD,
  MIN_PASSWORD,
  RecoveryCodes,
  SessionSign,
  SessionView,
} from './contract.ts'
import {
  MAX_ANSWER_BYTES,
  NewPasskey,
  PasskeyAnswer,
  PasskeyCreation,
  PasskeyRequest,
} from './webauthn-contract.ts'

const SignIn = z.object({ email: z.email().max(254), password: z.string().min(1).max(MAX_PASSWORD) })
const ChangePassword = z.object({
  currentPassword: z.string().min(1).max(MAX_PASSWORD),
  newPassword: z.string().min(MIN_PASSWORD).max(MAX_PASSWORD),
})

const Password = z.object({ password: z.string().min(1).max(MAX_PASSWORD) })
const Code = z.string().trim().min(1).max(40)

/** A passkey cannot be guessed: this only limits the load. */
const PASSKEY_LIMIT = { max: 120, timeWindow: 60_000, groupId: 'account-passkey' }

export const identityEndpoints = declareEndpoints('identity', {
  signIn: {
    method: 'POST',
    path: '/api/auth/sign-in/email',
    permission: 'public',
    summary: 'Sign in with mail address and password',
    body: SignIn,
    answer: SessionView,
  },
  changePassword: {
    method: 'POST',
    path: '/api/auth/change-password',
    permission: 'signedIn',
    summary: 'Change the password of the account; ends its other sessions',
    body: ChangePassword,
    answer: SessionView,
    beforePasswordChange: true,
  },
  getSession: {
    method: 'GET',
    path: '/api/session',
    permission: 'signedIn',
    summary: 'Get the signed-in account with its permissions in each scheme',
    answer: SessionView,
    beforePasswordChange: true,
  },
  watchSession: {
    method: 'GET',
    path: '/api/session/live',
    permission: 'signedIn',
    summary: 'Open a stream that ends with the session, for screens without another one',
    answer: SessionSign,
    produces: 'text/event-stream',
  },
  reportActivity: {
    method: 'POST',
    path: '/api/session/activity',
    permission: 'signedIn',
    summary: 'Report that the user typed, clicked or scrolled on a screen of the session',
    beforePasswordChange: true,
  },
  lockSession: {
    method: 'POST',
    path: '/api/session/lock',
    permission: 'signedIn',
    summary: 'Lock the session until its user proves who they are',
    whileLocked: true,
  },
  getLock: {
    method: 'GET',
    path: '/api/session/lock',
    permission: 'signedIn',
    summary: 'Get whether the session is locked, and what unlocks it',
    answer: LockView,
    beforePasswordChange: true,
    whileLocked: true,
  },
  endSession: {
    method: 'POST',
    path: '/api/session/end',
    permission: 'signedIn',
    summary: 'Sign out',
    beforePasswordChange: true,
    whileLocked: true,
  },
  signOut: {
    method: 'POST',
    path: '/api/auth/sign-out',
    permission: 'signedIn',
    summary: 'Sign out, at the path of the better-auth library',
    beforePasswordChange: true,
    whileLocked: true,
  },
})

export const factorEndpoints = declareEndpoints('identity', {
  startAccountPasskeySignIn: {
    method: 'POST',
    path: '/api/auth/passkey-session/options',
    permission: 'public',
    summary: 'Create the options to sign in to the console with a passkey',
    answer: PasskeyRequest,
    rateLimit: PASSKEY_LIMIT,
  },
  signInByAccountPasskey: {
    method: 'POST',
    path: '/api/auth/passkey-session',
    permission: 'public',
    summary: 'Sign in to the console with a passkey',
    body: PasskeyAnswer,
    answer: SessionView,
    bodyLimit: MAX_ANSWER_BYTES,
    rateLimit: PASSKEY_LIMIT,
  },
  completeSignIn: {
    method: 'POST',
    path: '/api/auth/second-factor',
    permission: 'public',
    summary: 'Complete a sign-in with a code of the application or a recovery code',
    body: z.union([z.object({ code: Code }), z.object({ recoveryCode: Code })]),
    answer: SessionView,
    rateLimit: PASSKEY_LIMIT,
  },
  getAccountSecurity: {
    method: 'GET',
    path: '/api/account/security',
    permission: 'signedIn',
    summary: 'Get the factors with which the signed-in account proves who it is',
    answer: AccountSecurity,
  },
  startAccountPasskeyCreation: {
    method: 'POST',
    path: '/api/account/passkeys/options',
    permission: 'signedIn',
    summary: 'Create the options to add a passkey to the account',
    answer: PasskeyCreation,
    rateLimit: PASSKEY_LIMIT,
  },
  addAccountPasskey: {
    method: 'POST',
    path: '/api/account/passkeys',
    permission: 'signedIn',
    summary: 'Add a passkey to the account',
    body: NewPasskey,
    answer: AccountSecurity,
    bodyLimit: MAX_ANSWER_BYTES,
    rateLimit: PASSKEY_LIMIT,
  },
  removeAccountPasskey: {
    method: 'DELETE',
    path: '/api/account/passkeys/:id',
    permission: 'signedIn',
    summary: 'Delete a passkey of the account',
    params: z.object({ id: z.string().min(1).max(1400) }),
    answer: AccountSecurity,
  },
  prepareCodes: {
    method: 'POST',
    path: '/api/account/codes',
    permission: 'signedIn',
    summary: 'Prepare codes of an application as the second factor of the account',
    body: Password,
    answer: CodeSetup,
    rateLimit: PASSKEY_LIMIT,
  },
  confirmCodes: {
    method: 'POST',
    path: '/api/account/codes/confirm',
    permission: 'signedIn',
    summary: 'Confirm the first code of the application: from then on a sign-in asks for one',
    body: z.object({ code: Code }),
    answer: AccountSecurity,
    rateLimit: PASSKEY_LIMIT,
  },
  removeCodes: {
    method: 'POST',
    path: '/api/account/codes/remove',
    permission: 'signedIn',
    summary: 'Remove the codes of the application',
    body: Password,
    answer: AccountSecurity,
    rateLimit: PASSKEY_LIMIT,
  },
  renewRecoveryCodes: {
    method: 'POST',
    path: '/api/account/recovery-codes',
    permission: 'signedIn',
    summary: 'Replace the recovery codes',
    body: Password,
    answer: RecoveryCodes,
    rateLimit: PASSKEY_LIMIT,
  },
  checkFactor: {
    method: 'GET',
    path: '/api/account/factor',
    permission: 'signedIn',
    summary: 'Check that a factor was given in the last five minutes',
  },
  startFactorPasskey: {
    method: 'POST',
    path: '/api/account/factor/options',
    permission: 'signedIn',
    summary: 'Create the options to give a passkey of the account again',
    answer: PasskeyRequest,
    whileLocked: true,
    rateLimit: PASSKEY_LIMIT,
  },
  giveFactor: {
    method: 'POST',
    path: '/api/account/factor',
    permission: 'signedIn',
    summary:
      'Give a factor again: a passkey, a code of the application, or the password of an account without codes',
    body: z.union([Password, z.object({ code: Code }), z.object({ passkey: PasskeyAnswer })]),
    bodyLimit: MAX_ANSWER_BYTES,
    rateLimit: PASSKEY_LIMIT,
  },
  unlockSession: {
    method: 'POST',
    path: '/api/session/unlock',
    permission: 'signedIn',
    summary:
      'Unlock the session with a passkey, or with the password and the code of an account that has codes',
    body: z.union([
      Password.extend({ code: Code.optional() }),
      z.object({ passkey: PasskeyAnswer }),
      z.object({ demo: z.literal(true) }),
    ]),
    answer: SessionView,
    bodyLimit: MAX_ANSWER_BYTES,
    rateLimit: PASSKEY_LIMIT,
    beforePasswordChange: true,
    whileLocked: true,
  },
})
