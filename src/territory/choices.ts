import type { Area, AreaChoice, SimpleArea } from './contract.ts'

/** Returns the kind of an area, whatever its centre: a commune, 10 km, an agglomeration. */
export function sizeOf(area: Area): string {
  return area.kind === 'radius' ? `radius-${area.kilometres}` : area.kind
}

/**
 * Returns the area to propose first: the one of this size, else the smallest. Around a place outside the territory, where only
 * circles that reach it are offered, that is the smallest of them, and the whole scheme only where none does.
 * @param choices from small to large
 */
export function usualChoice(choices: readonly AreaChoice[], size: string | null): AreaChoice | undefined {
  const reached = choices.filter(({ communes }) => communes > 0)
  return (
    reached.find(({ area }) => sizeOf(area) === size && area.kind !== 'scheme') ?? reached[0] ?? choices[0]
  )
}

/** Kinds of area that are drawn whatever the borders of a territory. */
const CROSSING: readonly SimpleArea['kind'][] = ['radius', 'neighbours', 'epci']

/** Returns the part of an area that may reach into another territory; undefined: none. */
export function crossingPart(area: Area): Area | undefined {
  if (area.kind !== 'union') return CROSSING.includes(area.kind) ? area : undefined
  const areas = area.areas.filter(({ kind }) => CROSSING.includes(kind))
  return areas.length === 0 ? undefined : { kind: 'union', areas }
}
