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
import { type BenchResults, percentile, result } from './result.ts'

const URGENT = 100
const ORDERS = 20

/** F4: an urgent alert ordered while a large message of low priority is on its way; its first SMS in the SMSC's log. */
export async function benchOvertake(context: BenchContext, kind: DatabaseKind): Promise<BenchResults> {
  const server = kind === 'postgres' ? await context.postgres() : undefined
  const fresh = await freshDatabase(kind, server)
  const smsc = await startSmscProcess()
  const world = await startWorld({ database: fresh.settings, smscPort: smsc.port, window: 500 })
  const name = kind === 'embedded' ? 'pglite' : kind
  const runs: { firstMs: number }[] = []
  try {
    const { deps } = world
    await fillScheme(deps, context.large)
    let bulk = await orderBroadcast(deps, { limit: context.large, lane: 'service' })
    for (let order = 0; order < ORDERS; order++) {
      const { state } = await deps.db
        .selectFrom('broadcasts')
        .select('state')
        .where('id', '=', bulk)
        .executeTakeFirstOrThrow()
      if (state === 'done') bulk = await orderBroadcast(deps, { limit: context.large, lane: 'service' })
      await new Promise((resolve) => setTimeout(resolve, 100))
      const text = `urgent ${order}`
      const start = Date.now()
      const urgent = await orderBroadcast(deps, { limit: URGENT, lane: 'vital', text })
      await untilBroadcastDone(deps, urgent, 60_000)
      runs.push({ firstMs: (await firstOf(smsc.http, text)) - start })
    }
    await untilBroadcastDone(deps, bulk, 120_000)
  } finally {
    await world.stop()
    await smsc.stop()
    await fresh.remove()
  }
  const p95 = percentile(
    runs.map((run) => run.firstMs),
    0.95,
  )
  context.say(`F4 ${name}: first SMS of the urgent alert p95 ${p95} ms`)
  return { [`F4.${name}`]: result(p95, 'ms', 300, 'atMost', runs) }
}

/** When the SMSC accepted the first message with this text. */
async function firstOf(http: string, text: string): Promise<number> {
  const lines = (await (await fetch(`${http}/log`)).text()).trim().split('\n')
  const times = lines.flatMap((line) => {
    if (!line.includes(text)) return []
    const entry = JSON.parse(line) as { at: string; text: string }
    return entry.text === text ? [Date.parse(entry.at)] : []
  })
  await fetch(`${http}/log`, { method: 'DELETE' })
  if (times.length === 0) throw new Error('the urgent alert is not in the log of the SMSC')
  return Math.min(...times)
}
