import { useEffect, useState } from 'react'

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
 * Walks the list with the panel of a member open, by J and K too; J opens the first member when none is open. Rows that are not loaded
 * yet are loaded on the way.
 * @returns null when the open member is not in the list
 */
export function useWalk(list: {
  readonly ids: readonly string[]
  readonly total: number
  readonly openId: string | undefined
  readonly open: (id: string) => void
  /** Null when all rows are loaded. */
  readonly loadMore: (() => void) | null
}): Walk | null {
  const { ids, total, openId, open, loadMore } = list
  const [awaited, setAwaited] = useState<number | null>(null)
  const index = openId === undefined ? -1 : ids.indexOf(openId)
  const awaitedId = awaited === null ? undefined : ids[awaited]
  // biome-ignore lint/correctness/useExhaustiveDependencies: once the awaited row has arrived
  useEffect(() => {
    if (awaitedId === undefined) return
    setAwaited(null)
    if (openId !== undefined) open(awaitedId)
  }, [awaitedId])
  const goTo = (at: number) => {
    const id = ids[at]
    if (id !== undefined) return () => open(id)
    if (at !== ids.length || loadMore === null) return null
    return () => {
      setAwaited(at)
      loadMore()
    }
  }
  // A member that a link opened may be on a later page.
  const isIn = index >= 0
  const next = isIn || openId === undefined ? goTo(index + 1) : null
  const previous = isIn ? goTo(index - 1) : null
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const step = { j: next, k: previous }[event.key.toLowerCase()]
      if (step === undefined || step === null || event.defaultPrevented) return
      if (event.ctrlKey || event.metaKey || event.altKey) return
      if (event.target instanceof Element && event.target.closest('input, textarea, select') !== null) return
      // The panel is a dialog; another one over it or in its place has the keys.
      const dialogs = document.querySelectorAll('[role=dialog][aria-modal=true]').length
      if (dialogs > (openId === undefined ? 0 : 1)) return
      event.preventDefault()
      step()
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  })
  return isIn ? { at: index + 1, of: total, next, previous } : null
}
