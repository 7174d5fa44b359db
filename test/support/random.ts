/** Of this run: TOCSIN_SEED, else another each time. Say it, so that what was found can be played again. */
export const SEED = Number(process.env.TOCSIN_SEED ?? Date.now() % 1_000_000)

/** Numbers in [0, 1) from a seed (Park-Miller): the same seed, the same numbers. */
export function randomFrom(seed: number): () => number {
  let state = (seed % 2147483646) + 1
  return () => {
    state = (state * 48271) % 2147483647
    return state / 2147483647
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
