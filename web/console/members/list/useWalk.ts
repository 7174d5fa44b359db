import { useEffect } from 'react'
import { isForList } from '../../../ui/useRowKeys.ts'
import type { MemberList } from './useMemberList.ts'

/** The place of the open member in the list, and the way to its neighbours. */
export interface Walk {
  /** From 1. */
  readonly at: number
  readonly of: number
  /** Opens the next member, or the one before; null at the end of the list. */
  readonly next: (() => void) | null
  readonly previous: (() => void) | null
}

/**
 * Walks the list with the panel of a member open, by J and K too; J opens the first member when none is open. Rows that were not
 * fetched yet are fetched on the way.
 * @param isBeside whether the panel is beside the list, and not a dialog over it
 * @returns null when the open member is not among the rows fetched so far
 */
export function useWalk(
  list: Pick<MemberList, 'total' | 'rowAt' | 'fetchRow' | 'fetchedRows'>,
  openId: string | undefined,
  open: (id: string) => void,
  isBeside: boolean,
): Walk | null {
  const { total } = list
  const index =
    openId === undefined ? -1 : (list.fetchedRows().find(({ row }) => row.id === openId)?.index ?? -1)
  const goTo = (at: number) => {
    if (at < 0 || at >= total) return null
    return () => {
      const known = list.rowAt(at)
      if (known !== undefined) open(known.id)
      else void list.fetchRow(at).then((row) => row !== undefined && open(row.id))
    }
  }
  // A member that a link opened may be anywhere in the list.
  const isIn = index >= 0
  const next = isIn || openId === undefined ? goTo(index + 1) : null
  const previous = isIn ? goTo(index - 1) : null
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const step = { j: next, k: previous }[event.key.toLowerCase()]
      // The panel over the list is a modal dialog; another one over it or in its place has the keys.
      if (step == null || !isForList(event, openId === undefined || isBeside ? 0 : 1)) return
      event.preventDefault()
      step()
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  })
  return isIn ? { at: index + 1, of: total, next, previous } : null
}
