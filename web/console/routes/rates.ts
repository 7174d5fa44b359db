import type { RoutesView } from '../../../src/deliveries/contract.ts'

/** Period shown by the sparklines. */
export const SHOWN_MS = 120_000
/** Readings further apart are not connected: the tab was hidden, or the server was unreachable. */
const JOINED_MS = 10_000

/** The counts of a route at one instant. */
export interface Reading {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly accepted: number
  readonly answered: number
  readonly answerMs: number
  /** The workers whose counts these are; when they change, the sum jumps. */
  readonly workers: string
}

/** The readings of the last two minutes by route, oldest first. */
export type History = ReadonlyMap<string, readonly Reading[]>

/** Adds a reading. One without a new heartbeat of the workers contains nothing new. */
export function addSample(history: History, view: RoutesView): History {
  const workers = (view.workers ?? [])
    .filter((worker) => worker.isAlive)
    .map((worker) => worker.id)
    .sort()
    .join(' ')
  const next = new Map<string, readonly Reading[]>()
  for (const { name, details } of view.routes) {
    if (details === null) continue
    const before = history.get(name) ?? []
    const at = Date.parse(details.totalsAt)
    const { accepted, refused, throttled, answerMs } = details.totals
    const last = before.at(-1)
    if (last !== undefined && at <= last.at && last.workers === workers) {
      next.set(name, before)
      continue
    }
    const kept = before.filter((reading) => reading.at >= at - SHOWN_MS && reading.at < at)
    next.set(name, [...kept, { at, accepted, answered: accepted + refused + throttled, answerMs, workers }])
  }
  return next
}

export interface Rate {
  readonly at: number
  /** Returns the parts accepted in a second since the previous reading; null if the two cannot be compared. */
  readonly perSecond: number | null
}

function isJoined(before: Reading, after: Reading): boolean {
  return (
    before.workers === after.workers &&
    after.at - before.at <= JOINED_MS &&
    // A worker restarted under the same id, so its counts restarted too.
    after.accepted >= before.accepted
  )
}

/** Returns one rate for each reading except the first. */
export function ratesOf(readings: readonly Reading[]): Rate[] {
  return readings.slice(1).map((after, index) => {
    const before = readings[index]
    const isComparable = before !== undefined && isJoined(before, after)
    return {
      at: after.at,
      perSecond: isComparable ? ((after.accepted - before.accepted) * 1000) / (after.at - before.at) : null,
    }
  })
}

/** Returns the mean milliseconds between a submission and its response over these readings; null if there was none. */
export function meanAnswerOf(readings: readonly Reading[]): number | null {
  let [answered, ms] = [0, 0]
  readings.forEach((after, index) => {
    const before = readings[index - 1]
    if (before === undefined || !isJoined(before, after)) return
    answered += after.answered - before.answered
    ms += after.answerMs - before.answerMs
  })
  return answered > 0 ? ms / answered : null
}
