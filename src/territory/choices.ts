import type { Area, AreaChoice } from './contract.ts'

/** Returns the kind of an area, whatever its centre: a commune, 10 km, an agglomeration. */
export function sizeOf(area: Area): string {
  return area.kind === 'radius' ? `radius-${area.kilometres}` : area.kind
}

/**
 * Returns the area to propose first: the one of this size, else the smallest with a commune of the scheme. Around a place outside
 * the territory, that is the smallest circle that reaches it, never the whole scheme as long as a circle does.
 * @param choices from small to large
 */
export function usualChoice(choices: readonly AreaChoice[], size: string | null): AreaChoice | undefined {
  const reached = choices.filter(({ communes }) => communes > 0)
  return (
    reached.find(({ area }) => sizeOf(area) === size && area.kind !== 'scheme') ?? reached[0] ?? choices[0]
  )
}
