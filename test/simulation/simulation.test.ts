import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../src/platform/db.ts'
import { testDatabase, usualKinds } from '../support/database.ts'
import { MUTATIONS } from './mutations.ts'
import { prepareSimulation, simulate } from './simulation.ts'

const SEEDS_OF_TESTS = 4
const SEEDS_OF_LONG_SET = 50
const SEEDS = Number(process.env.TOCSIN_SIMULATIONS ?? SEEDS_OF_TESTS)
/** The seeds of `npm test` and of the long set are always the same: other seeds are for the soak. */
const FIRST = process.env.TOCSIN_SIMULATIONS === undefined ? 1 : Number(process.env.TOCSIN_SEED ?? 1)
/** True: every broken rule is tried; else those that few seeds find. */
const IS_SOAK = process.env.TOCSIN_SOAK !== undefined
/** Seeds after which a broken rule must have been found. */
const MAX_SEEDS = 100
const ALL_SEEDS = Array.from({ length: MAX_SEEDS }, (_, index) => index + 1)

describe.each(usualKinds)('simulated hours on %s', (kind) => {
  let database: Database
  beforeAll(async () => {
    database = await testDatabase(kind, { poolSize: 1 })
    await prepareSimulation(database)
  })
  afterAll(() => database.close())

  async function keepEveryPromise(first: number, seeds: number): Promise<void> {
    let [hours, crashes, messages] = [0, 0, 0]
    for (let seed = first; seed < first + seeds; seed++) {
      const { problems, virtualMs, ...run } = await simulate(database, seed)
      hours += virtualMs / 3_600_000
      crashes += run.crashes
      messages += run.messages
      expect(problems, `npm run soak -- --simulate --seed ${seed}`).toEqual([])
    }
    if (process.env.TOCSIN_SIMULATIONS !== undefined)
      console.log(`${hours.toFixed(1)} hours, ${crashes} crashes, ${messages} SMS`)
  }
  const timeout = Number.POSITIVE_INFINITY
  test(`keep every promise, ${SEEDS} seeds from ${FIRST}`, { timeout }, () => keepEveryPromise(FIRST, SEEDS))
  test(`keep every promise, up to seed ${SEEDS_OF_LONG_SET}`, { tags: 'long', timeout }, () =>
    keepEveryPromise(SEEDS_OF_TESTS + 1, SEEDS_OF_LONG_SET - SEEDS_OF_TESTS),
  )

  test('end in the same way from the same seed', async () => {
    expect(await simulate(database, FIRST)).toEqual(await simulate(database, FIRST))
  })

  test.each(Object.entries(MUTATIONS).filter(([, { seed }]) => seed !== undefined || IS_SOAK))(
    'find that %s',
    async (_, { promise, mutation, seed: known = 1 }) => {
      const found: string[] = []
      for (const seed of new Set([known, ...ALL_SEEDS])) {
        if (found.length > 0) break
        const { problems } = await simulate(database, seed, mutation)
        found.push(...problems.filter((problem) => problem.startsWith(promise)))
      }
      expect(found).not.toEqual([])
    },
    Number.POSITIVE_INFINITY,
  )
})
