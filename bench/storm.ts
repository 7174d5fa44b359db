import { sql } from 'kysely'
import type { Deps } from '../src/deps.ts'
import { type SmscProcess, startSmscProcess } from '../test/support/smsc-process.ts'
import {
  type DatabaseKind,
  freshDatabase,
  orderBroadcast,
  startWorld,
  untilBroadcastDone,
} from '../test/support/world.ts'
import type { BenchContext } from './context.ts'
import { type BenchResults, percentile, result } from './result.ts'

const SCHEMES = 101
const RECIPIENTS = 1100
const TIMEOUT_MS = 120_000

/** Sizes of a storm. PGlite, which is for one scheme, gets a tenth of the base and a fifth of the alerts. */
const sizes = (context: BenchContext, kind: DatabaseKind) => ({
  members: kind === 'postgres' ? context.national : context.national / 10,
  alerts: kind === 'postgres' ? 50 : 10,
})

interface Latency {
  readonly firstMs: number
  readonly allMs: number
}

/**
 * F9: 101 schemes on one database, and alerts to 1,100 recipients each ordered in 50 of them at once; meanwhile one
 * scheme more orders one alert after the other, as F3 does on an idle engine, and expects the same.
 */
export async function benchStorm(context: BenchContext, kind: DatabaseKind): Promise<BenchResults> {
  const server = kind === 'postgres' ? await context.postgres() : undefined
  const { members, alerts } = sizes(context, kind)
  const each = Math.ceil(members / SCHEMES)
  const recipients = Math.min(RECIPIENTS, each)
  const fresh = await freshDatabase(kind, server)
  const smsc = await startSmscProcess()
  const world = await startWorld({ database: fresh.settings, smscPort: smsc.port, window: 2000 })
  const name = kind === 'embedded' ? 'pglite' : kind
  const among: Latency[] = []
  const together: Latency[] = []
  try {
    const { deps } = world
    await fillSchemes(deps, each)
    for (let round = -1; round < context.runs * 2; round++) {
      const [storm, single] = await runRound(deps, round)
      // The first round warms the program and the database up.
      if (round < 0) continue
      together.push(...storm)
      among.push(...single)
    }
  } finally {
    await world.stop()
    await smsc.stop()
    await fresh.remove()
  }

  async function runRound(deps: Deps, round: number): Promise<[Latency[], Latency[]]> {
    await fetch(`${smsc.http}/log`, { method: 'DELETE' })
    const started = new Map<string, number>()
    const order = (scheme: number, text: string) => {
      started.set(text, Date.now())
      return orderBroadcast(deps, { schemeId: schemeId(scheme), limit: recipients, text })
    }
    let isOrdered = false
    const storm = Promise.all(
      Array.from({ length: alerts }, (_, index) => order(index + 2, `Storm ${round}, scheme ${index + 2}`)),
    ).then(() => {
      isOrdered = true
    })
    let no = 0
    do {
      const id = await order(1, `Alert ${no++} of round ${round}`)
      await untilBroadcastDone(deps, id, TIMEOUT_MS)
    } while (!isOrdered || (await isAnyOpen(deps)))
    await storm
    const times = await timesByText(smsc)
    const storms: Latency[] = []
    const singles: Latency[] = []
    for (const [text, at] of started) {
      const { first, last, count } = times.get(text) ?? { first: Number.NaN, last: Number.NaN, count: 0 }
      if (count !== recipients) throw new Error(`the SMSC accepted ${count} of ${recipients} of "${text}"`)
      const latency = { firstMs: first - at, allMs: last - at }
      if (text.startsWith('Storm')) storms.push(latency)
      else singles.push(latency)
    }
    return [storms, singles]
  }

  const of = (list: readonly Latency[], what: keyof Latency, share: number) =>
    percentile(
      list.map((latency) => latency[what]),
      share,
    )
  context.say(
    `F9 ${name}: ${each * SCHEMES} members, ${alerts} alerts of ${recipients} at once; one more alert: first p95 ${of(among, 'firstMs', 0.95)} ms, all p95 ${of(among, 'allMs', 0.95)} ms; the ${alerts}: first p95 ${of(together, 'firstMs', 0.95)} ms, all p95 ${of(together, 'allMs', 0.95)} ms`,
  )
  return {
    [`F9.${name}.first.p50`]: result(
      of(among, 'firstMs', 0.5),
      'ms',
      50,
      'atMost',
      among.map((run) => ({ ...run })),
    ),
    [`F9.${name}.first.p95`]: result(of(among, 'firstMs', 0.95), 'ms', 150, 'atMost', []),
    [`F9.${name}.all.p95`]: result(of(among, 'allMs', 0.95), 'ms', 400, 'atMost', []),
    [`F9.${name}.storm.first.p95`]: result(
      of(together, 'firstMs', 0.95),
      'ms',
      150,
      'atMost',
      together.map((run) => ({ ...run })),
    ),
  }
}

