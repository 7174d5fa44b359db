import { type Lane, urgencyOf } from '../lanes.ts'

/** Share of a budget reserved for vital alerts, so that they never wait for all the traffic in progress. */
const VITAL_RESERVE = 1 / 8

/** A broadcast that requests room. */
export interface Claimant {
  readonly lane: Lane
  /** Recipients claimed so far. */
  readonly claimed: number
}

interface Waiting extends Claimant {
  readonly least: number
  readonly resolve: (room: number) => void
}

/** True when a new request is served before a waiting one. */
function isBefore(one: Claimant, other: Claimant): boolean {
  const [urgency, otherUrgency] = [urgencyOf(one.lane), urgencyOf(other.lane)]
  return urgency > otherUrgency || (urgency === otherUrgency && one.claimed < other.claimed)
}

/**
 * Limits the submissions claimed for a gateway and not yet recorded, over all broadcasts. The most urgent lane is
 * served first: an urgent alert overtakes a large one within a window. Within a lane, the broadcast with the fewest
 * claims is served first, a chunk at a time: of many alerts at once, each starts early.
 */
export class Budget {
  #size: number
  #used = 0
  #waiting: Waiting[] = []

  constructor(size: number) {
    this.#size = size
  }

  get size(): number {
    return this.#size
  }

  /** Changes the size. Claims beyond a smaller size are released as their outcomes are recorded. */
  resize(size: number): void {
    this.#size = size
    this.#serve()
  }

  /**
   * Waits until `least` are free, or all of a smaller budget, then reserves all free ones, or `least` when others wait.
   * @returns 0 when `signal` aborts first.
   */
  reserveRoom(least: number, claimant: Claimant, signal: AbortSignal): Promise<number> {
    if (signal.aborted) return Promise.resolve(0)
    return new Promise((resolve) => {
      const entry: Waiting = {
        least,
        ...claimant,
        resolve: (room) => {
          signal.removeEventListener('abort', onAbort)
          resolve(room)
        },
      }
      const onAbort = () => {
        this.#waiting = this.#waiting.filter((other) => other !== entry)
        entry.resolve(0)
      }
      signal.addEventListener('abort', onAbort)
      const behind = this.#waiting.findIndex((other) => isBefore(entry, other))
      this.#waiting.splice(behind < 0 ? this.#waiting.length : behind, 0, entry)
      this.#serve()
    })
  }

  /** Reserves up to `most` without waiting. @returns how many were free */
  reserveFreeRoom(most: number, lane: Lane): number {
    const room = Math.max(0, Math.min(most, this.#sizeFor(lane) - this.#used))
    this.#used += room
    return room
  }

  /** Releases reserved room, which those that wait for it get. */
  releaseRoom(room: number): void {
    this.#used -= room
    this.#serve()
  }

  #sizeFor(lane: Lane): number {
    return lane === 'vital' ? this.#size : this.#size - Math.floor(this.#size * VITAL_RESERVE)
  }

  #serve(): void {
    const first = this.#waiting[0]
    if (first === undefined || this.#size === 0) return
    const size = this.#sizeFor(first.lane)
    const least = Math.min(first.least, size)
    const free = size - this.#used
    if (free < least) return
    this.#waiting.shift()
    const room = this.#waiting.length > 0 ? least : free
    this.#used += room
    first.resolve(room)
    this.#serve()
  }
}
