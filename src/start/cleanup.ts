/** What has been started, to be stopped in the reverse order. */
export interface Cleanup {
  add(stop: () => unknown): void
  /** Stops everything once, the last started first; one that fails does not keep the others. */
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