/** One question for all of a storm: asking after each would take from the engine what is measured. */
async function isAnyOpen(deps: Pick<Deps, 'db'>): Promise<boolean> {
  const open = await deps.db
    .selectFrom('broadcasts')
    .select('id')
    .where('state', '<>', 'done')
    .limit(1)
    .executeTakeFirst()
  return open !== undefined
}

const schemeId = (no: number) => `bench-${no}`

/** 101 schemes with as many members each, of one contact with a number of its own. */
async function fillSchemes(deps: Pick<Deps, 'db'>, members: number): Promise<void> {
  const uuid = (kind: string) => sql.raw(`('00000000-0000-7000-${kind}-' || lpad(to_hex(n), 12, '0'))::uuid`)
  await deps.db.transaction().execute(async (tx) => {
    const statements = [
      sql`insert into regions values ('00', 'Bench') on conflict do nothing`,
      sql`insert into departements (code, name, region_code) values ('00', 'Bench', '00') on conflict do nothing`,
      sql`insert into communes (code, name, search_name, departement_code, region_code)
        select '00' || lpad(n::text, 3, '0'), 'Commune ' || n, 'commune ' || n, '00', '00' from generate_series(1, 400) n on conflict do nothing`,
      sql`insert into schemes (id, name, territory, reference_prefix, trades, sender, closing_advice, fee_cents, created_at)
        select 'bench-' || s, 'Bench ' || s, '{"kind":"departement","code":"00"}', '00', '{shop}', 'BENCH', 'x', 0, now()
        from generate_series(1, ${SCHEMES}::int) s`,
      sql`insert into categories (scheme_id, code, label_fr, label_en, severity, template, position)
        select 'bench-' || s, 'notes', 'Faux billets', 'Counterfeit notes', 'alert', 'x', 1 from generate_series(1, ${SCHEMES}::int) s`,
      // What the trigger counts is known beforehand here: one number each, nobody's but theirs.
      sql`alter table contacts disable trigger user`,
      sql`insert into members (scheme_id, id, name, search_name, trade, commune_code, status, created_at, updated_at, sms_contacts)
        select 'bench-' || s, ${uuid('8000')}, 'Shop ' || n, 'shop ' || n,
          'shop', '00' || lpad((n % 400 + 1)::text, 3, '0'), 'active', now(), now(), 1
        from generate_series(1, ${SCHEMES}::int) s, generate_series(1, ${members}::int) n`,
      sql`insert into contacts (scheme_id, id, member_id, person, mobile, sms)
        select 'bench-' || s, ${uuid('9000')}, ${uuid('8000')}, 'Contact', '+336' || lpad((s * ${members}::int + n)::text, 8, '0'), true
        from generate_series(1, ${SCHEMES}::int) s, generate_series(1, ${members}::int) n`,
      sql`alter table contacts enable trigger user`,
    ]
    for (const statement of statements) await statement.execute(tx)
  })
  await sql`vacuum analyze members, contacts`.execute(deps.db)
}

/** When the SMSC accepted the first and the last message of each text. */
async function timesByText(
  smsc: SmscProcess,
): Promise<Map<string, { first: number; last: number; count: number }>> {
  const times = new Map<string, { first: number; last: number; count: number }>()
  const log = await (await fetch(`${smsc.http}/log`)).text()
  for (const line of log.trim().split('\n')) {
    const entry = JSON.parse(line) as { at: string; text: string }
    const at = Date.parse(entry.at)
    const one = times.get(entry.text)
    if (one === undefined) times.set(entry.text, { first: at, last: at, count: 1 })
    else {
      one.first = Math.min(one.first, at)
      one.last = Math.max(one.last, at)
      one.count++
    }
  }
  return times
}
