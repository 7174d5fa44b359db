/** Of this run: TOCSIN_SEED, else another each time. Say it, so that what was found can be played again. */
export const SEED = Number(process.env.TOCSIN_SEED ?? Date.now() % 1_000_000)

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** One of several. */
export function pickFrom<T>(choices: readonly [T, ...T[]], random: () => number): T {
  return choices[Math.floor(random() * choices.length)] ?? choices[0]
}
