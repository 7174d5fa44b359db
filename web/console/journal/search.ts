import type { RefusalCode } from '../../../src/reports/contract.ts'
import type { ReportState } from '../../api/queries.ts'

export const reportStates: readonly ReportState[] = ['waiting', 'broadcast', 'refused']

export const refusalReasons = [
  'no_offence',
  'doubt',
  'arrested',
  'too_late',
  'out_of_zone',
  'duplicate',
  'other',
] as const satisfies readonly RefusalCode[]

export interface JournalSearch {
  etat?: ReportState
  categorie?: string
  /** The agency that took the call. */
  service?: string
  /** The reason of the refusal. */
  motif?: RefusalCode
  /** First and last day, 2026-03-12. */
  du?: string
  au?: string
  q?: string
  /** Shows exercises instead of real calls. */
  exercices?: 'oui'
  /** Shows statistics above the list. */
  statistiques?: 'oui'
}
