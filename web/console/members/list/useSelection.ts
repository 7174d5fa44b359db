import { useState } from 'react'
import type { MemberFilter } from '../../../../src/members/contract.ts'
import type { Selection } from './BulkBar.tsx'
import type { MemberList } from './useMemberList.ts'

/** Keeps which members are selected: some of them, or all that the filter finds. */
export function useSelection(
  schemeId: string,
  filter: MemberFilter,
  list: Pick<MemberList, 'total' | 'fetchedRows'>,
) {
  const [chosen, setChosen] = useState<{ of: string; selection: Selection } | null>(null)
  // A new filter clears the selection, so that no member is changed who is not in the list.
  const listed = JSON.stringify([schemeId, filter])
  const selection = chosen?.of === listed ? chosen.selection : null
  const choose = (next: Selection | null) => setChosen(next === null ? null : { of: listed, selection: next })
  const chosenIds = selection !== null && 'ids' in selection ? selection.ids : null
  const isAll = selection !== null && chosenIds === null
  const isChosen = (id: string) => isAll || chosenIds?.has(id) === true
  // One of all is left out by naming all others, of which some may not be fetched.
  const isFixed = isAll && list.fetchedRows().length < list.total
  const toggle = (id: string) => {
    if (isFixed) return
    const next = new Set(chosenIds ?? (isAll ? list.fetchedRows().map(({ row }) => row.id) : []))
    if (!next.delete(id)) next.add(id)
    choose(next.size === 0 ? null : { ids: next })
  }
  const toggleAll = () => choose(isAll ? null : { filter, count: list.total })
  return { selection, choose, isChosen, isAll, isFixed, toggle, toggleAll }
}
