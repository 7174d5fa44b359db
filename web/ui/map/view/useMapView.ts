import type { Map as GlMap } from 'maplibre-gl'
import { useCallback, useEffect, useMemo, useRef } from 'react'
import { type Bounds, joinBounds } from '../../../../src/territory/map/parts.ts'
import type { MapPaint } from '../TerritoryMap.tsx'
import { viewOf } from './MapInsets.tsx'
import { isWellSeen } from './mapView.ts'

/** Part of the map's smaller side that is left free around an area it moves to. */
const AROUND = 0.18
/** Closest zoom at which the map moves by itself: the towns around are seen too. */
const FOLLOW_ZOOM = 9

/** Movements of a map. */
export interface MapView {
  /** Moves the map to bounds; null: it stays. */
  show: (wanted: Bounds | null) => void
  /** Zooms one step in (1) or out (-1). */
  zoom: (by: 1 | -1) => void
  /** The bounds of the lit communes; null without any. */
  readonly area: Bounds | null
}

/**
 * Moves a map on demand and, where the screen wants it (`follow`), to the lit communes and the place as soon as they
 * change and are not well seen. Users who want less movement get none.
 */
export function useMapView(
  map: GlMap | null,
  shown: {
    readonly bounds: ReadonlyMap<string, Bounds>
    /** Shown when nothing is lit. */
    readonly whole: Bounds | null
  },
  { paint, place, follow }: Pick<MapPaint, 'paint' | 'place' | 'follow'>,
): MapView {
  const { bounds, whole } = shown
  const animate = !matchMedia('(prefers-reduced-motion: reduce)').matches
  const moveTo = useCallback(
    (wanted: Bounds | null, padding: number, maxZoom: number, isFirst = false) => {
      // The first view is where the map begins: it has no way to it.
      if (wanted !== null) map?.fitBounds([...wanted], { padding, maxZoom, animate: animate && !isFirst })
    },
    [map, animate],
  )
  const area = useMemo(() => boundsOfCodes(bounds, paint.keys()), [bounds, paint])

  const target = boundsOfCodes(bounds, [...paint.keys(), ...(place === undefined ? [] : [place])])
  const wanted = target?.join(' ') ?? ''
  const followed = useRef('')
  // biome-ignore lint/correctness/useExhaustiveDependencies: `wanted` stands for `target`
  useEffect(() => {
    if (map === null) return
    const isFirst = followed.current === ''
    const isNew = followed.current !== wanted
    followed.current = wanted
    if (!follow || !isNew) return
    if (target === null) return moveTo(whole, 8, 11, isFirst)
    if (!isFirst && isWellSeen(target, viewOf(map))) return
    const { clientWidth, clientHeight } = map.getContainer()
    moveTo(target, Math.min(clientWidth, clientHeight) * AROUND, FOLLOW_ZOOM, isFirst)
  }, [map, wanted, follow, whole, moveTo])

  const show = useCallback((wanted: Bounds | null) => moveTo(wanted, 24, 11), [moveTo])
  const zoom = (by: 1 | -1) => {
    if (by > 0) map?.zoomIn({ animate })
    else map?.zoomOut({ animate })
  }
  return { show, zoom, area }
}

function boundsOfCodes(bounds: ReadonlyMap<string, Bounds>, codes: Iterable<string>): Bounds | null {
  return joinBounds([...codes].map((code) => bounds.get(code)).filter((one) => one !== undefined))
}
