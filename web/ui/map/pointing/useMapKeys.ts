import type { Map as GlMap } from 'maplibre-gl'
import { type RefObject, useEffect, useRef, useState } from 'react'
import type { TerritoryMap } from '../../../../src/territory/contract.ts'
import { nearestTo, nextTowards } from '../view/mapView.ts'

/** The commune that the arrow keys chose. */
export interface MapCursor {
  readonly code: string
  readonly name: string
  readonly at: [longitude: number, latitude: number]
}

/**
 * Does with the keyboard what clicks and drags do on a map: arrows lead from commune to commune, Enter picks the one
 * reached, Space lights it or puts it out, Control (or Command) and Z undoes.
 */
export function useMapKeys(given: {
  /** Null: nothing can be done on this map. */
  map: GlMap | null
  holder: RefObject<HTMLElement | null>
  communes: TerritoryMap['communes']
  /** The commune from which the arrows start; undefined: the one in the middle of the map. */
  start: string | undefined
  onPick: ((code: string) => void) | undefined
  onToggle: ((code: string) => void) | undefined
  onUndo: (() => void) | null | undefined
}): MapCursor | null {
  const { map, holder } = given
  const [cursor, setCursor] = useState<MapCursor | null>(null)
  const now = useRef({ ...given, cursor })
  useEffect(() => {
    now.current = { ...given, cursor }
  })

  useEffect(() => {
    const element = holder.current
    if (map === null || element === null) return
    const spots = () =>
      now.current.communes.flatMap(({ code, name, point }) =>
        point === null
          ? []
          : [{ code, name, at: point, ...pixelsOf(map, [point.longitude, point.latitude]) }],
      )
    const moveTowards = (key: string) => {
      const all = spots()
      const { clientWidth: width, clientHeight: height } = map.getContainer()
      const from = all.find(({ code }) => code === now.current.cursor?.code)
      const next =
        from === undefined
          ? (all.find(({ code }) => code === now.current.start) ??
            nearestTo(all, { x: width / 2, y: height / 2 }))
          : nextTowards(all, from, key)
      if (next === undefined) return
      const at: MapCursor['at'] = [next.at.longitude, next.at.latitude]
      setCursor({ code: next.code, name: next.name, at })
      const isSeen = next.x > 30 && next.y > 30 && next.x < width - 30 && next.y < height - 30
      if (!isSeen) map.panTo(at, { animate: false })
    }
    const forget = () => setCursor(null)
    const onKeyDown = (event: KeyboardEvent) => {
      const act = actOfMapKey(event, { ...now.current, moveTowards, forget })
      if (act === null) return
      act()
      // The map would move by the arrows, and the page by the space.
      event.preventDefault()
      event.stopPropagation()
    }
    element.addEventListener('keydown', onKeyDown, { capture: true })
    element.addEventListener('focusout', forget)
    element.addEventListener('pointerdown', forget)
    return () => {
      element.removeEventListener('keydown', onKeyDown, { capture: true })
      element.removeEventListener('focusout', forget)
      element.removeEventListener('pointerdown', forget)
    }
  }, [map, holder])
  return cursor
}

/** Returns the act of a key; null for keys that a map does not use. */
function actOfMapKey(
  event: KeyboardEvent,
  on: Pick<Parameters<typeof useMapKeys>[0], 'onPick' | 'onToggle' | 'onUndo'> & {
    cursor: MapCursor | null
    moveTowards: (key: string) => void
    forget: () => void
  },
): (() => void) | null {
  const { cursor, onUndo } = on
  if (event.altKey || event.shiftKey) return null
  if (event.ctrlKey || event.metaKey)
    return event.key.toLowerCase() === 'z' && onUndo !== undefined ? () => onUndo?.() : null
  if (event.key.startsWith('Arrow')) return () => on.moveTowards(event.key)
  if (cursor === null) return null
  if (event.key === 'Enter') return () => on.onPick?.(cursor.code)
  if (event.key === ' ') return () => on.onToggle?.(cursor.code)
  return event.key === 'Escape' ? on.forget : null
}

function pixelsOf(map: GlMap, at: [number, number]): { x: number; y: number } {
  const { x, y } = map.project(at)
  return { x, y }
}
