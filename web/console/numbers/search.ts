import type { NumberFacet } from '../../../src/members/contract.ts'

/** In the order of urgency for the chamber. */
export const numberFacets = [
  'dead',
  'doubtful',
  'gone',
  'unreachable',
  'landline',
  'shared',
] as const satisfies readonly NumberFacet[]

export interface NumbersSearch {
  facette?: NumberFacet
  q?: string
  metier?: string
  /** The member whose page is open. */
  membre?: string
}
