import { useComputedColorScheme } from '@mantine/core'
import type { GeoJSONSource, Map as GlMap } from 'maplibre-gl'
import { useEffect } from 'react'
import { outlineOf } from '../../fields/communes/communes.ts'
import type { MapPaint } from '../TerritoryMap.tsx'
import { colours, LAYERS, OUTLINE, RINGS, ringPaint, ringsOf } from './mapStyle.ts'
import type { DrawnTerritory } from './useDrawnTerritory.ts'

/** Draws the rings of a map, the outline around its lit communes, and all of it in the colours of the screen. */
export function useMapLayers(
  map: GlMap | null,
  { bounds, contours }: DrawnTerritory,
  { rings, paint, tint }: Pick<MapPaint, 'rings' | 'paint' | 'tint'>,
): void {
  const scheme = useComputedColorScheme()
  useEffect(() => {
    map?.getSource<GeoJSONSource>(RINGS)?.setData(ringsOf(bounds, rings))
  }, [map, bounds, rings])

  useEffect(() => {
    const geometry = outlineOf(contours, paint.keys())
    map?.getSource<GeoJSONSource>(OUTLINE)?.setData({
      type: 'FeatureCollection',
      features: geometry === null ? [] : [{ type: 'Feature', properties: {}, geometry }],
    })
  }, [map, contours, paint])

  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are read from the page, which the scheme changes
  useEffect(() => {
    if (map === null) return
    const { fill, line, outline } = colours(tint)
    map.setPaintProperty(OUTLINE, 'line-color', outline)
    map.setPaintProperty(LAYERS[0], 'fill-color', fill)
    map.setPaintProperty(LAYERS[1], 'line-color', line)
    map.setPaintProperty(LAYERS[2], 'circle-color', fill)
    map.setPaintProperty(LAYERS[2], 'circle-stroke-color', line)
    map.setPaintProperty(RINGS, 'circle-stroke-color', ringPaint()['circle-stroke-color'])
  }, [map, scheme, tint])
}
