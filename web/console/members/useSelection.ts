import { useState } from 'react'
import type { MemberFilter, MemberSummary } from '../../../src/members/contract.ts'
import type { Selection } from './BulkBar.tsx'

/** Keeps which members are selected: some of those on screen, or all that the filter finds. */
export function useSelection(schemeId: string, filter: MemberFilter, rows: readonly MemberSummary[]) {
  const [chosen, setChosen] = useState<{ of: string; selection: Selection } | null>(null)
  // A new filter clears the selection, so that no member is changed who is not on screen.
  const listed = JSON.stringify([schemeId, filter])
  const selection = chosen?.of === listed ? chosen.selection : null
  const choose = (next: Selection | null) => setChosen(next === null ? null : { of: listed, selection: next })
  const chosenIds = selection !== null && 'ids' in selection ? selection.ids : null
  const isChosen = (id: string) => selection !== null && (chosenIds === null || chosenIds.has(id))
  const toggle = (ids: readonly string[], on: boolean) => {
    const next = new Set(chosenIds ?? (selection === null ? [] : rows.map(({ id }) => id)))
    for (const id of ids) {
      if (on) next.add(id)
      else next.delete(id)
    }
    choose(next.size === 0 ? null : { ids: next })
  }
  return { selection, choose, isChosen, toggle }
}
