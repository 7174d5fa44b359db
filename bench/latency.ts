import { startSmscProcess } from '../test/support/smsc-process.ts'
import {
  BENCH_SCHEME,
  type DatabaseKind,
  fillScheme,
  freshDatabase,
  startWorld,
  untilBroadcastDone,
} from '../test/support/world.ts'
import { forgetSolicitations, gatherCommunes, giveOrder, type WrittenAlert, writeAlert } from './act.ts'
import type { BenchContext } from './context.ts'
import { type BenchResults, percentile, result } from './result.ts'

const MEMBERS = 10_000
/** Of the 400 communes of the scheme, those of one alert: 25 members each. */
const COMMUNES = Array.from({ length: 44 }, (_, index) => `00${String(index + 2).padStart(3, '0')}`)
const RECIPIENTS = 1100
const ORDERS = 40

/**
 * F3: from the operator's order to the first SMS in the SMSC's log, and to the last one accepted. The order is the whole
 * act, with its checks, its decision and its record, by an operator who has seen the audience.
 */
export async function benchLatency(context: BenchContext, kind: DatabaseKind): Promise<BenchResults> {
  const server = kind === 'postgres' ? await context.postgres() : undefined
  const fresh = await freshDatabase(kind, server)
  const smsc = await startSmscProcess()
  const world = await startWorld({ database: fresh.settings, smscPort: smsc.port, window: 500 })
  const name = kind === 'embedded' ? 'pglite' : kind
  const runs: { firstMs: number; allMs: number }[] = []
  try {
    await fillScheme(world.deps, MEMBERS)
    await gatherCommunes(world.deps, COMMUNES)
    const written: WrittenAlert[] = []
    for (let order = -3; order < ORDERS; order++) {
      await fetch(`${smsc.http}/log`, { method: 'DELETE' })
      const alert = await writeAlert(world.deps, BENCH_SCHEME, {
        place: `rue ${order + 4}`,
        communeCode: COMMUNES[0] as string,
      })
      const start = Date.now()
      const { broadcastId } = await giveOrder(world.deps, alert, written)
      await untilBroadcastDone(world.deps, broadcastId, 30_000)
      written.push(alert)
      await forgetSolicitations(world.deps)
      const lines = (await (await fetch(`${smsc.http}/log`)).text()).trim().split('\n')
      const times = lines.map((line) => Date.parse((JSON.parse(line) as { at: string }).at))
      if (times.length !== RECIPIENTS) throw new Error(`the SMSC accepted ${times.length} of ${RECIPIENTS}`)
      // The first orders warm the program and the database up.
      if (order >= 0) runs.push({ firstMs: Math.min(...times) - start, allMs: Math.max(...times) - start })
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  } finally {
    await world.stop()
    await smsc.stop()
    await fresh.remove()
  }
  const first = runs.map((run) => run.firstMs)
  context.say(`F3 ${name}: first p50 ${percentile(first, 0.5)} ms, p95 ${percentile(first, 0.95)} ms`)
  return {
    [`F3.${name}.first.p50`]: result(percentile(first, 0.5), 'ms', 50, 'atMost', runs),
    [`F3.${name}.first.p95`]: result(percentile(first, 0.95), 'ms', 150, 'atMost', []),
    [`F3.${name}.all.p95`]: result(
      percentile(
        runs.map((run) => run.allMs),
        0.95,
      ),
      'ms',
      400,
      'atMost',
      [],
    ),
  }
}
