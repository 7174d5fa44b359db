import type { RecentAlert } from '../../../../../src/alerts/contract.ts'
import { HOUR_MS } from '../../../../../src/message/clock.ts'

/** An alert older than this is no longer shown on the map. */
export const RECENT_MS = 7 * 24 * HOUR_MS

/** The age of an alert, as the map shows it: less than an hour, a day or a week. */
export const ages = ['hour', 'day', 'week'] as const
export type Age = (typeof ages)[number]

/** The alerts about one commune, latest first. On the map, the colour of its ring is the age of the latest. */
export interface RecentPlace {
  readonly code: string
  readonly name: string
  readonly age: Age
  readonly alerts: readonly RecentAlert[]
}

export function ageOf(orderedAt: string, now: number): Age | null {
  const elapsed = now - Date.parse(orderedAt)
  if (elapsed < HOUR_MS) return 'hour'
  if (elapsed < 24 * HOUR_MS) return 'day'
  return elapsed < RECENT_MS ? 'week' : null
}

/** Returns the communes with recent alerts, that of the latest alert first. */
export function recentPlaces(alerts: readonly RecentAlert[], now: number): RecentPlace[] {
  const places = new Map<string, RecentPlace>()
  for (const alert of alerts.toSorted((a, b) => Date.parse(b.orderedAt) - Date.parse(a.orderedAt))) {
    const age = ageOf(alert.orderedAt, now)
    if (age === null) continue
    const { code, name } = alert.commune
    const known = places.get(code)
    places.set(
      code,
      known ? { ...known, alerts: [...known.alerts, alert] } : { code, name, age, alerts: [alert] },
    )
  }
  return [...places.values()]
}
