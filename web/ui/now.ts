import { useSyncExternalStore } from 'react'
import { serverNow } from '../api/clock.ts'

const listeners = new Set<() => void>()
let second = 0
let timer: ReturnType<typeof setInterval> | undefined

function tick(): void {
  second = Math.floor(serverNow() / 1000) * 1000
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  if (timer === undefined) timer = setInterval(tick, 1000)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) {
      clearInterval(timer)
      timer = undefined
    }
  }
}

function snapshot(): number {
  if (timer === undefined || second === 0) second = Math.floor(serverNow() / 1000) * 1000
  return second
}

/** Returns the server's time in milliseconds since the epoch, updated every second by one timer for the whole page. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, snapshot)
}
