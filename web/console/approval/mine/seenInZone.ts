import { useSyncExternalStore } from 'react'

const KEPT_AS = 'tocsin.zoneNotified'
/** Older alerts are no longer shown. */
const KEEP = 200

function readSeen(): readonly string[] {
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
  current ??= readSeen()
  return current
}

/** Stores in this browser that these alerts were seen, so that they are no longer counted. */
export function markZoneAlertsSeen(seen: readonly string[]): void {
  const fresh = seen.filter((id) => !ids().includes(id))
  if (fresh.length === 0) return
  current = [...fresh, ...ids()].slice(0, KEEP)
  try {
    localStorage.setItem(KEPT_AS, JSON.stringify(current))
  } catch {
    // The storage is denied: kept for this page only.
  }
  for (const listener of listeners) listener()
}

/** Returns the alerts of the zone that were seen in this browser. */
export function useSeenZoneAlerts(): readonly string[] {
  return useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }, ids)
}
