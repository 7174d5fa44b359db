import { useSyncExternalStore } from 'react'
import { flushSync } from 'react-dom'

const listeners = new Set<() => void>()
let isPrinting = false

function setPrinting(next: boolean): void {
  if (next === isPrinting) return
  isPrinting = next
  // The browser lays the paper out right after this event.
  flushSync(() => {
    for (const tell of listeners) tell()
  })
}

addEventListener('beforeprint', () => setPrinting(true))
addEventListener('afterprint', () => setPrinting(false))
// A look at the paper on the screen, which no event announces.
matchMedia('print').addEventListener('change', ({ matches }) => setPrinting(matches))

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Whether the page is being laid out for paper: what is for paper only is not there otherwise. */
export function usePrinting(): boolean {
  return useSyncExternalStore(subscribe, () => isPrinting)
}
