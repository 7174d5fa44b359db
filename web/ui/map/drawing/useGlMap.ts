import { Map as GlMap, setWorkerUrl } from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url'
import { type RefObject, useEffect, useState } from 'react'
import type { Bounds } from '../../../../src/territory/map/parts.ts'
import type { CommuneFeatures } from '../../fields/communes/communes.ts'
import { useText } from '../../format/text.ts'
import type { MapPaint } from '../TerritoryMap.tsx'
import { styleOf } from './mapStyle.ts'

setWorkerUrl(workerUrl)

/** The view of a map without known communes: metropolitan France. */
const FRANCE: [number, number, number, number] = [-5, 42, 8, 51]

/**
 * Returns a map drawn in an element, null until it has loaded. A map is made anew when what is given here changes.
 * @throws as the component renders, when the browser cannot draw maps
 */
export function useGlMap(
  holder: RefObject<HTMLElement | null>,
  drawn: {
    readonly communes: CommuneFeatures
    readonly tint: MapPaint['tint']
    readonly tiles: string | null
    /** Shown as the map opens; null: all of France. */
    readonly whole: Bounds | null
  },
): GlMap | null {
  const { communes, tint, tiles, whole } = drawn
  const { t } = useText()
  const [map, setMap] = useState<GlMap | null>(null)
  const [failure, setFailure] = useState<unknown>(null)
  if (failure !== null) throw failure

  useEffect(() => {
    const container = holder.current
    if (container === null) return
    let made: GlMap
    try {
      made = new GlMap({
        container,
        style: styleOf(communes, tint, tiles),
        bounds: whole === null ? FRANCE : [...whole],
        fitBoundsOptions: { padding: 8 },
        attributionControl: false,
        dragRotate: false,
        pitchWithRotate: false,
        touchPitch: false,
        maxZoom: 13,
        fadeDuration: 0,
        cooperativeGestures: matchMedia('(max-width: 760px)').matches,
        locale: {
          'CooperativeGesturesHandler.MobileHelpText': t('map.twoFingers'),
          'CooperativeGesturesHandler.WindowsHelpText': t('map.ctrlScroll'),
          'CooperativeGesturesHandler.MacHelpText': t('map.ctrlScroll'),
        },
      })
    } catch (error) {
      setFailure(error)
      return
    }
    made.touchZoomRotate.disableRotation()
    made.keyboard.disableRotation()
    made.on('load', () => setMap(made))
    // For those who look at it: screenshots, and tests in a browser that draws slowly.
    made.on('idle', () => container.setAttribute('data-drawn', 'true'))
    made.on('dataloading', () => container.removeAttribute('data-drawn'))
    return () => {
      setMap(null)
      made.remove()
    }
  }, [holder, communes, whole, tint, tiles, t])
  return map
}
