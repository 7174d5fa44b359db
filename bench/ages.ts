import type { Deps } from '../src/deps.ts'
import type { DatabaseSettings } from '../src/platform/db.ts'
import { fillAgedLedger } from '../test/support/aged-ledger.ts'
import { type SmscProcess, startSmscProcess } from '../test/support/smsc-process.ts'
import { type DatabaseKind, freshDatabase, startWorld } from '../test/support/world.ts'
import type { BenchContext } from './context.ts'
import { type BenchResult, type BenchResults, round } from './result.ts'

/** A ledger without deliveries, and one with those of a year. */
export type Age = 'fresh' | 'aged'
export const AGES: readonly Age[] = ['fresh', 'aged']
/** Finished broadcasts of an aged ledger. */
const ENDED = 300
/** Minimum speed of an aged ledger relative to a fresh one. */
const KEPT = 0.85

/** An engine over a separate database with a separate SMSC. */
export interface Ground {
  readonly age: Age
  readonly deps: Deps
  readonly smsc: SmscProcess
  readonly settings: DatabaseSettings
}

/**
 * Opens a ground for each requested age. They run side by side, so that measures alternate between them and both
 * see the same load of the machine.
 */
export async function onEachAge<T>(
  context: BenchContext,
  kind: DatabaseKind,
  options: {
    readonly window: number
    readonly smscArguments?: readonly string[]
    /** Schemes that share the old broadcasts; default: the one of the benches. */
    readonly schemeIds?: readonly string[]
    /** Writes members and everything else outside of the ledger. */
    readonly fill: (deps: Deps) => Promise<void>
  },
  use: (grounds: readonly Ground[]) => Promise<T>,
): Promise<T> {
  const server = kind === 'postgres' ? await context.postgres() : undefined
  const grounds: Ground[] = []
  const stops: (() => Promise<void>)[] = []
  try {
    for (const age of context.ages) {
      const { settings, remove } = await freshDatabase(kind, server)
      stops.push(remove)
      const smsc = await startSmscProcess(options.smscArguments)
      stops.push(() => smsc.stop())
      const world = await startWorld({ database: settings, smscPort: smsc.port, window: options.window })
      stops.push(() => world.stop())
      await options.fill(world.deps)
      if (age === 'aged') {
        const { schemeIds } = options
        const each = Math.ceil(context.deliveries / ENDED)
        await fillAgedLedger(world.deps, { ended: ENDED, each, ...(schemeIds && { schemeIds }) })
      }
      grounds.push({ age, deps: world.deps, smsc, settings })
    }
    return await use(grounds)
  } finally {
    for (const stop of stops.reverse()) await stop()
  }
}

/**
 * Makes the key of a result: "F3.postgres.first.p50" on a fresh ledger, "F3.postgres.aged.first.p50" on an aged
 * one.
 */
export function keyAt(age: Age, name: string, measure = ''): string {
  return `${name}${age === 'aged' ? '.aged' : ''}${measure === '' ? '' : `.${measure}`}`
}

/**
 * Adds, for each result measured at both ages, the speed of the aged ledger relative to the fresh one: 1 or more
 * means no loss.
 * @param direction of the results: throughput must be at least its target, time at most
 */
export function addKept(
  results: BenchResults,
  name: string,
  direction: 'atLeast' | 'atMost',
  measures: readonly string[],
): void {
  for (const measure of measures) {
    const fresh = results[keyAt('fresh', name, measure)]
    const aged = results[keyAt('aged', name, measure)]
    if (fresh === undefined || aged === undefined) continue
    const kept = direction === 'atLeast' ? aged.value / fresh.value : fresh.value / aged.value
    results[keyAt('aged', name, measure === '' ? 'kept' : `${measure}.kept`)] = keptResult(kept)
  }
}

export function keptResult(kept: number, runs: BenchResult['runs'] = []): BenchResult {
  return { value: round(kept), unit: 'x fresh', target: KEPT, holds: kept >= KEPT, runs }
}
