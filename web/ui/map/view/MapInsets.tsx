import { UnstyledButton } from '@mantine/core'
import type { Map as GlMap } from 'maplibre-gl'
import { useEffect, useMemo, useState } from 'react'
import type { Point } from '../../../../src/territory/contract.ts'
import type { CodedContour, Contour } from '../../../../src/territory/map/contours.ts'
import { type Projection, pathOf, projectionInto } from '../../../../src/territory/map/drawing.ts'
import type { Bounds, Part } from '../../../../src/territory/map/parts.ts'
import { outlineOf } from '../../fields/communes/communes.ts'
import { useText } from '../../format/text.ts'
import classes from './MapInsets.module.css'
import { isWithin } from './mapView.ts'

/** Width and height of an inset's drawing, in pixels. */
const SIZE = { width: 76, height: 60 }

/** Smallest map that has room for insets, in pixels. */
const ROOM = { width: 280, height: 300 }

/** Returns whether insets help: some of the territory is out of sight, and they do not cover a small map. */
export function useInsetsShown(map: GlMap | null, parts: readonly Part[]): boolean {
  const [isShown, setShown] = useState(false)
  useEffect(() => {
    if (map === null) return
    const look = () => {
      const { clientWidth, clientHeight } = map.getContainer()
      const view = viewOf(map)
      setShown(
        clientWidth >= ROOM.width &&
          clientHeight >= ROOM.height &&
          parts.some(({ bounds }) => !isWithin(bounds, view)),
      )
    }
    look()
    const subscriptions = [map.on('moveend', look), map.on('resize', look)]
    return () => {
      for (const subscription of subscriptions) subscription.unsubscribe()
    }
  }, [map, parts])
  return isShown
}

/** Returns what a map shows, in degrees. */
export function viewOf(map: GlMap): Bounds {
  const view = map.getBounds()
  return [view.getWest(), view.getSouth(), view.getEast(), view.getNorth()]
}

/** Shows where the area is in each part of the territory; pressed, an inset leads the map to its part. */
export function MapInsets(props: {
  parts: readonly (Part & { readonly name: string })[]
  contours: ReadonlyMap<string, CodedContour>
  area: ReadonlySet<string>
  /** The location of the facts. */
  place: Point | null
  onShow: (bounds: Bounds) => void
}) {
  const { t } = useText()
  const { parts, contours, area, place } = props
  const isWhole = parts.length === 1
  return (
    <div className={classes.insets}>
      {parts.map((part) => (
        <UnstyledButton
          key={part.name}
          className={classes.inset}
          aria-label={isWhole ? t('map.inset.whole') : t('map.inset', { name: part.name })}
          onClick={() => props.onShow(part.bounds)}
        >
          <Drawing part={part} contours={contours} area={area} place={place} />
          {!isWhole && <span aria-hidden>{part.name}</span>}
        </UnstyledButton>
      ))}
    </div>
  )
}

function Drawing(props: {
  part: Part
  contours: ReadonlyMap<string, CodedContour>
  area: ReadonlySet<string>
  place: Point | null
}) {
  const { part, contours, area, place } = props
  const toPixels = useMemo(() => projectionInto(part.bounds, SIZE, 2), [part.bounds])
  const land = useMemo(() => drawn(outlineOf(contours, part.codes), toPixels), [contours, part, toPixels])
  const lit = useMemo(
    () =>
      drawn(
        outlineOf(
          contours,
          [...area].filter((code) => part.codes.has(code)),
        ),
        toPixels,
      ),
    [contours, part, area, toPixels],
  )
  const [x, y] = place === null ? [-1, -1] : toPixels([place.longitude, place.latitude])
  const isHere = x >= 0 && y >= 0 && x <= SIZE.width && y <= SIZE.height
  return (
    <svg {...SIZE} aria-hidden>
      <path className={classes.land} d={land} />
      <path className={classes.area} d={lit} />
      {isHere && <circle className={classes.place} cx={x} cy={y} r={3} />}
    </svg>
  )
}

/** Half a pixel is enough. */
function drawn(shape: Contour | null, toPixels: Projection): string {
  return shape === null ? '' : pathOf(shape, toPixels, 0.5)
}
