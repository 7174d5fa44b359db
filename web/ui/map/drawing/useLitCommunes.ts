import type { Map as GlMap } from 'maplibre-gl'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { MapPaint } from '../TerritoryMap.tsx'
import { SOURCE } from './mapStyle.ts'

/** The lit communes of one map. */
export interface LitCommunes {
  isLit: (code: string) => boolean
  /** Lights a commune with a strength from 0 to 1, or puts it out (undefined), before the screen knows. */
  light: (code: string, share: number | undefined) => void
  /** Shows the screen's communes again after a stroke, which the screen may have refused. */
  showAgain: () => void
}

/** Lights the communes of `paint` on a map, each with its strength. */
export function useLitCommunes(map: GlMap | null, paint: MapPaint['paint']): LitCommunes {
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
  const [strokes, setStrokes] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a map that is new has nothing lit
  useEffect(() => lit.current.clear(), [map])
  // biome-ignore lint/correctness/useExhaustiveDependencies: a stroke that changed nothing leaves communes lit
  useEffect(() => {
    for (const code of [...lit.current.keys()]) if (!paint.has(code)) light(code, undefined)
    for (const [code, share] of paint) light(code, share)
  }, [light, paint, strokes])
  return useMemo(
    () => ({
      isLit: (code) => lit.current.has(code),
      light,
      showAgain: () => setStrokes((count) => count + 1),
    }),
    [light],
  )
}
