import { sql } from 'kysely'
import type { Deps } from '../src/deps.ts'
import { startSmscProcess } from '../test/support/smsc-process.ts'
import { freshDatabase, orderBroadcast, startWorld } from '../test/support/world.ts'
import type { BenchContext } from './context.ts'
import { type BenchResults, median, percentile, result } from './result.ts'
import { fillSchemes } from './storm.ts'

const SCHEMES = 101
const LOCAL_ALERTS = 50
/** Recipients of a local alert. */
const RECIPIENTS = 1100
/** Rates of contracts, in parts a second: from that of a small contract to that of a large one. */
export const RATES: readonly number[] = [1000, 300, 100]
/** The national alert is sent to its end where that takes at most this; else until the local ones have ended. */
const WHOLE_SECONDS = 900
const WINDOW = 100
/** Messages of an alert until the next one has its turn, at a low rate. */
const TURN = 10
/** Time of a run beyond what its messages need at the rate of the contract. */
const SPARE_SECONDS = 120
const NATIONAL = 'bench-1'

interface Ended {
  readonly schemeId: string
  readonly planned: number
  readonly accepted: number
  /** Seconds from the order to the first SMS handed to the provider, and to the last that it accepted. */
  readonly firstSeconds: number | null
  readonly allSeconds: number | null
}

/** Times of the alert of one scheme, by one contract. */
interface SchemeTimes {
  readonly scheme: number
  readonly recipients: number
  readonly firstSeconds: number
  readonly allSeconds: number
}

/**
 * Simulates S1: one installation with 101 schemes and 1,000,000 members, half of them in a national scheme. It orders
 * an alert to all its members, and 50 local schemes order alerts to 1,100 each at once, all by one contract with
 * a provider of a given rate. Time is real. Targets: a local alert has left when equal shares of the contract allow
 * it, and the contract is used to nine tenths at least. Prints the times of each scheme as a
 * table of Markdown.
 */
export async function benchContractRates(context: BenchContext): Promise<BenchResults> {
  const national = context.national / 2
  const local = Math.max(RECIPIENTS, Math.ceil(national / (SCHEMES - 1)))
  const server = await context.postgres()
  const results: BenchResults = {}
  for (const rate of context.rates) {
    const { settings, remove } = await freshDatabase('postgres', server)
    const smsc = await startSmscProcess(['--sink'])
    const world = await startWorld({
      database: settings,
      smscPort: smsc.port,
      window: WINDOW,
      gateway: { partsPerSecond: rate },
    })
    try {
      const { deps } = world
      await fillSchemes(deps, { first: 1, count: 1, members: national, phonesFrom: 0 })
      await fillSchemes(deps, { first: 2, count: SCHEMES - 1, members: local, phonesFrom: national })
      await sql`vacuum analyze members, contacts`.execute(deps.db)
      Object.assign(results, await measureRate(context, deps, { rate, national }))
    } finally {
      await world.stop()
      await smsc.stop()
      await remove()
    }
  }
  return results
}

