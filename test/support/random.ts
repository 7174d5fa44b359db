/** Seed of this run: TOCSIN_SEED, else a new one each time. Print it, so that a failure can be repeated. */
export const SEED = Number(process.env.TOCSIN_SEED ?? Date.now() % 1_000_000)

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** Picks one of several values. */
export function pickFrom<T>(choices: readonly [T, ...T[]], random: () => number): T {
  return choices[Math.floor(random() * choices.length)] ?? choices[0]
}
