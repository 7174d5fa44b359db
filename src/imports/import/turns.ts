import { setImmediate } from 'node:timers/promises'

/** Milliseconds of computing after which other requests have their turn. */
const TURN_MS = 40

/** Work in small steps, whose result is returned at the end. */
export type Steps<T> = Generator<void, T>

/** Lets other requests run from time to time: work on thousands of rows would hold all of them. */
export function createTurns() {
  let since = performance.now()
  const isDue = () => performance.now() - since >= TURN_MS
  async function giveTurn(): Promise<void> {
    await setImmediate()
    since = performance.now()
  }
  return {
    async turn(): Promise<void> {
      if (isDue()) await giveTurn()
    },
    /** Does work in steps, and lets others run between them. */
    async run<T>(steps: Steps<T>): Promise<T> {
      for (;;) {
        const step = steps.next()
        if (step.done === true) return step.value
        if (isDue()) await giveTurn()
      }
    },
  }
}
