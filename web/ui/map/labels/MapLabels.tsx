import type { Map as GlMap, LngLat } from 'maplibre-gl'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import type { TerritoryMap } from '../../../../src/territory/contract.ts'
import { countOf } from '../../format/format.ts'
import { useText } from '../../format/text.ts'
import type { MapPaint } from '../TerritoryMap.tsx'
import { edgeTowards } from '../view/mapView.ts'
import { WEIGHTS, widthOf } from './labelWidth.ts'
import classes from './MapLabels.module.css'
import { type Box, LABEL_PX, layOutMap, PLACE_RADIUS, showsCount } from './mapLayout.ts'

/** Kilometres of the equator on a pixel of a map without zoom, whose tiles have 512 pixels. */
const EQUATOR_KM_PER_PIXEL = 40_075 / 512

/**
 * Draws counts and names over a map. Lists elsewhere on the screen say the same, so screen readers skip it. While the map
 * moves, the drawing moves with it as one picture; it is laid out again once the map rests.
 */
export function MapLabels(props: {
  map: GlMap
  communes: TerritoryMap['communes']
  counts: ReadonlyMap<string, number> | undefined
  inside: ReadonlyMap<string, number>
  tint: MapPaint['tint']
  place: string | undefined
  /** Boxes of what else stands on the map, for its size. */
  reserve: (width: number, height: number) => readonly Box[]
}) {
  const { lang, t } = useText()
  const { map, communes, counts, inside, place, reserve } = props
  // Changes when the map rests at another position or size.
  const [rests, setRests] = useState(0)
  const picture = useRef<SVGGElement>(null)
  const laidAt = useRef<{ corner: LngLat; zoom: number } | null>(null)
  useEffect(() => {
    const follow = () => {
      const laid = laidAt.current
      if (laid === null) return
      const { x, y } = map.project(laid.corner)
      const scale = 2 ** (map.getZoom() - laid.zoom)
      picture.current?.setAttribute('transform', `translate(${x} ${y}) scale(${scale})`)
    }
    const rest = () => setRests((count) => count + 1)
    const subscriptions = [map.on('move', follow), map.on('moveend', rest), map.on('resize', rest)]
    return () => {
      for (const subscription of subscriptions) subscription.unsubscribe()
    }
  }, [map])

  const { width, height, circles, labels, ring, at, kilometresPerPixel } = useMemo(() => {
    // Read here so that the layout is computed again.
    void rests
    const { clientWidth: width, clientHeight: height } = map.getContainer()
    const spots = communes.flatMap(({ code, name, population, point }) => {
      if (point === null) return []
      const { x, y } = map.project([point.longitude, point.latitude])
      return [{ code, name, x, y, population, count: counts?.get(code) ?? 0, inside: inside.has(code) }]
    })
    const kilometresPerPixel =
      (EQUATOR_KM_PER_PIXEL * Math.cos((map.getCenter().lat * Math.PI) / 180)) / 2 ** map.getZoom()
    const reserved = reserve(width, height)
    const laid = layOutMap(spots, { width, height, kilometresPerPixel, reserved, widthOf, always: place })
    const at = { corner: map.unproject([0, 0]), zoom: map.getZoom() }
    return { width, height, ...laid, at, kilometresPerPixel, ring: spots.find(({ code }) => code === place) }
  }, [map, communes, counts, inside, place, rests, reserve])
  useLayoutEffect(() => {
    laidAt.current = at
    picture.current?.removeAttribute('transform')
  }, [at])

  const edge = ring === undefined ? null : edgeTowards(ring, { width, height })

  return (
    <svg className={classes.labels} data-tint={props.tint} width={width} height={height} aria-hidden>
      <g ref={picture}>
        {circles.map((circle) => {
          const { x, y, r, count, inside } = circle
          return (
            <g key={`${x} ${y} ${inside}`} className={inside ? classes.inside : classes.outside}>
              <circle cx={x} cy={y} r={r} />
              {showsCount(circle, circles) && (
                <text x={x} y={y} fontSize={r < 11 ? 9.5 : 11}>
                  {countOf(lang, count)}
                </text>
              )}
            </g>
          )
        })}
        {ring && (
          <circle data-place={ring.code} className={classes.place} cx={ring.x} cy={ring.y} r={PLACE_RADIUS} />
        )}
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
      </g>
      {ring && edge && (
        <g data-edge={ring.code}>
          <path
            className={classes.arrow}
            d="M12 0L-6 -9L-6 9Z"
            transform={`translate(${edge.x} ${edge.y}) rotate(${edge.angle})`}
          />
          <EdgeText
            {...edge}
            width={width}
            text={t('map.away', {
              name: ring.name,
              km: Math.max(1, Math.round(Math.hypot(ring.x - edge.x, ring.y - edge.y) * kilometresPerPixel)),
            })}
          />
        </g>
      )}
    </svg>
  )
}

/** Names what an arrow at the edge points to, on the inner side of the arrow. */
function EdgeText(props: { x: number; y: number; width: number; text: string }) {
  const half = widthOf(props.text, 2) / 2
  return (
    <text
      className={classes.name}
      x={Math.max(half + 6, Math.min(props.x, props.width - half - 6))}
      y={props.y < 40 ? props.y + 26 : props.y - 16}
      fontSize={LABEL_PX[2]}
      fontWeight={WEIGHTS[2]}
    >
      {props.text}
    </text>
  )
}
