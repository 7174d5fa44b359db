import type { AccessSettings } from '../../../../src/schemes/contract.ts'

/** The roles whose sign-in a scheme may restrict. */
export const SIGN_IN_ROLES = [
  'operator',
  'chief',
  'magistrate',
  'chamber',
  'trade_chamber',
  'admin',
] as const satisfies readonly (keyof AccessSettings['signIn'])[]
