import { createRandom } from '../../src/gateways/sms/simulator/faults.ts'

/** Seed of this run: TOCSIN_SEED, else a new one each time. Print it, so that a failure can be repeated. */
export const SEED = Number(process.env.TOCSIN_SEED ?? Date.now() % 1_000_000)

/** True in the long set, which leaves nothing out. */
export const IS_LONG = process.env.TOCSIN_LONG !== undefined || process.env.TOCSIN_SOAK !== undefined

/**
 * Returns the number of runs of a property: a third of them in `npm test`, each time other ones; all in the long set. A run
 * that fails prints its seed.
 */
export function runsOf(all: number): number {
  return IS_LONG ? all : Math.ceil(all / 3)
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** Picks one of several values. */
export function pickFrom<T>(choices: readonly [T, ...T[]], random: () => number): T {
  return choices[Math.floor(random() * choices.length)] ?? choices[0]
}

/**
 * Takes some entries of a list that is too long for each run, by the seed of the run, which it prints.
 * @returns those for `npm test`, in their order, and those for the long set: all
 */
export function sampleOf<T>(
  all: readonly T[],
  count: number,
): { readonly some: T[]; readonly all: readonly T[] } {
  const random = createRandom(SEED)
  const chosen = new Set(
    all
      .map((_, index) => ({ index, rank: random() }))
      .toSorted((a, b) => a.rank - b.rank)
      .slice(0, count)
      .map(({ index }) => index),
  )
  console.log(`TOCSIN_SEED=${SEED}: ${chosen.size} of ${all.length}`)
  return { some: all.filter((_, index) => chosen.has(index)), all }
}
