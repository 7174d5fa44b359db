import type { RoutesView } from '../../../src/deliveries/contract.ts'

/** How far back the sparklines look. */
export const SHOWN_MS = 120_000
/** Readings further apart are not joined: the tab was hidden, or the server away. */
const JOINED_MS = 10_000

/** The counts of a route at one instant. */
export interface Reading {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly accepted: number
  readonly answered: number
  readonly answerMs: number
  /** The workers whose counts these are: when they change, the sum leaps. */
  readonly workers: string
}

/** The readings of the last two minutes by route, the oldest first. */
export type History = ReadonlyMap<string, readonly Reading[]>

/** Adds what was just read. A reading without a new heartbeat of the workers says nothing new. */
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
  /** Parts accepted a second since the reading before; null when the two cannot be compared. */
  readonly perSecond: number | null
}

function isJoined(before: Reading, after: Reading): boolean {
  return (
    before.workers === after.workers &&
    after.at - before.at <= JOINED_MS &&
    // A worker began anew under the same id: its counts restart.
    after.accepted >= before.accepted
  )
}

/** How fast parts were accepted, one rate a reading but the first. */
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

/** Milliseconds between a submission and its answer on the mean over these readings; null when none was answered. */
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
