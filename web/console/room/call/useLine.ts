import { useQuery } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo } from 'react'
import type { SchemeView } from '../../../../src/schemes/contract.ts'
import type { UnderstoodLine } from '../../../../src/schemes/line/parse.ts'
import { serverNow } from '../../../api/clock.ts'
import { placeNamesQuery } from '../../../api/queries.ts'
import { afterShown } from '../../../ui/loading/afterShown.ts'
import type { useArea } from '../audience/useArea.ts'
import { blankDraft, type Draft, type LineField } from '../text/draft.ts'
import { understoodPatch } from './line.ts'

/** Loaded after the room, whose first view does not need its lists of words. */
async function load() {
  const [{ understandLine }, { indexNames }] = await Promise.all([
    import('../../../../src/schemes/line/parse.ts'),
    import('../../../../src/territory/places/nearest.ts'),
  ])
  return { understandLine, indexNames }
}

/** Understands the line of the call, and fills the fields that were not changed by hand. */
export function useLine(room: {
  scheme: SchemeView
  draft: Draft
  change: (patch: Partial<Draft>) => void
  withCategory: ReturnType<typeof useArea>['withCategory']
}) {
  const { scheme, draft, change, withCategory } = room
  const names = useQuery(placeNamesQuery(scheme.id)).data
  const parser = useQuery({
    queryKey: ['line-parser'],
    queryFn: () => afterShown(load),
    staleTime: Number.POSITIVE_INFINITY,
    // A module.
    structuralSharing: false,
  }).data
  const index = useMemo(
    () => (names === undefined || parser === undefined ? undefined : parser.indexNames(names)),
    [names, parser],
  )
  const { line, calledAt } = draft

  const understand = useCallback(
    (typed: string): UnderstoodLine | null => {
      if (parser === undefined || index === undefined || typed.trim() === '') return null
      const now = calledAt === null ? serverNow() : Date.parse(calledAt)
      const { categories, timeZone } = scheme
      return parser.understandLine(typed, { categories, names: index, now, timeZone })
    },
    [parser, index, scheme, calledAt],
  )
  const understood = useMemo(() => understand(line), [understand, line])

  const setLine = (typed: string) => {
    const patch = understoodPatch({ draft, scheme, understood: understand(typed), line: typed })
    change({
      line: typed,
      ...patch,
      ...(patch.categoryCode !== undefined && withCategory(patch.categoryCode)),
    })
  }

  // A line that was typed before the names had loaded is understood once they have.
  const isReady = index !== undefined
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it can be understood
  useEffect(() => {
    if (isReady && line !== '' && draft.report === null) setLine(line)
  }, [isReady])

  return {
    understood,
    setLine,
    /** Changes the call by hand: the line no longer fills these fields. */
    changeByHand: (patch: Partial<Draft>) => {
      const fields = (Object.keys(patch) as LineField[]).filter((field) => field in HAND)
      change({ ...patch, byHand: [...new Set([...draft.byHand, ...fields])] })
    },
  }
}

const { categoryCode, commune, place, when, facts } = blankDraft()
const HAND = { categoryCode, commune, place, when, facts } satisfies Pick<Draft, LineField>
