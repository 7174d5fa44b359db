import 'maplibre-gl/dist/maplibre-gl.css'
import { useComputedColorScheme, VisuallyHidden } from '@mantine/core'
import { type GeoJSONSource, Map as GlMap, setWorkerUrl } from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url'
import { useCallback, useEffect, useId, useMemo, useRef, useState } from 'react'
import type { TerritoryMap } from '../../src/territory/contract.ts'
import { type Bounds, boundsOf, joinBounds, partsOf } from '../../src/territory/parts.ts'
import type { ContourTopology } from '../../src/territory/topology.ts'
import { drawCommunes, outlineOf } from './communes.ts'
import { isTouchDevice } from './device.ts'
import classes from './MapCanvas.module.css'
import { MapInsets, useInsetsShown, viewOf } from './MapInsets.tsx'
import { MapLabels } from './MapLabels.tsx'
import { MapTip } from './MapTip.tsx'
import { type Gesture, MapGestures, MapTools } from './MapTools.tsx'
import type { Box } from './mapLayout.ts'
import { colours, LAYERS, OUTLINE, RINGS, ringPaint, ringsOf, SOURCE, styleOf, TO_HIT } from './mapStyle.ts'
import { isWellSeen } from './mapView.ts'
import { communeAt, paintOn } from './painting.ts'
import type { MapPaint } from './TerritoryMap.tsx'
import { type FormatMessage, useText } from './text.ts'
import { useMapKeys } from './useMapKeys.ts'

setWorkerUrl(workerUrl)

/** Part of the map's smaller side that is left free around an area it moves to. */
const AROUND = 0.18
/** Closest zoom at which the map moves by itself: the towns around are seen too. */
const FOLLOW_ZOOM = 9

/** Returns where the contours come from. */
function sourcesOf(t: FormatMessage, { departements }: TerritoryMap): string {
  const sources = departements.flatMap(({ version, source }) =>
    version === null ? [] : [source ?? t('map.source.shipped')],
  )
  return sources.length === 0 ? '' : t('map.source', { sources: [...new Set(sources)].join(', ') })
}

