import { useSyncExternalStore } from 'react'
import { flushSync } from 'react-dom'

const listeners = new Set<() => void>()
let isPrinting = false

function setPrinting(next: boolean): void {
  if (next === isPrinting) return
  isPrinting = next
  // The browser lays out the paper right after this event.
  flushSync(() => {
    for (const tell of listeners) tell()
  })
}

addEventListener('beforeprint', () => setPrinting(true))
addEventListener('afterprint', () => setPrinting(false))
// A print preview emulated in the browser, which no event announces.
matchMedia('print').addEventListener('change', ({ matches }) => setPrinting(matches))

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Returns whether the page is being laid out for paper: print-only parts are rendered only then. */
export function usePrinting(): boolean {
  return useSyncExternalStore(subscribe, () => isPrinting)
}
