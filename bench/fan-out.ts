import type { Deps } from '../src/deps.ts'
import { startSmscProcess } from '../test/support/smsc-process.ts'
import {
  type DatabaseKind,
  fillScheme,
  freshDatabase,
  orderBroadcast,
  startWorld,
  untilBroadcastDone,
} from '../test/support/world.ts'
import type { BenchContext } from './context.ts'
import { measureFloor } from './floor.ts'
import { type BenchResults, median, result, round } from './result.ts'

export interface FanOutRun {
  readonly recipients: number
  readonly perSecond: number
  readonly ms: number
  /** Resident memory at its highest over what it was before, MB. */
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

/** F1 and F6: everybody of a scheme reached over SMPP, each state of each recipient on disk. */
export async function benchFanOut(context: BenchContext, kind: DatabaseKind): Promise<BenchResults> {
  const server = kind === 'postgres' ? await context.postgres() : undefined
  const fresh = await freshDatabase(kind, server)
  const smsc = await startSmscProcess(['--sink'])
  const world = await startWorld({ database: fresh.settings, smscPort: smsc.port, window: 4000 })
  const name = kind === 'embedded' ? 'pglite' : kind
  const small = context.large / 10
  const large: (FanOutRun & { floor?: number })[] = []
  const little: FanOutRun[] = []
  try {
    await fillScheme(world.deps, context.large)
    await measureFanOut(world.deps, small)
    for (let run = 0; run < context.runs; run++) {
      little.push(await measureFanOut(world.deps, small))
      const one = await measureFanOut(world.deps, context.large)
      if (fresh.settings.kind === 'postgres') {
        const floor = await measureFloor(fresh.settings.url, context.large)
        large.push({ ...one, floor: Math.max(floor.updated, floor.appended) })
        context.say(
          `F1 ${name}: ${Math.round(one.perSecond)}/s, floor ${Math.round(floor.updated)} updated, ${Math.round(floor.appended)} appended`,
        )
      } else {
        large.push(one)
        context.say(`F1 ${name}: ${Math.round(one.perSecond)}/s`)
      }
    }
  } finally {
    await world.stop()
    await smsc.stop()
    await fresh.remove()
  }

  const results: BenchResults = {}
  if (kind === 'postgres') {
    const ratio = median(large.map((run) => run.perSecond / (run.floor ?? Number.NaN)))
    results[`F1.${name}`] = result(
      ratio,
      'x the database floor',
      0.5,
      'atLeast',
      large.map((run) => ({ ...run, floor: Math.round(run.floor ?? 0) })),
    )
  } else {
    results[`F1.${name}`] = result(
      median(large.map((run) => run.perSecond)),
      'recipients/s',
      10_000,
      'atLeast',
      large.map((run) => ({ ...run })),
    )
  }
  results[`F1.${name}.small`] = result(
    median(little.map((run) => run.perSecond)),
    'recipients/s',
    10_000,
    'atLeast',
    little.map((run) => ({ ...run })),
  )
  const growth = median(large.map((run) => run.ms)) / median(little.map((run) => run.ms))
  results[`F6.${name}.time`] = result(
    growth,
    'x the time for 10 x the recipients',
    11,
    'atMost',
    large.map((run, index) => ({ largeMs: run.ms, smallMs: little[index]?.ms ?? 0 })),
  )
  if (kind === 'postgres') {
    // The embedded database lives in the same process: its pages are not the program's memory.
    const more = Math.max(
      0,
      median(large.map((run) => run.memoryMb)) - median(little.map((run) => run.memoryMb)),
    )
    results[`F6.${name}.memory`] = result(
      more,
      'MB more for 10 x the recipients',
      64,
      'atMost',
      large.map((run, index) => ({ largeMb: run.memoryMb, smallMb: little[index]?.memoryMb ?? 0 })),
    )
  }
  return results
}
