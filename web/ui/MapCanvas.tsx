import 'maplibre-gl/dist/maplibre-gl.css'
import { ActionIcon, Button, useComputedColorScheme } from '@mantine/core'
import IconBrush from '@tabler/icons-react/icons/IconBrush'
import IconFocusCentered from '@tabler/icons-react/icons/IconFocusCentered'
import IconHandMove from '@tabler/icons-react/icons/IconHandMove'
import IconMinus from '@tabler/icons-react/icons/IconMinus'
import IconPlus from '@tabler/icons-react/icons/IconPlus'
import IconZoomReset from '@tabler/icons-react/icons/IconZoomReset'
import type { FeatureCollection, Geometry, Point } from 'geojson'
import {
  type ExpressionSpecification,
  type GeoJSONSource,
  Map as GlMap,
  type LngLatBoundsLike,
  type StyleSpecification,
  setWorkerUrl,
} from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { TerritoryMap } from '../../src/territory/contract.ts'
import type { ContourTopology } from '../../src/territory/topology.ts'
import type { CommuneName } from '../api/queries.ts'
import { drawCommunes, outlineOf } from './communes.ts'
import classes from './MapCanvas.module.css'
import { MapLabels } from './MapLabels.tsx'
import { communeAt, paintOn } from './painting.ts'
import type { MapPaint } from './TerritoryMap.tsx'
import { type FormatMessage, useText } from './text.ts'

setWorkerUrl(workerUrl)

type Communes = FeatureCollection<Geometry, CommuneName>
type Bounds = [west: number, south: number, east: number, north: number]

const SOURCE = 'communes'
const RINGS = 'rings'
const OUTLINE = 'outline'
const LAYERS = ['communes-fill', 'communes-line', 'communes-point'] as const
const TO_HIT = { fill: LAYERS[0], point: LAYERS[2] }

function stretch(bounds: Bounds, coordinates: unknown): void {
  if (!Array.isArray(coordinates)) return
  if (typeof coordinates[0] === 'number') {
    const [longitude, latitude] = coordinates as [number, number]
    bounds[0] = Math.min(bounds[0], longitude)
    bounds[1] = Math.min(bounds[1], latitude)
    bounds[2] = Math.max(bounds[2], longitude)
    bounds[3] = Math.max(bounds[3], latitude)
    return
  }
  for (const inner of coordinates) stretch(bounds, inner)
}

/** Returns the bounding box of some communes, or of all if none is given. */
function boundsOf(communes: Communes, only?: ReadonlyMap<string, number>): Bounds | null {
  const bounds: Bounds = [180, 90, -180, -90]
  for (const feature of communes.features) {
    if (only !== undefined && !only.has(feature.properties.code)) continue
    if (feature.geometry.type !== 'GeometryCollection') stretch(bounds, feature.geometry.coordinates)
  }
  return bounds[0] > bounds[2] ? null : bounds
}

/**
 * Returns the centre of each commune that has a ring, with its properties. Oldest first, so that the latest is drawn on
 * top.
 */
function ringsOf(communes: Communes, rings: MapPaint['rings'] = []): FeatureCollection<Point> {
  const ages = ['week', 'day', 'hour']
  const features = rings
    .toSorted((a, b) => ages.indexOf(a.age) - ages.indexOf(b.age))
    .flatMap(({ code, age, label }) => {
      const box = boundsOf(communes, new Map([[code, 1]]))
      if (box === null) return []
      const [west, south, east, north] = box
      const coordinates = [(west + east) / 2, (south + north) / 2]
      return [
        {
          type: 'Feature' as const,
          geometry: { type: 'Point' as const, coordinates },
          properties: { code, age, label },
        },
      ]
    })
  return { type: 'FeatureCollection', features }
}

/** More recent rings are stronger, in width and size as well as in colour. */
function ringPaint(): { 'circle-stroke-color': ExpressionSpecification } {
  return {
    'circle-stroke-color': [
      'match',
      ['get', 'age'],
      'hour',
      token('red'),
      'day',
      token('amber'),
      token('mute'),
    ],
  }
}

function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
}

