import { useSyncExternalStore } from 'react'
import { serverNow } from '../../api/clock.ts'

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

/** Returns the beginning of the minute. */
const minuteOf = (now: number) => Math.floor(now / 60_000) * 60_000

/** Returns the server's minute in milliseconds since the epoch: to the texts of dates and times, the second is nothing. */
export function useMinute(): number {
  return useAtTime(minuteOf)
}

/**
 * Returns what a function makes of the server's time, calculated every second.
 * @returns the value; the component is rendered again only when it is another one
 */
export function useAtTime<Value extends string | number | boolean>(valueAt: (now: number) => Value): Value {
  return useSyncExternalStore(subscribe, () => valueAt(snapshot()))
}

/** Returns the server's time in milliseconds since the epoch, updated every second by one timer for the whole page. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, snapshot)
}
