import { useMemo } from 'react'
import type { TerritoryMap } from '../../../../src/territory/contract.ts'
import { type Bounds, boundsOf, type Part, partsOf } from '../../../../src/territory/map/parts.ts'
import type { ContourTopology } from '../../../../src/territory/map/topology.ts'
import { drawCommunes } from '../../fields/communes/communes.ts'

/** A territory as a map draws it. */
export interface DrawnTerritory extends ReturnType<typeof drawCommunes> {
  /** Keyed by code of commune; a commune without any geometry has none. */
  readonly bounds: ReadonlyMap<string, Bounds>
  /** The first is the one shown as the map opens. Each is named after its largest town. */
  readonly parts: readonly (Part & { readonly name: string })[]
}

/** Returns the communes of a territory with their contours, bounds and the parts they lie in. */
export function useDrawnTerritory(
  territory: TerritoryMap,
  topologies: readonly ContourTopology[],
): DrawnTerritory {
  const drawn = useMemo(() => drawCommunes(territory, topologies), [territory, topologies])
  return useMemo(() => {
    const bounds = new Map(
      drawn.features.features.flatMap(({ properties, geometry }) => {
        const box = boundsOf(geometry.coordinates)
        return box === null ? [] : [[properties.code, box] as const]
      }),
    )
    const parts = partsOf(territory.communes, bounds).map((part) => ({
      ...part,
      name: territory.communes
        .filter(({ code }) => part.codes.has(code))
        .reduce((a, b) => (b.population > a.population ? b : a)).name,
    }))
    return { ...drawn, bounds, parts }
  }, [drawn, territory])
}
