import { useSyncExternalStore } from 'react'

const KEPT_AS = 'tocsin.zoneTold'
/** Older ones are no longer shown anyway. */
const KEEP = 200

function readTold(): readonly string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEPT_AS) ?? '[]')
    return Array.isArray(kept) ? kept.filter((one) => typeof one === 'string') : []
  } catch {
    return []
  }
}

let current: readonly string[] | undefined
const listeners = new Set<() => void>()
const ids = () => {
  current ??= readTold()
  return current
}

/** Notes in this browser that these alerts of the zone were seen: they are counted no more. */
export function markTold(seen: readonly string[]): void {
  const fresh = seen.filter((id) => !ids().includes(id))
  if (fresh.length === 0) return
  current = [...fresh, ...ids()].slice(0, KEEP)
  try {
    localStorage.setItem(KEPT_AS, JSON.stringify(current))
  } catch {
    // Refused storage: for this page only.
  }
  for (const listener of listeners) listener()
}

/** The alerts of the zone that were seen in this browser. */
export function useTold(): readonly string[] {
  return useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }, ids)
}
