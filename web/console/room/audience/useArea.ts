import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import type { SchemeView } from '../../../../src/schemes/contract.ts'
import { sizeOf, usualChoice } from '../../../../src/territory/choices.ts'
import type { AreaChoice } from '../../../../src/territory/contract.ts'
import { areasQuery } from '../../../api/queries.ts'
import { PLACE_ID } from '../ids.ts'
import type { Draft, LineField, useDrafts } from '../text/draft.ts'
import { keyOf, worthShowing } from './areas.ts'
import { staysWithPlace } from './drawn.ts'

/** Proposes the areas around the place of the draft, and keeps its category, its place and its area consistent. */
export function useArea({
  scheme,
  draft,
  current,
  change,
  settle,
}: { readonly scheme: SchemeView } & Pick<
  ReturnType<typeof useDrafts>,
  'draft' | 'current' | 'change' | 'settle'
>) {
  const toArea = useRef(false)
  /** The kind of the area that was last chosen by hand; null: none. */
  const lastSize = useRef<string | null>(null)
  const areas = useQuery({ ...areasQuery(scheme.id, draft.commune?.code ?? null), select: worthShowing }).data
  const categoryOf = (wanted: string | null) => scheme.categories.find(({ code }) => code === wanted)
  const category = categoryOf(draft.categoryCode)

  // A place without an area gets one of the kind chosen by hand, else of its category's default, else the commune
  // alone.
  const usualSize = category?.area ?? null
  useEffect(() => {
    if (draft.area !== null || draft.commune === null || areas === undefined) return
    const { current: size } = lastSize
    const area = areas.find((one) => sizeOf(one.area) === size) ?? usualChoice(areas, usualSize)
    if (area !== undefined) settle(current, { area })
  }, [areas, draft.area, draft.commune, usualSize, current, settle])

  // After the place is chosen, the keyboard focus moves to the areas once they have loaded.
  useEffect(() => {
    if (!toArea.current || draft.area === null) return
    const chip = document.getElementById(`zone-${keyOf(draft.area.area)}`)
    if (chip === null) return
    toArea.current = false
    chip.focus()
  })

  /** A field that is filled by hand is no longer filled by the line. */
  const handled = (field: LineField) => [...new Set([...draft.byHand, field])]

  /** Returns the changes that come with a category: its usual level and area replace those of the previous one. */
  const withCategory = (code: string | null): Partial<Draft> => {
    const next = categoryOf(code)
    const { level } = draft.doctrine
    // The user's own answers are kept; the defaults of the previous category are replaced.
    const isUsualLevel = level === (category?.level ?? 'established')
    const isUsualArea =
      draft.area !== null && lastSize.current === null && sizeOf(draft.area.area) === (usualSize ?? 'commune')
    return {
      categoryCode: code,
      ...(isUsualLevel && next && { doctrine: { ...draft.doctrine, level: next.level } }),
      ...(isUsualArea && next?.area !== category?.area && { area: null }),
    }
  }
  const pickCategory = (code: string, patch: Partial<Draft> = {}) => {
    change({ ...withCategory(code), byHand: handled('categoryCode'), ...patch })
    if (draft.commune === null) document.getElementById(PLACE_ID)?.focus()
  }
  const changeCommune = (commune: Draft['commune']) =>
    change({ commune, ...(!staysWithPlace(draft) && { area: null }), byHand: handled('commune') })
  const pickCommune = (commune: Draft['commune']) => {
    toArea.current = commune !== null
    changeCommune(commune)
  }
  const chooseArea = (area: AreaChoice) => {
    lastSize.current = sizeOf(area.area)
    change({ area })
  }
  const pickArea = (key: string) => {
    const choice = areas?.find((one) => keyOf(one.area) === key)
    if (choice === undefined) return
    chooseArea(choice)
    document.getElementById(`zone-${key}`)?.focus()
  }

  return {
    areas,
    category,
    categoryOf,
    withCategory,
    pickCategory,
    pickCommune,
    /** Changes the place without moving the focus. */
    changeCommune,
    /** Shows an area that is not proposed; null: one is proposed again. */
    showArea: (area: AreaChoice | null) => change({ area }),
    chooseArea,
    pickArea,
    /** Forgets the choice by hand, for the next call. */
    forgetChoice: () => {
      lastSize.current = null
    },
  }
}
