import type { Deps } from '../src/deps.ts'
import type { DatabaseSettings } from '../src/platform/db.ts'
import { fillAgedLedger } from '../test/support/aged-ledger.ts'
import { type SmscProcess, startSmscProcess } from '../test/support/smsc-process.ts'
import { type DatabaseKind, freshDatabase, startWorld } from '../test/support/world.ts'
import type { BenchContext } from './context.ts'
import { type BenchResult, type BenchResults, round } from './result.ts'

/** A ledger without a delivery, and one with those of a year. */
export type Age = 'fresh' | 'aged'
export const AGES: readonly Age[] = ['fresh', 'aged']
/** Broadcasts of an aged ledger that are over. */
const ENDED = 300
/** An aged ledger is as fast as a fresh one, but for so much. */
const KEPT = 0.85

/** An engine over a database of its own, with an SMSC of its own. */
export interface Ground {
  readonly age: Age
  readonly deps: Deps
  readonly smsc: SmscProcess
  readonly settings: DatabaseSettings
}

/**
 * Opens a ground of each age that is asked for. They stand side by side, so that what is measured on one is measured on the
 * other right behind it, whatever else the machine does.
 */
export async function onEachAge<T>(
  context: BenchContext,
  kind: DatabaseKind,
  options: {
    readonly window: number
    readonly smscArguments?: readonly string[]
    /** Schemes among which the old broadcasts are shared out; default the one of the benches. */
    readonly schemeIds?: readonly string[]
    /** Writes members and whatever else is not of the ledger. */
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

/** "F3.postgres.first.p50" on a fresh ledger, "F3.postgres.aged.first.p50" on an aged one. */
export function keyAt(age: Age, name: string, measure = ''): string {
  return `${name}${age === 'aged' ? '.aged' : ''}${measure === '' ? '' : `.${measure}`}`
}

/**
 * Adds, for each result that was measured at both ages, how much of its speed an aged ledger keeps: at least 1 means none
 * is lost.
 * @param direction of the results: throughput is at least its target, time at most
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