/** Makes the table of what each scheme waited: the national one, then the local ones. */
function tableOfSchemes(times: readonly SchemeTimes[]): string {
  const row = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`
  const lines = [...times]
    .sort((a, b) => a.scheme - b.scheme)
    .map(({ scheme, recipients, firstSeconds, allSeconds }) =>
      row([scheme === 1 ? '1, national' : scheme, recipients, seconds(firstSeconds), seconds(allSeconds)]),
    )
  return [
    row(['Scheme', 'Recipients', 'First SMS', 'Last accepted']),
    row(Array(4).fill('---')),
    ...lines,
  ].join('\n')
}

async function measureRate(
  context: BenchContext,
  deps: Deps,
  { rate, national }: { readonly rate: number; readonly national: number },
): Promise<BenchResults> {
  const order = (schemeId: string, limit: number) =>
    orderBroadcast(deps, { schemeId, limit, validMinutes: 24 * 60, text: `Faux billets, ${schemeId}.` })
  const start = performance.now()
  const orders = [order(NATIONAL, national)]
  for (let no = 2; no < LOCAL_ALERTS + 2; no++) orders.push(order(`bench-${no}`, RECIPIENTS))
  await Promise.all(orders)
  const isWhole = national / rate <= WHOLE_SECONDS
  const total = LOCAL_ALERTS * RECIPIENTS
  const mostSeconds = (isWhole ? total + national : 2 * total) / rate + SPARE_SECONDS
  let rows = await readEnds(deps)
  const isOver = () =>
    rows.every(({ schemeId, allSeconds }) => allSeconds !== null || (!isWhole && schemeId === NATIONAL))
  while (!isOver()) {
    if (performance.now() - start > mostSeconds * 1000)
      throw new Error(`not sent after ${mostSeconds} s at ${rate} a second`)
    await new Promise((resolve) => setTimeout(resolve, 500))
    rows = await readEnds(deps)
  }
  const elapsed = (performance.now() - start) / 1000
  const locals = rows.filter(({ schemeId }) => schemeId !== NATIONAL)
  const large = rows.find(({ schemeId }) => schemeId === NATIONAL)
  const first = locals.map(({ firstSeconds }) => firstSeconds ?? Number.NaN)
  const all = locals.map(({ allSeconds }) => allSeconds ?? Number.NaN)
  const sent = rows.reduce((sum, { accepted }) => sum + accepted, 0)
  const used = sent / elapsed / rate
  const left = national - (large?.accepted ?? 0)
  const nationalSeconds = large?.allSeconds ?? elapsed + left / (rate * used)
  // Each of the 51 alerts gets a share of the contract until the local ones have ended.
  const fairSeconds = ((LOCAL_ALERTS + 1) * RECIPIENTS) / rate
  context.print(
    `S1 ${rate}/s: local alerts, first SMS p50 ${seconds(median(first))}, last ${seconds(Math.max(...first))}; all accepted p50 ${seconds(median(all))}, last ${seconds(Math.max(...all))} (equal shares ${seconds(fairSeconds)}); national ${national}: first ${seconds(large?.firstSeconds ?? Number.NaN)}, all ${seconds(nationalSeconds)}${isWhole ? '' : ' (by its rate)'}; contract used ${Math.round(used * 100)} %`,
  )
  const times = rows.map(({ schemeId, planned, firstSeconds, allSeconds }) => ({
    scheme: Number(schemeId.slice('bench-'.length)),
    recipients: planned,
    firstSeconds: firstSeconds ?? Number.NaN,
    allSeconds: allSeconds ?? nationalSeconds,
  }))
  const key = (measure: string) => `S1.rate${rate}.${measure}`
  const fairFirst = 2 + ((LOCAL_ALERTS + 1) * TURN) / rate
  const runs = times.map((one) => ({ ...one }))
  context.print(tableOfSchemes(times))
  return {
    [key('local.all.p95')]: result(percentile(all, 0.95), 's', 1.15 * fairSeconds + 2, 'atMost', runs),
    [key('local.first.p95')]: result(percentile(first, 0.95), 's', fairFirst, 'atMost', []),
    [key('national.all')]: result(nationalSeconds, 's', (1.1 * (national + total)) / rate + 2, 'atMost', []),
    [key('used')]: result(used, 'of the rate', 0.9, 'atLeast', []),
  }
}

async function readEnds({ db }: Pick<Deps, 'db'>): Promise<Ended[]> {
  const { rows } = await sql<Ended>`
    select scheme_id, planned, accepted + delivered as accepted,
      extract(epoch from first_submit_at - ordered_at)::float8 as first_seconds,
      extract(epoch from all_accepted_at - ordered_at)::float8 as all_seconds
    from broadcasts`.execute(db)
  return rows
}

const seconds = (value: number) => `${value.toFixed(value < 10 ? 2 : 0)} s`
