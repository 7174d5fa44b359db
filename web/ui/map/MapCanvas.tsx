import 'maplibre-gl/dist/maplibre-gl.css'
import { VisuallyHidden } from '@mantine/core'
import type { Map as GlMap } from 'maplibre-gl'
import { type RefObject, useCallback, useEffect, useId, useMemo, useRef } from 'react'
import type { TerritoryMap } from '../../../src/territory/contract.ts'
import type { ContourTopology } from '../../../src/territory/map/topology.ts'
import { isTouchDevice } from '../account/device.ts'
import { type FormatMessage, useText } from '../format/text.ts'
import { type DrawnTerritory, useDrawnTerritory } from './drawing/useDrawnTerritory.ts'
import { useGlMap } from './drawing/useGlMap.ts'
import { type LitCommunes, useLitCommunes } from './drawing/useLitCommunes.ts'
import { useMapLayers } from './drawing/useMapLayers.ts'
import { MapLabels } from './labels/MapLabels.tsx'
import type { Box } from './labels/mapLayout.ts'
import classes from './MapCanvas.module.css'
import { MapTip } from './MapTip.tsx'
import { MapGestures, MapTools } from './pointing/MapTools.tsx'
import { type MapCursor, useMapKeys } from './pointing/useMapKeys.ts'
import { type MapPointer, useMapPointer } from './pointing/useMapPointer.ts'
import type { MapPaint } from './TerritoryMap.tsx'
import { MapInsets, useInsetsShown } from './view/MapInsets.tsx'
import { useMapView } from './view/useMapView.ts'

/** Returns where the contours come from. */
function sourcesOf(t: FormatMessage, { departements }: TerritoryMap): string {
  const sources = departements.flatMap(({ version, source }) =>
    version === null ? [] : [source ?? t('map.source.shipped')],
  )
  return sources.length === 0 ? '' : t('map.source', { sources: [...new Set(sources)].join(', ') })
}

interface CanvasProps extends MapPaint {
  map: TerritoryMap
  topologies: readonly ContourTopology[]
  tiles: string | null
}

/** The map: contours where they are known, points otherwise; no external tiles unless a setting provides them. */
export function MapCanvas(props: CanvasProps) {
  const { paint, tint, tiles, map: territory, onUndo } = props
  const { t } = useText()
  const drawn = useDrawnTerritory(territory, props.topologies)
  const whole = drawn.parts[0]?.bounds ?? null
  const holder = useRef<HTMLDivElement>(null)
  const map = useGlMap(holder, { communes: drawn.features, tint, tiles, whole })
  const lit = useLitCommunes(map, paint)
  useMapLayers(map, drawn, props)
  const pointer = useMapPointer(map, lit, props)
  const cursor = useKeys(map, holder, lit, props)
  const keysId = useId()
  useCanvasLabel(map, props.label, isInteractive(props) ? keysId : undefined)
  const { show, zoom, area } = useMapView(map, { bounds: drawn.bounds, whole }, props)
  return (
    <div className={classes.frame}>
      <div ref={holder} className={classes.canvas} data-ready={map !== null} />
      {map !== null && <Overlays {...props} canvas={map} drawn={drawn} show={show} />}
      {props.onStroke !== undefined && <GestureHints {...props} pointer={pointer} keysId={keysId} />}
      <MapTools
        onZoom={zoom}
        onArea={area === null ? null : () => show(area)}
        onWhole={() => show(whole)}
        onUndo={onUndo}
      />
      <p className={classes.source}>{sourcesOf(t, territory)}</p>
      {map !== null && <MapTip map={map} cursor={cursor} describe={props.describe} onHover={props.onHover} />}
      {isInteractive(props) && <CursorStatus {...props} cursor={cursor} />}
    </div>
  )
}

function isInteractive({ onPick, onStroke }: MapPaint): boolean {
  return onPick !== undefined || onStroke !== undefined
}

