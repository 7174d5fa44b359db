/** Functions that stop what was started, run in reverse order. */
export interface Cleanup {
  add(stop: () => unknown): void
  /** Stops everything once, last started first; a failure does not prevent the others. */
  run(onFailure: (error: unknown) => void): Promise<void>
}

export function createCleanup(): Cleanup {
  const stops: (() => unknown)[] = []
  return {
    add(stop) {
      stops.push(stop)
    },
    async run(onFailure) {
      for (let stop = stops.pop(); stop !== undefined; stop = stops.pop()) {
        try {
          await stop()
        } catch (error) {
          onFailure(error)
        }
      }
    },
  }
}
