import type { AlertState } from '../../api/queries.ts'

/** Alerts that were ordered, by where they are. */
export const sentStages = ['open', 'ended', 'expired', 'cancelled'] as const
/** Those that were not: being written, or before a second person, or refused by one. */
export const unsentStages = ['draft', 'submitted', 'returned', 'rejected'] as const
export const alertStages = [...sentStages, ...unsentStages] as const satisfies readonly (
  | AlertState
  | 'open'
)[]
export type AlertStage = (typeof alertStages)[number]

export interface AlertsSearch {
  etat?: AlertStage
  q?: string
}
