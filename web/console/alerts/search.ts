import type { AlertState } from '../../api/queries.ts'

/** Ordered alerts by state. */
export const sentStages = ['open', 'ended', 'expired', 'cancelled'] as const
/** Alerts not ordered: in preparation, pending or rejected. */
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
