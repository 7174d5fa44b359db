import { ALIKE, type Incident, likeness } from './likeness.ts'

/** Two reports of which somebody said that they do not belong together. */
export type Pair = readonly [string, string]

export interface Proposal {
  /** Null: a series to begin. */
  readonly seriesId: string | null
  /** Mean likeness of each of the incidents to the others. */
  readonly score: number
  /** Those to link, the first incident first. */
  readonly incidents: readonly Incident[]
}

/**
 * What could be linked: incidents that belong to a series there is, and those that could begin one. An incident joins
 * those it is alike to on average, not the one it is most alike to: else a chain of neighbours would take in a whole
 * département.
 * @param series the incidents of each series, by its id
 * @param loose those of no series
 * @returns the most alike first; each incident once at most
 */
export function proposeSeries(
  series: ReadonlyMap<string, readonly Incident[]>,
  loose: readonly Incident[],
  apart: readonly Pair[],
): Proposal[] {
  const kept = new Set(apart.flatMap(([a, b]) => [`${a} ${b}`, `${b} ${a}`]))
  /** How alike an incident is to all of a group; 0 when it was said not to belong to one of it. */
  const fits = (incident: Incident, group: readonly Incident[]): number =>
    group.length === 0 || group.some((other) => kept.has(`${incident.id} ${other.id}`))
      ? 0
      : group.reduce((sum, other) => sum + likeness(incident, other), 0) / group.length

  const groups: {
    seriesId: string | null
    group: Incident[]
    added: { incident: Incident; fit: number }[]
  }[] = [...series].map(([seriesId, incidents]) => ({ seriesId, group: [...incidents], added: [] }))
  for (const incident of loose.toSorted(byTime)) {
    let best: (typeof groups)[number] | undefined
    let fit = ALIKE
    for (const one of groups) {
      const here = fits(incident, one.group)
      if (here > fit) {
        best = one
        fit = here
      }
    }
    if (best === undefined) groups.push({ seriesId: null, group: [incident], added: [{ incident, fit: 1 }] })
    else {
      best.group.push(incident)
      best.added.push({ incident, fit })
    }
  }
  return groups
    .filter(({ seriesId, added }) => added.length >= (seriesId === null ? 2 : 1))
    .map(({ seriesId, added }) => {
      // The first of a new series fits itself: it says nothing.
      const fits = added.slice(seriesId === null ? 1 : 0).map(({ fit }) => fit)
      return {
        seriesId,
        score: fits.reduce((sum, fit) => sum + fit, 0) / fits.length,
        incidents: added.map(({ incident }) => incident),
      }
    })
    .sort((a, b) => b.score - a.score || byTime(a.incidents[0]!, b.incidents[0]!))
}

export function byTime(a: Incident, b: Incident): number {
  return a.occurredAt.getTime() - b.occurredAt.getTime() || (a.id < b.id ? -1 : 1)
}
