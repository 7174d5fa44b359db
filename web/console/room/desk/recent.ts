import type { RecentAlert } from '../../../../src/alerts/contract.ts'

const HOUR = 3_600_000
/** An alert older than this is no longer shown on the map. */
export const RECENT_MS = 7 * 24 * HOUR

/** How old an alert is, as the map tells it: of this hour, of this day, of this week. */
export const ages = ['hour', 'day', 'week'] as const
export type Age = (typeof ages)[number]

/** The alerts that left about one commune, the latest first; its ring is as old as the latest. */
export interface RecentPlace {
  readonly code: string
  readonly name: string
  readonly age: Age
  readonly alerts: readonly RecentAlert[]
}

export function ageOf(orderedAt: string, now: number): Age | null {
  const age = now - Date.parse(orderedAt)
  if (age < HOUR) return 'hour'
  if (age < 24 * HOUR) return 'day'
  return age < RECENT_MS ? 'week' : null
}

/** Where something was told of late, the latest first. */
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
