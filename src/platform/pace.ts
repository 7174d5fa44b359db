/** How long a part of long work on the embedded database may hold its only connection, in milliseconds. */
const PART_MS = 150
const FIRST_SIZE = 100
/** Fewer would take most of their time to begin and to end: on a machine so busy, the work would hardly go on. */
const MIN_SIZE = 50
const MAX_SIZE = 2000
/** A part that was quick says little of the next one, which may have more to do. */
const MAX_GROWTH = 2

export interface Pace {
  /** Rows that the next part takes. */
  size(): number
  /** Runs a part, in its transaction, and learns from how long it takes. */
  run<T>(part: (size: number) => Promise<T>): Promise<T>
}

/**
 * Cuts long work into parts that each take about as long as others may wait, however fast the machine is: how many rows the
 * next part takes follows from how long the one before took.
 * @param partMs how long a part may take, where some of them take several times as long as most
 */
export function createPace(now: () => number = () => performance.now(), partMs = PART_MS): Pace {
  let size = FIRST_SIZE
  return {
    size: () => size,
    async run(part) {
      const startedAt = now()
      const result = await part(size)
      const took = Math.max(1, now() - startedAt)
      size = Math.round(Math.min(MAX_SIZE, size * MAX_GROWTH, Math.max(MIN_SIZE, (size * partMs) / took)))
      return result
    },
  }
}
