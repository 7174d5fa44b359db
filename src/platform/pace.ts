/** Milliseconds for which a part of long work may hold the only connection of the embedded database. */
const PART_MS = 100
const FIRST_SIZE = 100
/** Smaller parts would spend most of their time on overhead, and the work would hardly advance on a busy machine. */
const MIN_SIZE = 50
const MAX_SIZE = 2000
/** Maximum growth from one part to the next: a quick part does not mean that the next one is quick. */
const MAX_GROWTH = 2
/**
 * Share of the cost of a slow part that counts for the next one: on a busy machine, a quick part is often followed by a slow one.
 */
const REMEMBERED = 0.8

export interface Pace {
  /** Returns the number of rows for the next part. */
  size(): number
  /** Runs a part in a transaction of its own and adapts the size to its duration. */
  run<T>(part: (size: number) => Promise<T>): Promise<T>
}

/**
 * Cuts long work into parts of about the same duration on any machine, so that others need not wait longer: the size of the
 * next part follows from the durations of the previous ones, most from the slowest of the last.
 * @param partMs milliseconds that a part may take; choose less where some parts take several times as long as most
 * @param minSize rows of the smallest part; choose more where a part costs much whatever its size
 */
export function createPace(
  now: () => number = () => performance.now(),
  partMs = PART_MS,
  minSize = MIN_SIZE,
): Pace {
  let size = FIRST_SIZE
  let msOfRow = 0
  return {
    size: () => size,
    async run(part) {
      const startedAt = now()
      const result = await part(size)
      const took = Math.max(1, now() - startedAt)
      msOfRow = Math.max(took / size, msOfRow * REMEMBERED)
      size = Math.round(Math.min(MAX_SIZE, size * MAX_GROWTH, Math.max(minSize, partMs / msOfRow)))
      return result
    },
  }
}
