import type { Map as GlMap } from 'maplibre-gl'
import { useEffect, useMemo, useState } from 'react'
import type { TerritoryMap } from '../../src/territory/contract.ts'
import { countOf } from './format.ts'
import classes from './MapLabels.module.css'
import { type Box, COUNT_FROM, LABEL_PX, type Label, layOutMap, PLACE_RADIUS } from './mapLayout.ts'
import { useText } from './text.ts'

/** Kilometres of the equator on a pixel of a map without zoom, whose tiles have 512 pixels. */
const EQUATOR_KM_PER_PIXEL = 40_075 / 512

const WEIGHTS = { 1: 500, 2: 600, 3: 700 } as const
const widths = new Map<string, number>()
let pen: CanvasRenderingContext2D | null = null

function widthOf(text: string, size: Label['size']): number {
  const key = `${size} ${text}`
  const known = widths.get(key)
  if (known !== undefined) return known
  pen ??= document.createElement('canvas').getContext('2d')
  if (pen === null) return text.length * LABEL_PX[size] * 0.6
  pen.font = `${WEIGHTS[size]} ${LABEL_PX[size]}px ${getComputedStyle(document.body).fontFamily}`
  const { width } = pen.measureText(text)
  widths.set(key, width)
  return width
}

/** Draws counts and names over a map. Lists elsewhere on the screen say the same, so screen readers skip it. */
export function MapLabels(props: {
  map: GlMap
  communes: TerritoryMap['communes']
  counts: ReadonlyMap<string, number> | undefined
  inside: ReadonlyMap<string, number>
  place: string | undefined
  /** Whether buttons stand at the top left of the map. */
  gesture: boolean
}) {
  const { lang } = useText()
  const { map, communes, counts, inside, place } = props
  // Changes with each movement of the map.
  const [moves, setMoves] = useState(0)
  useEffect(() => {
    const moved = () => setMoves((count) => count + 1)
    const subscriptions = [map.on('move', moved), map.on('resize', moved)]
    return () => {
      for (const subscription of subscriptions) subscription.unsubscribe()
    }
  }, [map])

  const { width, height, circles, labels, ring } = useMemo(() => {
    // Read here so that the layout is computed again.
    void moves
    const { clientWidth: width, clientHeight: height } = map.getContainer()
    const spots = communes.flatMap(({ code, name, population, point }) => {
      if (point === null) return []
      const { x, y } = map.project([point.longitude, point.latitude])
      return [{ code, name, x, y, population, count: counts?.get(code) ?? 0, inside: inside.has(code) }]
    })
    const reserved: Box[] = [
      { left: width - 44, top: 0, right: width, bottom: 180 },
      { left: width - 290, top: height - 18, right: width, bottom: height },
      ...(props.gesture ? [{ left: 0, top: 0, right: 220, bottom: 40 }] : []),
    ]
    const kilometresPerPixel =
      (EQUATOR_KM_PER_PIXEL * Math.cos((map.getCenter().lat * Math.PI) / 180)) / 2 ** map.getZoom()
    const laid = layOutMap(spots, { width, height, kilometresPerPixel, reserved, widthOf, always: place })
    return { width, height, ...laid, ring: spots.find(({ code }) => code === place) }
  }, [map, communes, counts, inside, place, moves, props.gesture])

  return (
    <svg className={classes.labels} width={width} height={height} aria-hidden>
      {circles.map(({ x, y, r, count, inside }) => (
        <g key={`${x} ${y} ${inside}`} className={inside ? classes.inside : classes.outside}>
          <circle cx={x} cy={y} r={r} />
          {count >= COUNT_FROM && (
            <text x={x} y={y} fontSize={r < 11 ? 9.5 : 11}>
              {countOf(lang, count)}
            </text>
          )}
        </g>
      ))}
      {ring && <circle className={classes.place} cx={ring.x} cy={ring.y} r={PLACE_RADIUS} />}
      {labels.map(({ code, text, x, y, size }) => (
        <text
          key={code}
          className={classes.name}
          x={x}
          y={y}
          fontSize={LABEL_PX[size]}
          fontWeight={WEIGHTS[size]}
        >
          {text}
        </text>
      ))}
    </svg>
  )
}