function colours(tint: MapPaint['tint']) {
  // The area has one colour; of what was delivered, the share is shown.
  const lit: ExpressionSpecification | string =
    tint === 'accent'
      ? token('zone')
      : [
          'interpolate',
          ['linear'],
          ['coalesce', ['feature-state', 'share'], 0],
          0,
          token('zone'),
          1,
          token('green'),
        ]
  const fill: ExpressionSpecification = [
    'case',
    ['boolean', ['feature-state', 'on'], false],
    lit,
    token('land'),
  ]
  return { fill, line: token('land-line'), outline: token('zone-line') }
}

function styleOf(communes: Communes, tint: MapPaint['tint'], tiles: string | null): StyleSpecification {
  const { fill, line, outline } = colours(tint)
  const opacity = tiles === null ? 1 : 0.65
  return {
    version: 8,
    sources: {
      [SOURCE]: { type: 'geojson', data: communes, promoteId: 'code' },
      [RINGS]: { type: 'geojson', data: { type: 'FeatureCollection', features: [] } },
      [OUTLINE]: { type: 'geojson', data: { type: 'FeatureCollection', features: [] } },
      ...(tiles !== null && { tiles: { type: 'raster', tiles: [tiles], tileSize: 256 } }),
    },
    layers: [
      ...(tiles !== null ? [{ id: 'tiles', type: 'raster' as const, source: 'tiles' }] : []),
      {
        id: LAYERS[0],
        type: 'fill',
        source: SOURCE,
        filter: ['!=', ['geometry-type'], 'Point'],
        paint: { 'fill-color': fill, 'fill-opacity': opacity },
      },
      {
        id: LAYERS[1],
        type: 'line',
        source: SOURCE,
        filter: ['!=', ['geometry-type'], 'Point'],
        paint: { 'line-color': line, 'line-width': ['interpolate', ['linear'], ['zoom'], 7, 0.5, 11, 1.5] },
      },
      {
        id: LAYERS[2],
        type: 'circle',
        source: SOURCE,
        filter: ['==', ['geometry-type'], 'Point'],
        paint: {
          'circle-color': fill,
          'circle-radius': ['interpolate', ['linear'], ['zoom'], 7, 3.5, 11, 9],
          'circle-stroke-color': line,
          'circle-stroke-width': 0.5,
        },
      },
      {
        id: OUTLINE,
        type: 'line',
        source: OUTLINE,
        layout: { 'line-join': 'round' },
        paint: { 'line-color': outline, 'line-width': 2 },
      },
      {
        id: RINGS,
        type: 'circle',
        source: RINGS,
        paint: {
          ...ringPaint(),
          'circle-color': 'transparent',
          'circle-radius': ['match', ['get', 'age'], 'hour', 11, 'day', 9, 7],
          'circle-stroke-width': ['match', ['get', 'age'], 'hour', 3, 'day', 2, 1.5],
        },
      },
    ],
  }
}

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
  const { paint, tint, tiles, rings, map: territory, topologies } = props
  const { features: communes, contours } = useMemo(
    () => drawCommunes(territory, topologies),
    [territory, topologies],
  )
  const scheme = useComputedColorScheme()
  const holder = useRef<HTMLDivElement>(null)
  const [map, setMap] = useState<GlMap | null>(null)
  const [failure, setFailure] = useState<unknown>(null)
  const [under, setUnder] = useState<
    ({ x: number; y: number } & ({ code: string; name: string } | { said: string })) | null
  >(null)
  if (failure !== null) throw failure

  useEffect(() => {
    const container = holder.current
    if (container === null) return
    let made: GlMap
    try {
      made = new GlMap({
        container,
        style: styleOf(communes, tint, tiles),
        bounds: boundsOf(communes) ?? [-5, 42, 8, 51],
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
    made.on('mousemove', [LAYERS[0], LAYERS[2]], (event) => {
      const properties = event.features?.[0]?.properties
      if (properties)
        setUnder({ x: event.point.x, y: event.point.y, code: properties.code, name: properties.name })
    })
    made.on('mousemove', [RINGS], (event) => {
      const properties = event.features?.at(-1)?.properties
      if (properties) setUnder({ x: event.point.x, y: event.point.y, said: properties.label })
    })
    made.on('mouseout', () => setUnder(null))
    made.on('mouseleave', [LAYERS[0], LAYERS[2], RINGS], () => setUnder(null))
    return () => {
      setMap(null)
      made.remove()
    }
  }, [communes, tint, tiles, t])

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
  // biome-ignore lint/correctness/useExhaustiveDependencies: a map that is new has nothing lit
  useEffect(() => lit.current.clear(), [map])
  useEffect(() => {
    for (const code of [...lit.current.keys()]) if (!paint.has(code)) light(code, undefined)
    for (const [code, share] of paint) light(code, share)
  }, [light, paint])

  useEffect(() => {
    map?.getSource<GeoJSONSource>(RINGS)?.setData(ringsOf(communes, rings))
  }, [map, communes, rings])

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

  const { onPick, onStroke } = props
  // By touch, one finger scrolls the page and two move the map; a mouse has its wheel for that.
  const [isPainting, setPainting] = useState(() => !matchMedia('(pointer: coarse)').matches)
  const paints = onStroke !== undefined && isPainting
  const brush = useRef(onStroke)
  useEffect(() => {
    brush.current = onStroke
  }, [onStroke])
  useEffect(() => {
    if (map === null || !paints) return
    return paintOn(map, {
      layers: TO_HIT,
      isLit: (code) => lit.current.has(code),
      light: (code, on) => light(code, on ? 1 : undefined),
      done: (codes, on) => brush.current?.(codes, on),
    })
  }, [map, paints, light])
  useEffect(() => {
    if (map === null || onPick === undefined || paints) return
    const clicks = map.on('click', ({ point }) => {
      const code = communeAt(map, point, TO_HIT)
      if (code !== undefined) onPick(code)
    })
    map.getCanvas().style.cursor = 'pointer'
    return () => {
      clicks.unsubscribe()
      map.getCanvas().style.cursor = ''
    }
  }, [map, onPick, paints])

  // Not a region, as the library makes it: several maps of one page would be landmarks of the same name.
  useEffect(() => {
    const canvas = map?.getCanvas()
    canvas?.setAttribute('role', 'application')
    canvas?.setAttribute('aria-label', props.label)
  }, [map, props.label])

  const animate = !matchMedia('(prefers-reduced-motion: reduce)').matches
  const show = (bounds: LngLatBoundsLike | null) => {
    if (bounds !== null) map?.fitBounds(bounds, { padding: 24, maxZoom: 11, animate })
  }

  return (
    <div className={classes.frame}>
      <div ref={holder} className={classes.canvas} data-ready={map !== null} />
      {map !== null && (
        <MapLabels
          map={map}
          communes={territory.communes}
          counts={props.counts}
          inside={paint}
          place={props.place}
          gesture={onStroke !== undefined}
        />
      )}
      {onStroke !== undefined && (
        <fieldset aria-label={t('map.gesture')} className={classes.gesture}>
          {[true, false].map((painting) => (
            <Button
              key={String(painting)}
              variant={painting === isPainting ? 'filled' : 'default'}
              size="compact-sm"
              aria-pressed={painting === isPainting}
              leftSection={
                painting ? <IconBrush size={16} aria-hidden /> : <IconHandMove size={16} aria-hidden />
              }
              onClick={() => setPainting(painting)}
            >
              {t(painting ? 'map.paint' : 'map.move')}
            </Button>
          ))}
        </fieldset>
      )}
      {paints && <p className={classes.fingers}>{t('map.fingers')}</p>}
      <div className={classes.tools}>
        <ActionIcon variant="default" aria-label={t('map.in')} onClick={() => map?.zoomIn({ animate })}>
          <IconPlus size={16} aria-hidden />
        </ActionIcon>
        <ActionIcon variant="default" aria-label={t('map.out')} onClick={() => map?.zoomOut({ animate })}>
          <IconMinus size={16} aria-hidden />
        </ActionIcon>
        <ActionIcon
          variant="default"
          aria-label={t('map.zone')}
          disabled={paint.size === 0}
          onClick={() => show(boundsOf(communes, paint))}
        >
          <IconFocusCentered size={16} aria-hidden />
        </ActionIcon>
        <ActionIcon variant="default" aria-label={t('map.whole')} onClick={() => show(boundsOf(communes))}>
          <IconZoomReset size={16} aria-hidden />
        </ActionIcon>
      </div>
      <p className={classes.source}>{sourcesOf(t, territory)}</p>
      {under !== null && (
        <div className={classes.tip} style={{ left: under.x, top: under.y }} aria-hidden>
          {'said' in under ? under.said : props.describe(under.code, under.name)}
        </div>
      )}
    </div>
  )
}
