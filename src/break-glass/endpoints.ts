import { z } from 'zod'
import { SessionView } from '../identity/contract.ts'
import { declareEndpoints } from '../platform/http/endpoints.ts'
import { SchemeCode } from '../schemes/contract.ts'
import {
  BreakGlassStatus,
  BreakGlassView,
  LockedSchemes,
  OpenBreakGlass,
  SealedEnvelopes,
} from './contract.ts'

/** Wrong codes are counted in the database: this only limits the load of hashing them. */
const OPENING_LIMIT = { max: 30, timeWindow: 60_000, groupId: 'break-glass' }

export const breakGlassEndpoints = declareEndpoints('installation', {
  openBreakGlass: {
    method: 'POST',
    path: '/api/auth/break-glass',
    permission: 'public',
    summary: 'Open the break-glass account with the codes of both sealed envelopes',
    body: OpenBreakGlass,
    answer: SessionView,
    rateLimit: OPENING_LIMIT,
  },
  getBreakGlass: {
    method: 'GET',
    path: '/api/break-glass',
    permission: 'signedIn',
    summary: 'Get the opening of the break-glass account that is open, or was closed in the last 24 hours',
    answer: BreakGlassView,
    inBreakGlass: true,
  },
  endOwnBreakGlass: {
    method: 'POST',
    path: '/api/break-glass/end',
    permission: 'signedIn',
    summary: 'Close the break-glass account, from its own session',
    inBreakGlass: true,
  },
  closeBreakGlass: {
    method: 'POST',
    path: '/api/break-glass/close',
    permission: 'break_glass.close',
    needsFactor: true,
    summary: 'Close the open break-glass account at once; its session ends',
  },
  getBreakGlassStatus: {
    method: 'GET',
    path: '/api/installation/break-glass',
    permission: 'break_glass.close',
    summary: 'Get whether the break-glass account is sealed, and its last openings',
    answer: BreakGlassStatus,
  },
  sealBreakGlass: {
    method: 'POST',
    path: '/api/installation/break-glass/seal',
    permission: 'break_glass.seal',
    needsFactor: true,
    summary: 'Make the codes of two new envelopes, which replace the former ones',
    answer: SealedEnvelopes,
  },
  listLockedSchemes: {
    method: 'GET',
    path: '/api/break-glass/schemes',
    permission: 'break_glass.use',
    summary: 'List what each scheme requires for signing in, for the open break-glass account',
    answer: LockedSchemes,
  },
  liftRequiredSignIn: {
    method: 'POST',
    path: '/api/schemes/:scheme/access/lift',
    permission: 'access.lift',
    summary: 'Let every role of a scheme in with any sign-in again',
    params: z.object({ scheme: SchemeCode }),
  },
})
