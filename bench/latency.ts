import type { Deps } from '../src/deps.ts'
import { BENCH_SCHEME, type DatabaseKind, fillScheme, untilBroadcastDone } from '../test/support/world.ts'
import { forgetSolicitations, gatherCommunes, giveOrder, type WrittenAlert, writeAlert } from './act.ts'
import { type Age, addKept, keyAt, onEachAge } from './ages.ts'
import type { BenchContext } from './context.ts'
import { type Effort, watchEffort } from './effort.ts'
import { type BenchResults, median, percentile, result } from './result.ts'

const MEMBERS = 10_000
/** The communes of one alert among the 400 of the scheme: 25 members each. */
const COMMUNES = Array.from({ length: 44 }, (_, index) => `00${String(index + 2).padStart(3, '0')}`)
const RECIPIENTS = 1100
const ORDERS = 40
const TARGETS_MS = { embedded: { p50: 50, p95: 90 }, postgres: { p50: 20, p95: 60 } } as const

/**
 * Measures F3: from the operator's order to the first SMS in the SMSC's log, and to the last one accepted. The
 * order is the complete action, with its checks, decision and audit entry, by an operator who has seen the
 * audience.
 */
export async function benchLatency(context: BenchContext, kind: DatabaseKind): Promise<BenchResults> {
  const name = kind === 'embedded' ? 'pglite' : kind
  const runs = new Map<Age, { firstMs: number; allMs: number }[]>(context.ages.map((age) => [age, []]))
  const efforts = new Map<Age, Effort[]>(context.ages.map((age) => [age, []]))
  async function fill(deps: Deps): Promise<void> {
    await fillScheme(deps, MEMBERS)
    await gatherCommunes(deps, COMMUNES)
  }
  await onEachAge(context, kind, { window: 500, fill }, async (grounds) => {
    const written = new Map<Age, WrittenAlert[]>(grounds.map(({ age }) => [age, []]))
    for (let order = -3; order < ORDERS; order++) {
      for (const { age, deps, smsc } of grounds) {
        const earlier = written.get(age) as WrittenAlert[]
        await fetch(`${smsc.http}/log`, { method: 'DELETE' })
        const alert = await writeAlert(deps, BENCH_SCHEME, {
          place: `rue ${order + 4}`,
          communeCode: COMMUNES[0] as string,
        })
        const watch = kind === 'postgres' ? await watchEffort(deps) : undefined
        const start = Date.now()
        const { broadcastId } = await giveOrder(deps, alert, earlier)
        const effort = await watch?.effort
        await untilBroadcastDone(deps, broadcastId, 30_000)
        watch?.stop()
        earlier.push(alert)
        await forgetSolicitations(deps)
        const lines = (await (await fetch(`${smsc.http}/log`)).text()).trim().split('\n')
        const times = lines.map((line) => Date.parse((JSON.parse(line) as { at: string }).at))
        if (times.length !== RECIPIENTS) throw new Error(`the SMSC accepted ${times.length} of ${RECIPIENTS}`)
        // The first orders warm up the program and the database.
        if (order >= 0) {
          if (effort !== undefined) efforts.get(age)?.push(effort)
          runs.get(age)?.push({ firstMs: Math.min(...times) - start, allMs: Math.max(...times) - start })
        }
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
  })
  const results: BenchResults = {}
  for (const [age, ofAge] of runs) {
    const first = ofAge.map((run) => run.firstMs)
    const all = ofAge.map((run) => run.allMs)
    const key = (measure: string) => keyAt(age, `F3.${name}`, measure)
    context.print(
      `F3 ${name} ${age}: first p50 ${percentile(first, 0.5)} ms, p95 ${percentile(first, 0.95)} ms`,
    )
    results[key('first.p50')] = result(percentile(first, 0.5), 'ms', TARGETS_MS[kind].p50, 'atMost', ofAge)
    results[key('first.p95')] = result(percentile(first, 0.95), 'ms', TARGETS_MS[kind].p95, 'atMost', [])
    results[key('all.p95')] = result(percentile(all, 0.95), 'ms', 150, 'atMost', [])
  }
  for (const [age, ofAge] of efforts) {
    if (ofAge.length === 0) continue
    // Periodic work of the engine falls into few of the orders, so that the median excludes it.
    const statements = median(ofAge.map((effort) => effort.statements.length))
    const cpuMs = ofAge.map((effort) => effort.cpuMs)
    context.print(
      `F3 ${name} ${age}: ${statements} statements, ${median(cpuMs).toFixed(1)} ms of processor time`,
    )
    const key = (measure: string) => keyAt(age, `F3.${name}`, measure)
    results[key('statements')] = result(statements, 'statements', 12, 'atMost', [])
    results[key('cpu')] = result(median(cpuMs), 'ms of processor time', 12, 'atMost', [])
  }
  addKept(results, `F3.${name}`, 'atMost', ['first.p50', 'first.p95', 'all.p95'])
  return results
}
