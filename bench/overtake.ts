import type { Deps } from '../src/deps.ts'
import { type DatabaseKind, fillScheme, orderBroadcast, untilBroadcastDone } from '../test/support/world.ts'
import { type Age, addKept, type Ground, keyAt, onEachAge } from './ages.ts'
import type { BenchContext } from './context.ts'
import { type BenchResults, percentile, result } from './result.ts'

const URGENT = 100
const ORDERS = 20

/** Rounds in which the ledgers alternate: two concurrent bulk messages would share the processors. */
const ROUNDS = 2

/**
 * Measures F4: the time from an urgent alert, ordered during a large message of low priority, to its first SMS in
 * the SMSC's log.
 */
export async function benchOvertake(context: BenchContext, kind: DatabaseKind): Promise<BenchResults> {
  const name = kind === 'embedded' ? 'pglite' : kind
  const runs = new Map<Age, { firstMs: number }[]>(context.ages.map((age) => [age, []]))
  const fill = (deps: Deps) => fillScheme(deps, context.large)
  await onEachAge(context, kind, { window: 500, fill }, async (grounds) => {
    for (let round = 0; round < ROUNDS; round++) {
      for (const ground of grounds) {
        const orders = Array.from({ length: ORDERS / ROUNDS }, (_, index) => `urgent ${round}.${index}`)
        runs.get(ground.age)?.push(...(await measureOvertaking(ground, context.large, orders)))
      }
    }
  })
  const results: BenchResults = {}
  for (const [age, ofAge] of runs) {
    const p95 = percentile(
      ofAge.map((run) => run.firstMs),
      0.95,
    )
    context.print(`F4 ${name} ${age}: first SMS of the urgent alert p95 ${p95} ms`)
    results[keyAt(age, `F4.${name}`)] = result(p95, 'ms', 60, 'atMost', ofAge)
  }
  addKept(results, `F4.${name}`, 'atMost', [''])
  return results
}

/** Orders urgent alerts one after the other, each during a bulk message. */
async function measureOvertaking(
  { deps, smsc }: Ground,
  recipients: number,
  texts: readonly string[],
): Promise<{ firstMs: number }[]> {
  const runs: { firstMs: number }[] = []
  let bulk = await orderBroadcast(deps, { limit: recipients, lane: 'service' })
  for (const text of texts) {
    const { state } = await deps.db
      .selectFrom('broadcasts')
      .select('state')
      .where('id', '=', bulk)
      .executeTakeFirstOrThrow()
    if (state === 'done') bulk = await orderBroadcast(deps, { limit: recipients, lane: 'service' })
    await new Promise((resolve) => setTimeout(resolve, 100))
    const start = Date.now()
    const urgent = await orderBroadcast(deps, { limit: URGENT, lane: 'vital', text })
    await untilBroadcastDone(deps, urgent, 60_000)
    runs.push({ firstMs: (await findFirstAccepted(smsc.http, text)) - start })
  }
  await untilBroadcastDone(deps, bulk, 120_000)
  return runs
}

/** Finds when the SMSC accepted the first message with this text. */
async function findFirstAccepted(http: string, text: string): Promise<number> {
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
