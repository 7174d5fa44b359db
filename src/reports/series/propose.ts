import { ALIKE, type Incident, similarityOf } from './likeness.ts'

/** Two reports that a user set apart. */
export type Pair = readonly [string, string]

export interface Proposal {
  /** Null for a new series. */
  readonly seriesId: string | null
  /** Mean similarity of each incident to the others. */
  readonly score: number
  /** Incidents to link, first incident first. */
  readonly incidents: readonly Incident[]
}

/**
 * Proposes incidents for existing series and groups of incidents for new ones. An incident joins a group by its average
 * similarity, not by the most similar member: otherwise a chain of neighbours would absorb a whole département.
 * @param series the incidents of each series, by its id
 * @param loose incidents without a series
 * @returns proposals by similarity; each incident at most once
 */
export function proposeSeries(
  series: ReadonlyMap<string, readonly Incident[]>,
  loose: readonly Incident[],
  apart: readonly Pair[],
): Proposal[] {
  const kept = new Set(apart.flatMap(([a, b]) => [`${a} ${b}`, `${b} ${a}`]))
  /** Computes the similarity of an incident to a group; 0 if it was set apart from one of its members. */
  const fits = (incident: Incident, group: readonly Incident[]): number =>
    group.length === 0 || group.some((other) => kept.has(`${incident.id} ${other.id}`))
      ? 0
      : group.reduce((sum, other) => sum + similarityOf(incident, other), 0) / group.length

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
      // The first incident of a new series is only compared with itself: its value is meaningless.
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