function useKeys(
  map: GlMap | null,
  holder: RefObject<HTMLElement | null>,
  lit: LitCommunes,
  props: CanvasProps,
): MapCursor | null {
  const { onPick, onStroke } = props
  return useMapKeys({
    map: isInteractive(props) ? map : null,
    holder,
    communes: props.map.communes,
    start: props.place,
    onPick,
    onToggle: onStroke && ((code) => onStroke([code], !lit.isLit(code))),
    onUndo: props.onUndo,
  })
}

/** Not a region, as the library makes it: several maps of one page would be landmarks of the same name. */
function useCanvasLabel(map: GlMap | null, label: string, describedBy: string | undefined): void {
  useEffect(() => {
    const canvas = map?.getCanvas()
    canvas?.setAttribute('role', 'application')
    canvas?.setAttribute('aria-label', label)
    if (describedBy !== undefined) canvas?.setAttribute('aria-describedby', describedBy)
  }, [map, label, describedBy])
}

/** Shows the names of communes and, where parts of the territory are out of sight, the insets. */
function Overlays(
  props: CanvasProps & {
    canvas: GlMap
    drawn: DrawnTerritory
    show: ReturnType<typeof useMapView>['show']
  },
) {
  const { canvas, drawn, paint, place } = props
  const { communes } = props.map
  const showsInsets = useInsetsShown(canvas, drawn.parts)
  const canUndo = props.onUndo !== undefined
  const hasGestures = props.onStroke !== undefined
  const insets = showsInsets ? drawn.parts.length : 0
  const reserve = useCallback(
    (width: number, height: number): Box[] => [
      { left: width - 44, top: 0, right: width, bottom: canUndo ? 186 : 150 },
      { left: width - 290, top: height - 18, right: width, bottom: height },
      ...(hasGestures ? [{ left: 0, top: 0, right: width - 44, bottom: 64 }] : []),
      ...(insets > 0 ? [{ left: 0, top: height - 110, right: 92 * insets, bottom: height }] : []),
    ],
    [canUndo, hasGestures, insets],
  )
  const area = useMemo(() => new Set(paint.keys()), [paint])
  const point = communes.find(({ code }) => code === place)?.point ?? null
  return (
    <>
      <MapLabels
        map={canvas}
        communes={communes}
        counts={props.counts}
        inside={paint}
        tint={props.tint}
        place={place}
        reserve={reserve}
      />
      {showsInsets && (
        <MapInsets
          parts={drawn.parts}
          contours={drawn.contours}
          area={area}
          place={point}
          onShow={props.show}
        />
      )}
    </>
  )
}

/** Selects what a drag does, and says what pointer and keys do. */
function GestureHints(props: MapPaint & { pointer: MapPointer; keysId: string }) {
  const { t } = useText()
  const { gestures, gesture, choose } = props.pointer
  const isTouch = isTouchDevice()
  const values = {
    touch: isTouch ? 'yes' : 'no',
    place: props.onPick === undefined || (props.meaning ?? 'select') === 'select' ? 'no' : 'yes',
    area: props.onStroke === undefined ? 'no' : 'yes',
  }
  return (
    <div className={classes.how}>
      <MapGestures gestures={gestures} value={gesture} onChange={choose} />
      <p className={classes.hint}>
        {gesture === 'paint' && isTouch ? t('map.fingers') : t(`map.hint.${gesture}`, values)}
      </p>
      <p id={props.keysId} className={`${classes.hint} ${classes.keys}`}>
        {t('map.hint.keys', values)}
      </p>
    </div>
  )
}

/** Reports the commune that the arrow keys reached to users who do not see the map. */
function CursorStatus({ cursor, describe, paint, place }: MapPaint & { cursor: MapCursor | null }) {
  const { t } = useText()
  return (
    <VisuallyHidden role="status">
      {cursor !== null &&
        t('map.cursor', {
          what: describe(cursor.code, cursor.name),
          in: paint.has(cursor.code) ? 'yes' : 'no',
          place: cursor.code === place ? 'yes' : 'no',
        })}
    </VisuallyHidden>
  )
}
