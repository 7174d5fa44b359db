import type { DuesFacet } from '../../../../src/dues/contract.ts'

/** In the order of urgency for the chamber. */
export const duesFacets = [
  'late',
  'unnotified',
  'suspended',
  'due',
  'paid',
  'exempt',
] as const satisfies readonly DuesFacet[]

export interface DuesSearch {
  annee?: number
  /** Absent: those that are late, if there are any. */
  etat?: DuesFacet | 'all'
  q?: string
  metier?: string
  /** The member whose account is open. */
  membre?: string
  /** Opens the form of a new campaign. */
  nouveau?: 'oui'
}