/** The map: contours where they are known, points otherwise; no external tiles unless a setting provides them. */
export function MapCanvas(
  props: MapPaint & { map: TerritoryMap; topologies: readonly ContourTopology[]; tiles: string | null },
) {
  const { t } = useText()
  const { paint, tint, tiles, rings, map: territory, topologies, place } = props
  const { features: communes, contours } = useMemo(
    () => drawCommunes(territory, topologies),
    [territory, topologies],
  )
  const bounds = useMemo(
    () =>
      new Map(
        communes.features.flatMap(({ properties, geometry }) => {
          const box = boundsOf(geometry.coordinates)
          return box === null ? [] : [[properties.code, box] as const]
        }),
      ),
    [communes],
  )
  const parts = useMemo(() => {
    const named = partsOf(territory.communes, bounds)
    return named.map((part) => ({
      ...part,
      // Nothing names a part as well as its largest town.
      name: territory.communes
        .filter(({ code }) => part.codes.has(code))
        .reduce((a, b) => (b.population > a.population ? b : a)).name,
    }))
  }, [territory, bounds])
  const whole = parts[0]?.bounds ?? null

  const scheme = useComputedColorScheme()
  const holder = useRef<HTMLDivElement>(null)
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
        bounds: whole === null ? [-5, 42, 8, 51] : [...whole],
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
    made.on('idle', () => holder.current?.setAttribute('data-drawn', 'true'))
    made.on('dataloading', () => holder.current?.removeAttribute('data-drawn'))
    return () => {
      setMap(null)
      made.remove()
    }
  }, [communes, whole, tint, tiles, t])

  // How strongly each commune is lit on this map; a stroke changes it before `onPaint` is called.
  const lit = useRef<Map<string, number>>(new Map())
  const light = useCallback(
    (code: string, share: number | undefined) => {
      if (map === null || lit.current.get(code) === share) return
      if (share === undefined) lit.current.delete(code)
      else lit.current.set(code, share)
      map.setFeatureState({ source: SOURCE, id: code }, { on: share !== undefined, share: share ?? 0 })
    },
    [map],
  )
  // Counted, since a stroke may change nothing: what it lit is then put out again.
  const [strokes, setStrokes] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a map that is new has nothing lit
  useEffect(() => lit.current.clear(), [map])
  // biome-ignore lint/correctness/useExhaustiveDependencies: see `strokes`
  useEffect(() => {
    for (const code of [...lit.current.keys()]) if (!paint.has(code)) light(code, undefined)
    for (const [code, share] of paint) light(code, share)
  }, [light, paint, strokes])

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

  const { onPick, onStroke, onUndo, meaning = 'set' } = props
  const isTouch = isTouchDevice()
  const gestures: readonly Gesture[] = meaning === 'set' ? ['paint', 'move'] : ['add', 'remove', 'move']
  // By touch, one finger scrolls the page and two move the map; a mouse has its wheel for that.
  const [chosen, setGesture] = useState<Gesture>(isTouch ? 'move' : 'paint')
  const gesture = gestures.includes(chosen) ? chosen : (gestures[0] ?? 'move')
  const paints = onStroke !== undefined && gesture !== 'move'
  const given = useRef({ onPick, onStroke })
  useEffect(() => {
    given.current = { onPick, onStroke }
  }, [onPick, onStroke])
  const picks = onPick !== undefined && gesture !== 'remove'
  useEffect(() => {
    if (map === null || !paints) return
    return paintOn(map, {
      layers: TO_HIT,
      mode: gesture === 'paint' ? 'toggle' : gesture === 'add' ? 'add' : 'remove',
      isLit: (code) => lit.current.has(code),
      light: (code, on) => light(code, on ? 1 : undefined),
      done: (codes, on) => {
        given.current.onStroke?.(codes, on)
        setStrokes((count) => count + 1)
      },
      ...(picks && { click: (code) => given.current.onPick?.(code) }),
    })
  }, [map, paints, picks, gesture, light])
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

  const keysId = useId()
  const isInteractive = onPick !== undefined || onStroke !== undefined
  const cursor = useMapKeys({
    map: isInteractive ? map : null,
    holder,
    communes: territory.communes,
    start: place,
    onPick,
    onToggle: onStroke && ((code) => onStroke([code], !lit.current.has(code))),
    onUndo,
  })

  // Not a region, as the library makes it: several maps of one page would be landmarks of the same name.
  useEffect(() => {
    const canvas = map?.getCanvas()
    canvas?.setAttribute('role', 'application')
    canvas?.setAttribute('aria-label', props.label)
    if (isInteractive) canvas?.setAttribute('aria-describedby', keysId)
  }, [map, props.label, isInteractive, keysId])

  const animate = !matchMedia('(prefers-reduced-motion: reduce)').matches
  const show = useCallback(
    (wanted: Bounds | null, padding = 24, maxZoom = 11) => {
      if (wanted !== null) map?.fitBounds([...wanted], { padding, maxZoom, animate })
    },
    [map, animate],
  )
  const boundsOfCodes = useCallback(
    (codes: Iterable<string | undefined>) =>
      joinBounds([...codes].map((code) => bounds.get(code ?? '')).filter((one) => one !== undefined)),
    [bounds],
  )
  const area = useMemo(() => boundsOfCodes(paint.keys()), [boundsOfCodes, paint])

  const target = boundsOfCodes([...paint.keys(), place])
  const wanted = target?.join(' ') ?? ''
  const followed = useRef('')
  // biome-ignore lint/correctness/useExhaustiveDependencies: `wanted` stands for `target`
  useEffect(() => {
    if (map === null) return
    const isFirst = followed.current === ''
    const isNew = followed.current !== wanted
    followed.current = wanted
    if (!props.follow || !isNew) return
    if (target === null) return show(whole, 8)
    if (!isFirst && isWellSeen(target, viewOf(map))) return
    const { clientWidth, clientHeight } = map.getContainer()
    show(target, Math.min(clientWidth, clientHeight) * AROUND, FOLLOW_ZOOM)
  }, [map, wanted, props.follow, whole, show])

  const showsInsets = useInsetsShown(map, parts)
  const canUndo = onUndo !== undefined
  const hasGestures = onStroke !== undefined
  const reserve = useCallback(
    (width: number, height: number): Box[] => [
      { left: width - 44, top: 0, right: width, bottom: canUndo ? 186 : 150 },
      { left: width - 290, top: height - 18, right: width, bottom: height },
      ...(hasGestures ? [{ left: 0, top: 0, right: width - 44, bottom: 64 }] : []),
      ...(showsInsets ? [{ left: 0, top: height - 110, right: 92 * parts.length, bottom: height }] : []),
    ],
    [canUndo, hasGestures, showsInsets, parts.length],
  )

  const values = {
    touch: isTouch ? 'yes' : 'no',
    place: onPick === undefined || meaning === 'set' ? 'no' : 'yes',
    area: onStroke === undefined ? 'no' : 'yes',
  }
  const areaCodes = useMemo(() => new Set(paint.keys()), [paint])
  const point = territory.communes.find(({ code }) => code === place)?.point ?? null
  return (
    <div className={classes.frame}>
      <div ref={holder} className={classes.canvas} data-ready={map !== null} />
      {map !== null && (
        <MapLabels
          map={map}
          communes={territory.communes}
          counts={props.counts}
          inside={paint}
          tint={tint}
          place={place}
          reserve={reserve}
        />
      )}
      {map !== null && showsInsets && (
        <MapInsets parts={parts} contours={contours} area={areaCodes} place={point} onShow={show} />
      )}
      {hasGestures && (
        <div className={classes.how}>
          <MapGestures gestures={gestures} value={gesture} onChange={setGesture} />
          <p className={classes.hint}>
            {gesture === 'paint' && isTouch ? t('map.fingers') : t(`map.hint.${gesture}`, values)}
          </p>
          <p id={keysId} className={`${classes.hint} ${classes.keys}`}>
            {t('map.hint.keys', values)}
          </p>
        </div>
      )}
      <MapTools
        onZoom={(by) => (by > 0 ? map?.zoomIn({ animate }) : map?.zoomOut({ animate }))}
        onArea={area === null ? null : () => show(area)}
        onWhole={() => show(whole)}
        onUndo={onUndo}
      />
      <p className={classes.source}>{sourcesOf(t, territory)}</p>
      {map !== null && <MapTip map={map} cursor={cursor} describe={props.describe} onHover={props.onHover} />}
      {isInteractive && (
        <VisuallyHidden role="status">
          {cursor !== null &&
            t('map.cursor', {
              what: props.describe(cursor.code, cursor.name),
              in: paint.has(cursor.code) ? 'yes' : 'no',
              place: cursor.code === place ? 'yes' : 'no',
            })}
        </VisuallyHidden>
      )}
    </div>
  )
}
