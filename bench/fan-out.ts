import type { Deps } from '../src/deps.ts'
import { type DatabaseKind, fillScheme, orderBroadcast, untilBroadcastDone } from '../test/support/world.ts'
import { type Age, keptResult, keyAt, onEachAge } from './ages.ts'
import type { BenchContext } from './context.ts'
import { measureFloor } from './floor.ts'
import { type BenchResults, median, result, round } from './result.ts'

export interface FanOutRun {
  readonly recipients: number
  readonly perSecond: number
  readonly ms: number
  /** Peak resident memory minus that before the run, in MB. */
  readonly memoryMb: number
}

/** Orders a broadcast to the first `recipients` of the scheme and waits until each is delivered, on disk. */
export async function measureFanOut(deps: Deps, recipients: number): Promise<FanOutRun> {
  const before = process.memoryUsage().rss
  let highest = before
  const sampler = setInterval(() => {
    highest = Math.max(highest, process.memoryUsage().rss)
  }, 50)
  try {
    const start = performance.now()
    const id = await orderBroadcast(deps, { limit: recipients })
    const done = await untilBroadcastDone(deps, id, 120_000)
    const ms = performance.now() - start
    if (done.delivered !== recipients) throw new Error(`delivered ${done.delivered} of ${recipients}`)
    return {
      recipients,
      perSecond: Math.round(recipients / (ms / 1000)),
      ms: Math.round(ms),
      memoryMb: round((highest - before) / 1024 / 1024),
    }
  } finally {
    clearInterval(sampler)
  }
}

type LargeRun = FanOutRun & { readonly floor?: number }
interface Measured {
  readonly little: FanOutRun[]
  readonly large: LargeRun[]
}

/** Measures F1 and F6: all members of a scheme reached over SMPP, with each state of each recipient on disk. */
export async function benchFanOut(context: BenchContext, kind: DatabaseKind): Promise<BenchResults> {
  const name = kind === 'embedded' ? 'pglite' : kind
  const small = context.large / 10
  const measured = new Map<Age, Measured>(context.ages.map((age) => [age, { little: [], large: [] }]))
  const fill = (deps: Deps) => fillScheme(deps, context.large)
  await onEachAge(context, kind, { window: 4000, smscArguments: ['--sink'], fill }, async (grounds) => {
    for (const { deps } of grounds) await measureFanOut(deps, small)
    for (let run = 0; run < context.runs; run++) {
      for (const { age, deps, settings } of grounds) {
        const { little, large } = measured.get(age) as Measured
        little.push(await measureFanOut(deps, small))
        const one = await measureFanOut(deps, context.large)
        if (settings.kind === 'postgres') {
          const floor = await measureFloor(settings.url, context.large)
          large.push({ ...one, floor: Math.max(floor.updated, floor.appended) })
          context.print(
            `F1 ${name} ${age}: ${Math.round(one.perSecond)}/s, floor ${Math.round(floor.updated)} updated, ${Math.round(floor.appended)} appended`,
          )
        } else {
          large.push(one)
          context.print(`F1 ${name} ${age}: ${Math.round(one.perSecond)}/s`)
        }
      }
    }
  })
  const results: BenchResults = {}
  for (const [age, runs] of measured) Object.assign(results, toResults(age, name, kind, runs))
  const [fresh, aged] = [measured.get('fresh'), measured.get('aged')]
  if (fresh !== undefined && aged !== undefined) {
    // Compared run by run, since both were measured one right after the other.
    const keptOf = (what: keyof Measured) =>
      median(aged[what].map((run, index) => run.perSecond / (fresh[what][index]?.perSecond ?? Number.NaN)))
    results[`F1.${name}.aged.kept`] = keptResult(keptOf('large'))
    results[`F1.${name}.aged.small.kept`] = keptResult(keptOf('little'))
  }
  return results
}

function toResults(age: Age, name: string, kind: DatabaseKind, { little, large }: Measured): BenchResults {
  const results: BenchResults = {}
  const key = (promise: string, measure?: string) => keyAt(age, `${promise}.${name}`, measure)
  if (kind === 'postgres') {
    const ratio = median(large.map((run) => run.perSecond / (run.floor ?? Number.NaN)))
    results[key('F1')] = result(
      ratio,
      'x the database floor',
      0.4,
      'atLeast',
      large.map((run) => ({ ...run, floor: Math.round(run.floor ?? 0) })),
    )
  } else {
    results[key('F1')] = result(
      median(large.map((run) => run.perSecond)),
      'recipients/s',
      20_000,
      'atLeast',
      large.map((run) => ({ ...run })),
    )
  }
  results[key('F1', 'small')] = result(
    median(little.map((run) => run.perSecond)),
    'recipients/s',
    10_000,
    'atLeast',
    little.map((run) => ({ ...run })),
  )
  const growth = median(large.map((run) => run.ms)) / median(little.map((run) => run.ms))
  results[key('F6', 'time')] = result(
    growth,
    'x the time for 10 x the recipients',
    11,
    'atMost',
    large.map((run, index) => ({ largeMs: run.ms, smallMs: little[index]?.ms ?? 0 })),
  )
  if (kind === 'postgres') {
    // The embedded database is in the same process: its pages are not memory of the program.
    const more = Math.max(
      0,
      median(large.map((run) => run.memoryMb)) - median(little.map((run) => run.memoryMb)),
    )
    results[key('F6', 'memory')] = result(
      more,
      'MB more for 10 x the recipients',
      16,
      'atMost',
      large.map((run, index) => ({ largeMb: run.memoryMb, smallMb: little[index]?.memoryMb ?? 0 })),
    )
  }
  return results
}
