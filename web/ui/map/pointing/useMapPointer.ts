import type { Map as GlMap } from 'maplibre-gl'
import { useEffect, useRef, useState } from 'react'
import { isTouchDevice } from '../../account/device.ts'
import { TO_HIT } from '../drawing/mapStyle.ts'
import type { LitCommunes } from '../drawing/useLitCommunes.ts'
import type { MapPaint } from '../TerritoryMap.tsx'
import type { Gesture } from './MapTools.tsx'
import { communeAt, paintOn } from './painting.ts'

/** The actions that a drag on a map may have, and the chosen one. */
export interface MapPointer {
  readonly gestures: readonly Gesture[]
  readonly gesture: Gesture
  choose: (gesture: Gesture) => void
}

/** Lets the pointer pick a commune by a click and paint an area by a drag, each only if its callback is given. */
export function useMapPointer(
  map: GlMap | null,
  lit: LitCommunes,
  { onPick, onStroke, meaning = 'select' }: Pick<MapPaint, 'onPick' | 'onStroke' | 'meaning'>,
): MapPointer {
  const gestures: readonly Gesture[] = meaning === 'select' ? ['paint', 'move'] : ['add', 'remove', 'move']
  // Painting takes the finger that scrolls the page, so by touch it must be chosen first.
  const [chosen, choose] = useState<Gesture>(isTouchDevice() ? 'move' : 'paint')
  const gesture = gestures.includes(chosen) ? chosen : (gestures[0] ?? 'move')
  const paints = onStroke !== undefined && gesture !== 'move'
  // While communes are removed, a click removes one: it is a stroke of one commune.
  const picks = onPick !== undefined && gesture !== 'remove'
  const given = useRef({ onPick, onStroke })
  useEffect(() => {
    given.current = { onPick, onStroke }
  }, [onPick, onStroke])

  useEffect(() => {
    if (map === null || !paints) return
    return paintOn(map, {
      layers: TO_HIT,
      mode: gesture === 'paint' ? 'toggle' : gesture === 'add' ? 'add' : 'remove',
      isLit: lit.isLit,
      light: (code, on) => lit.light(code, on ? 1 : undefined),
      done: (codes, on) => {
        given.current.onStroke?.(codes, on)
        lit.showAgain()
      },
      ...(picks && { click: (code) => given.current.onPick?.(code) }),
    })
  }, [map, paints, picks, gesture, lit])

  useEffect(() => {
    if (map === null || !picks || paints) return
    const clicks = map.on('click', ({ point }) => {
      const code = communeAt(map, point, TO_HIT)
      if (code !== undefined) given.current.onPick?.(code)
    })
    map.getCanvas().style.cursor = 'pointer'
    return () => {
      clicks.unsubscribe()
      map.getCanvas().style.cursor = ''
    }
  }, [map, picks, paints])
  return { gestures, gesture, choose }
}
