import type { Map as GlMap } from 'maplibre-gl'
import { useEffect, useRef, useState } from 'react'
import { LAYERS, RINGS, SOURCE } from './drawing/mapStyle.ts'
import classes from './MapCanvas.module.css'
import type { MapCursor } from './pointing/useMapKeys.ts'

/** The item under the pointer: a commune, or a ring with its own text. */
type Under = { readonly code: string; readonly name: string } | { readonly said: string }

const isSame = (a: Under | null, b: Under | null) =>
  a === b || (a !== null && b !== null && JSON.stringify(a) === JSON.stringify(b))

/**
 * Names the commune under the pointer, or the one that the arrow keys chose. It follows the pointer without React, which
 * renders only when another commune is reached.
 */
export function MapTip(props: {
  map: GlMap
  /** The commune that the arrow keys chose; null: the pointer decides. */
  cursor: MapCursor | null
  describe: (code: string, name: string) => string
  /** Called with the commune that is named, and with null when none is any more. */
  onHover?: ((code: string | null) => void) | undefined
}) {
  const { map, cursor, describe, onHover } = props
  const [under, setUnder] = useState<Under | null>(null)
  const tip = useRef<HTMLDivElement>(null)
  const at = useRef({ x: 0, y: 0 })

  const place = useRef(() => {
    const { x, y } = at.current
    tip.current?.style.setProperty('translate', `${x}px ${y}px`)
    // Beside the position near the edges of the map, so that it is never cut.
    const share = x / (tip.current?.parentElement?.clientWidth || 1)
    tip.current?.style.setProperty('--share', `${Math.max(0, Math.min(1, share)) * -100}%`)
  })

  useEffect(() => {
    const show = (point: { x: number; y: number }, next: Under | null) => {
      at.current = point
      place.current()
      setUnder((before) => (isSame(before, next) ? before : next))
    }
    const moves = [
      map.on('mousemove', [LAYERS[0], LAYERS[2]], ({ features, point }) => {
        const properties = features?.[0]?.properties
        if (properties) show(point, { code: properties.code, name: properties.name })
      }),
      map.on('mousemove', [RINGS], ({ features, point }) => {
        const properties = features?.at(-1)?.properties
        if (properties) show(point, { said: properties.label })
      }),
      map.on('mouseout', () => setUnder(null)),
      map.on('mouseleave', [LAYERS[0], LAYERS[2], RINGS], () => setUnder(null)),
    ]
    return () => {
      for (const move of moves) move.unsubscribe()
    }
  }, [map])

  // The commune that is named has a border of its own.
  const named = cursor?.code ?? (under !== null && 'code' in under ? under.code : null)
  const reported = useRef<string | null>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: when another commune is named
  useEffect(() => {
    if (named === reported.current) return
    reported.current = named
    onHover?.(named)
  }, [named])
  useEffect(() => {
    if (named === null) return
    const feature = { source: SOURCE, id: named }
    map.setFeatureState(feature, { under: true })
    return () => {
      // The map may have been removed with its screen.
      if (map.getSource(SOURCE) !== undefined) map.setFeatureState(feature, { under: false })
    }
  }, [map, named])

  useEffect(() => {
    if (cursor === null) return
    const follow = () => {
      at.current = map.project(cursor.at)
      place.current()
    }
    follow()
    const moves = map.on('move', follow)
    return () => moves.unsubscribe()
  }, [map, cursor])

  const shown: Under | null = cursor ?? under
  if (shown === null) return null
  return (
    <div
      ref={(element) => {
        tip.current = element
        place.current()
      }}
      className={classes.tip}
      aria-hidden
    >
      <span>{'said' in shown ? shown.said : describe(shown.code, shown.name)}</span>
    </div>
  )
}
