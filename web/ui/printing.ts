import { useSyncExternalStore } from 'react'
import { flushSync } from 'react-dom'

const listeners = new Set<() => void>()
let isPrinting = false

function set(next: boolean): void {
  if (next === isPrinting) return
  isPrinting = next
  // The browser lays the paper out right after this event.
  flushSync(() => {
    for (const tell of listeners) tell()
  })
}

addEventListener('beforeprint', () => set(true))
addEventListener('afterprint', () => set(false))
// A look at the paper on the screen, which no event announces.
matchMedia('print').addEventListener('change', ({ matches }) => set(matches))

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Whether the page is being laid out for paper: what is for paper only is not there otherwise. */
export function usePrinting(): boolean {
  return useSyncExternalStore(subscribe, () => isPrinting)
}
