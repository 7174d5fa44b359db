import { z } from 'zod'
import { declareEndpoints } from '../platform/endpoints.ts'
import { MAX_PASSWORD, MIN_PASSWORD, SessionView } from './contract.ts'

const SignIn = z.object({ email: z.email().max(254), password: z.string().min(1).max(MAX_PASSWORD) })
const ChangePassword = z.object({
  currentPassword: z.string().min(1).max(MAX_PASSWORD),
  newPassword: z.string().min(MIN_PASSWORD).max(MAX_PASSWORD),
})

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
  endSession: {
    method: 'POST',
    path: '/api/session/end',
    permission: 'signedIn',
    summary: 'Sign out',
    beforePasswordChange: true,
  },
  signOut: {
    method: 'POST',
    path: '/api/auth/sign-out',
    permission: 'signedIn',
    summary: 'Sign out, at the path of the better-auth library',
    beforePasswordChange: true,
  },
})
