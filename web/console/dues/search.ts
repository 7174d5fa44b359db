import type { DuesState } from '../../../src/members/dues/contract.ts'

/** In the order of what they ask of the chamber. */
export const duesStates = ['late', 'due', 'paid', 'exempt'] as const satisfies readonly DuesState[]

export interface DuesSearch {
  annee?: number
  etat?: DuesState
  q?: string
  metier?: string
  /** The member whose account is open. */
  membre?: string
}
