import { Skeleton } from '@mantine/core'
import { queryOptions, useQueries, useQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import type { TerritoryMap as Territory } from '../../../src/territory/contract.ts'
import { callApi } from '../../api/client.ts'
import { aboutQuery, mapQuery } from '../../api/queries.ts'
import { type TextKey, useText } from '../format/text.ts'
import { Boundary } from '../frame/Boundary.tsx'
import { Empty, Failure } from '../Notice.tsx'
import { MapLegend } from './MapLegend.tsx'
import classes from './TerritoryMap.module.css'

/** The contours of a département. A version never changes, so it is loaded once. */
const contoursQuery = (departement: string, version: string) =>
  queryOptions({
    queryKey: ['contours', departement, version],
    queryFn: ({ signal }) =>
      callApi('getContours', { params: { departement }, query: { v: version }, signal }),
    staleTime: Number.POSITIVE_INFINITY,
  })

// Half a megabyte: loaded after everything that the operator needs at the start.
const MapCanvas = lazy(() => import('./MapCanvas.tsx').then((module) => ({ default: module.MapCanvas })))

/** A ring around a commune, for an event of this age. */
export interface MapRing {
  code: string
  age: 'hour' | 'day' | 'week'
  /** Text of the tooltip. */
  label: string
}

export interface MapPaint {
  rings?: readonly MapRing[]
  /** Communes to light, each with a strength from 0 to 1. */
  paint: ReadonlyMap<string, number>
  /** Meaning of full strength: selected, or delivered. */
  tint: 'accent' | 'green'
  /** Description of what the map shows. */
  label: string
  /** Text of the tooltip. */
  describe: (code: string, name: string) => string
  /** Called with the commune under the pointer or chosen by the arrow keys, and with null when there is none any more. */
  onHover?: (code: string | null) => void
  /** Called when a commune is clicked; absent: the map is read-only. Lists elsewhere on the screen do the same. */
  onPick?: (code: string) => void
  /** Called with the communes that one drag crossed: to light, or to put out. Absent: the map cannot be painted on. */
  onStroke?: (codes: readonly string[], on: boolean) => void
  /**
   * The effect of a click and of a drag. `set` (default): both select communes, and a drag that begins on a selected one
   * deselects them. `place-and-area`: a click sets the place of the facts, and a drag adds to the warned area, unless removing is
   * chosen.
   */
  meaning?: 'select' | 'place-and-area'
  /** Undoes the last click or drag; null: nothing to undo. Absent: the screen undoes by other means. */
  onUndo?: (() => void) | null
  /** Whether the map moves to the lit communes and the place when they change otherwise than by its own gestures. */
  follow?: boolean
  /** Number to show in a circle on each commune. */
  counts?: ReadonlyMap<string, number> | undefined
  /** The commune of the facts. */
  place?: string | undefined
}

/**
 * Shows the scheme's communes on a map; a list elsewhere on the screen gives the same information to users who do not
 * see it.
 */
export function TerritoryMap(props: MapPaint & { schemeId: string; legend: TextKey }) {
  const { schemeId, ...paint } = props
  const map = useQuery(mapQuery(schemeId))
  if (map.isLoadingError) return <Failure error={map.error} retry={() => void map.refetch()} />
  return <DrawnMap {...paint} map={map.data} />
}

let isDrawable: boolean | undefined

/** Returns whether this browser can draw maps. It is asked once: making a context to find out takes some milliseconds. */
function canDrawMaps(): boolean {
  if (isDrawable === undefined) {
    const context = document.createElement('canvas').getContext('webgl2')
    isDrawable = context !== null
    context?.getExtension('WEBGL_lose_context')?.loseContext()
  }
  return isDrawable
}

/** Shows the same where the communes are known already. */
export function DrawnMap(props: MapPaint & { map: Territory | undefined; legend: TextKey }) {
  const { t } = useText()
  const { map, legend, ...paint } = props
  const about = useQuery(aboutQuery).data
  // On a remote desktop without WebGL, neither the contours nor the half megabyte that draws them are loaded.
  const canDraw = map === undefined || canDrawMaps()
  const drawn = canDraw
    ? map?.departements.flatMap(({ code, version }) => (version === null ? [] : [{ code, version }]))
    : []
  const contours = useQueries({
    queries: (drawn ?? []).map(({ code, version }) => contoursQuery(code, version)),
    combine: (all) => ({
      data: all.every(({ data }) => data !== undefined) ? all.flatMap(({ data }) => data ?? []) : undefined,
      failed: all.find(({ isError }) => isError),
    }),
  })
  if (!canDraw) return <Empty small title={t('map.broken')} />
  if (contours.failed)
    return <Failure error={contours.failed.error} retry={() => void contours.failed?.refetch()} />
  const waiting = <Skeleton role="img" height="100%" radius="md" aria-label={t('map.loading')} />
  if (map === undefined || contours.data === undefined) return waiting
  return (
    <Boundary fallback={<Empty small title={t('map.broken')} />}>
      <Suspense fallback={waiting}>
        <div className={classes.frame}>
          <div className={classes.map}>
            <MapCanvas {...paint} map={map} topologies={contours.data} tiles={about?.mapTiles ?? null} />
          </div>
          <MapLegend {...paint} area={legend} />
        </div>
      </Suspense>
    </Boundary>
  )
}
