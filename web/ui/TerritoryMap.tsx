import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import { aboutQuery, mapQuery } from '../api/queries.ts'
import { Boundary } from './Boundary.tsx'
import { Empty, Failure } from './Notice.tsx'
import { useText } from './text.ts'

// Half a megabyte: after everything that the operator needs to begin.
const MapCanvas = lazy(() => import('./MapCanvas.tsx').then((module) => ({ default: module.MapCanvas })))

/** A ring around a commune: something happened there, so long ago. */
export interface MapRing {
  code: string
  age: 'hour' | 'day' | 'week'
  /** What is under the pointer, in words. */
  label: string
}

export interface MapPaint {
  rings?: readonly MapRing[]
  /** Communes to light, each with how strongly, from 0 to 1. */
  paint: ReadonlyMap<string, number>
  /** What full strength means: chosen, or delivered. */
  tint: 'accent' | 'green'
  /** What the map shows, in words. */
  label: string
  /** What is under the pointer, in words. */
  describe: (code: string, name: string) => string
  /** A commune was clicked; absent: the map is only looked at. Lists elsewhere on the screen do the same. */
  onPick?: (code: string) => void
  /**
   * Communes were painted by one stroke: to light, or to put out when the stroke began on one that was lit. A click is
   * a short stroke. Absent: the map is not painted on.
   */
  onStroke?: (codes: readonly string[], on: boolean) => void
}

/** The scheme's communes; a list elsewhere on the screen says the same to those who do not see it. */
export function TerritoryMap(props: MapPaint & { schemeId: string }) {
  const { t } = useText()
  const { schemeId, ...paint } = props
  const map = useQuery(mapQuery(schemeId))
  const about = useQuery(aboutQuery).data
  if (map.isError) return <Failure error={map.error} retry={() => void map.refetch()} />
  const waiting = <Skeleton role="img" height="100%" radius="md" aria-label={t('map.loading')} />
  if (map.data === undefined) return waiting
  return (
    <Boundary fallback={<Empty small title={t('map.broken')} />}>
      <Suspense fallback={waiting}>
        <MapCanvas {...paint} communes={map.data} tiles={about?.mapTiles ?? null} />
      </Suspense>
    </Boundary>
  )
}
