let ordersInProgress = 0
let waiting: (() => void)[] = []

/** Runs an order. Until it is done, the broadcasts of this process send no more than their first messages. */
export async function precedeClaims<T>(order: () => Promise<T>): Promise<T> {
  ordersInProgress += 1
  try {
    return await order()
  } finally {
    ordersInProgress -= 1
    if (ordersInProgress === 0) {
      const resumed = waiting
      waiting = []
      for (const resume of resumed) resume()
    }
  }
}

/** Returns whether this process has an order in progress. */
export const hasOrders = (): boolean => ordersInProgress > 0

/**
 * Waits until this process has no order in progress, `mostMs` at most, so that the later messages of a broadcast leave
 * the processors and the database to the first messages of the next one.
 * @returns how long it waited, in ms
 */
export async function untilOrdersAreDone(mostMs: number): Promise<number> {
  if (ordersInProgress === 0 || mostMs <= 0) return 0
  const since = performance.now()
  await new Promise<void>((resolve) => {
    const resume = () => {
      clearTimeout(timer)
      resolve()
    }
    const timer = setTimeout(() => {
      waiting = waiting.filter((other) => other !== resume)
      resolve()
    }, mostMs)
    waiting.push(resume)
  })
  return performance.now() - since
}
