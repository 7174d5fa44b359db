import { sql } from 'kysely'
import type { Deps } from '../src/deps.ts'
import { AGED_BY } from '../test/support/aged-ledger.ts'
import type { SmscProcess } from '../test/support/smsc-process.ts'
import { asTableOwner } from '../test/support/table-owner.ts'
import { type DatabaseKind, untilBroadcastDone } from '../test/support/world.ts'
import { forgetSolicitations, gatherCommunes, giveOrder, type WrittenAlert, writeAlert } from './act.ts'
import { type Age, addKept, type Ground, keyAt, onEachAge } from './ages.ts'
import type { BenchContext } from './context.ts'
import { type BenchResults, percentile, result } from './result.ts'

const SCHEMES = 101
const RECIPIENTS = 1100
/** Number of communes in each scheme; members are taken from one after the other until there are enough. */
const COMMUNES = 400
/** Orders of the additional scheme, written before a storm; given one after the other, they outlast it. */
const SINGLES = 30
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
 * Measures F9: 101 schemes on one database, of which 50 order alerts to 1,100 recipients each at once; meanwhile
 * one more scheme orders one alert after the other, as F3 does on an idle engine, and expects the same latency.
 * Orders are complete actions of operators who have written their alerts and seen their audiences.
 */
export async function benchStorm(context: BenchContext, kind: DatabaseKind): Promise<BenchResults> {
  const { members, alerts } = sizes(context, kind)
  const each = Math.ceil(members / SCHEMES)
  const communes = firstCommunes(each)
  const recipients = communes.reduce((sum, commune) => sum + membersIn(commune, each), 0)
  const name = kind === 'embedded' ? 'pglite' : kind
  const measured = new Map<Age, { among: Latency[]; together: Latency[]; earlier: WrittenAlert[] }>()
  const schemeIds = Array.from({ length: SCHEMES }, (_, index) => schemeId(index + 1))
  async function fill(deps: Deps): Promise<void> {
    await fillSchemes(deps, { first: 1, count: SCHEMES, members: each, phonesFrom: each })
    await gatherCommunes(deps, communes)
  }
  await onEachAge(context, kind, { window: 2000, schemeIds, fill }, async (grounds) => {
    for (const { age } of grounds) measured.set(age, { among: [], together: [], earlier: [] })
    for (let round = -1; round < context.runs * 2; round++) {
      for (const ground of grounds) {
        const ofAge = measured.get(ground.age)
        if (ofAge === undefined) continue
        const [storm, single] = await runRound(ground, round, ofAge.earlier)
        // The first round warms up the program and the database.
        if (round < 0) continue
        ofAge.together.push(...storm)
        ofAge.among.push(...single)
      }
    }
  })

  async function runRound(
    { deps, smsc }: Ground,
    round: number,
    earlier: WrittenAlert[],
  ): Promise<[Latency[], Latency[]]> {
    await forgetSolicitations(deps)
    const write = (scheme: number, place: string) =>
      writeAlert(deps, schemeId(scheme), { place, communeCode: communes[0] as string })
    const storm: WrittenAlert[] = []
    for (let scheme = 2; scheme < alerts + 2; scheme++) storm.push(await write(scheme, `rue ${scheme}`))
    const singles: WrittenAlert[] = []
    for (let no = 0; no < SINGLES; no++) singles.push(await write(1, `place ${round + 1}, ${no}`))
    earlier.push(...storm, ...singles)
    await fetch(`${smsc.http}/log`, { method: 'DELETE' })
    const started = new Map<string, { at: number; isStorm: boolean }>()
    const order = async (alert: WrittenAlert, isStorm: boolean) => {
      const at = Date.now()
      const near = earlier.filter((other) => other.schemeId === alert.schemeId)
      const { broadcastId, text } = await giveOrder(deps, alert, near)
      started.set(text, { at, isStorm })
      return broadcastId
    }
    let isOrdered = false
    const ordering = Promise.all(storm.map((alert) => order(alert, true))).then(() => {
      isOrdered = true
    })
    for (const single of singles) {
      await untilBroadcastDone(deps, await order(single, false), TIMEOUT_MS)
      if (isOrdered && !(await isAnyOpen(deps))) break
    }
    await ordering
    while (await isAnyOpen(deps)) await new Promise((resolve) => setTimeout(resolve, 50))
    const times = await timesByText(smsc)
    const storms: Latency[] = []
    const alone: Latency[] = []
    for (const [text, { at, isStorm }] of started) {
      const { first, last, count } = times.get(text) ?? { first: Number.NaN, last: Number.NaN, count: 0 }
      if (count !== recipients) throw new Error(`the SMSC accepted ${count} of ${recipients} of "${text}"`)
      const latency = { firstMs: first - at, allMs: last - at }
      if (isStorm) storms.push(latency)
      else alone.push(latency)
    }
    return [storms, alone]
  }

  const of = (list: readonly Latency[], what: keyof Latency, share: number) =>
    percentile(
      list.map((latency) => latency[what]),
      share,
    )
  const results: BenchResults = {}
  for (const [age, { among, together }] of measured) {
    context.print(
      `F9 ${name} ${age}: ${each * SCHEMES} members, ${alerts} alerts of ${recipients} at once; one more alert: first p95 ${of(among, 'firstMs', 0.95)} ms, all p95 ${of(among, 'allMs', 0.95)} ms; the ${alerts}: first p95 ${of(together, 'firstMs', 0.95)} ms, all p95 ${of(together, 'allMs', 0.95)} ms`,
    )
    const key = (measure: string) => keyAt(age, `F9.${name}`, measure)
    const [runs, storm] = [among.map((run) => ({ ...run })), together.map((run) => ({ ...run }))]
    results[key('first.p50')] = result(of(among, 'firstMs', 0.5), 'ms', 700, 'atMost', runs)
    results[key('first.p95')] = result(of(among, 'firstMs', 0.95), 'ms', 700, 'atMost', [])
    results[key('all.p95')] = result(of(among, 'allMs', 0.95), 'ms', 1500, 'atMost', [])
    results[key('storm.first.p95')] = result(of(together, 'firstMs', 0.95), 'ms', 700, 'atMost', storm)
  }
  addKept(results, `F9.${name}`, 'atMost', ['first.p50', 'first.p95', 'all.p95', 'storm.first.p95'])
  return results
}

/** Checks a whole storm by one query: a query per alert would distort the measure. */
async function isAnyOpen(deps: Pick<Deps, 'db'>): Promise<boolean> {
  const open = await deps.db
    .selectFrom('broadcasts')
    .select('id')
    .where('state', '<>', 'done')
    .where('orderedBy', '<>', AGED_BY)
    .limit(1)
    .executeTakeFirst()
  return open !== undefined
}

const codeOf = (no: number) => `00${String(no).padStart(3, '0')}`

/** Number of members in a commune of a scheme of `each`, as distributed by `fillSchemes`. */
function membersIn(commune: string, each: number): number {
  const residue = Number(commune.slice(2)) - 1
  return Math.floor(each / COMMUNES) + (residue >= 1 && residue <= each % COMMUNES ? 1 : 0)
}

/** Returns as many communes as contain the recipients of one alert. */
function firstCommunes(each: number): string[] {
  const codes: string[] = []
  let members = 0
  for (let no = 2; no <= COMMUNES && members < RECIPIENTS; no++) {
    codes.push(codeOf(no))
    members += membersIn(codeOf(no), each)
  }
  return codes
}

const schemeId = (no: number) => `bench-${no}`

/** Schemes of one size, by their numbers. */
export interface BenchSchemes {
  readonly first: number
  readonly count: number
  /** Members of each. */
  readonly members: number
  /** Last eight digits of the phone number before the first, as a number: schemes share no phone. */
  readonly phonesFrom: number
}

/** Inserts schemes with equally many members of one contact with a distinct number. */
export async function fillSchemes(
  deps: Pick<Deps, 'database'>,
  { first, count, members, phonesFrom }: BenchSchemes,
): Promise<void> {
  const schemes = sql`generate_series(${first}::int, ${first + count - 1}::int) s`
  const uuid = (kind: string) => sql.raw(`('00000000-0000-7000-${kind}-' || lpad(to_hex(n), 12, '0'))::uuid`)
  await asTableOwner(deps.database, async (tx) => {
    const statements = [
      sql`insert into regions values ('00', 'Bench') on conflict do nothing`,
      sql`insert into departements (code, name, region_code) values ('00', 'Bench', '00') on conflict do nothing`,
      sql`insert into communes (code, name, search_name, departement_code, region_code)
        select '00' || lpad(n::text, 3, '0'), 'Commune ' || n, 'commune ' || n, '00', '00' from generate_series(1, ${COMMUNES}::int) n on conflict do nothing`,
      sql`insert into schemes (id, name, territory, reference_prefix, trades, sender, closing_advice, created_at)
        select 'bench-' || s, 'Bench ' || s, '{"kind":"departement","code":"00"}', '00', '{shop}', 'BENCH', 'x', now()
        from ${schemes}`,
      sql`insert into categories (scheme_id, code, label_fr, label_en, severity, template, position)
        select 'bench-' || s, 'notes', 'Faux billets', 'Counterfeit notes', 'alert', 'x', 1 from ${schemes}`,
      // The counts and communes of the triggers are known here: one distinct number per member.
      sql`alter table contacts disable trigger user`,
      sql`insert into members (scheme_id, id, name, search_name, trade, commune_code, status, created_at, updated_at, sms_contacts)
        select 'bench-' || s, ${uuid('8000')}, 'Shop ' || n, 'shop ' || n,
          'shop', '00' || lpad((n % ${COMMUNES}::int + 1)::text, 3, '0'), 'active', now(), now(), 1
        from ${schemes}, generate_series(1, ${members}::int) n`,
      sql`insert into contacts (scheme_id, id, member_id, commune_code, person, mobile, sms)
        select 'bench-' || s, ${uuid('9000')}, ${uuid('8000')}, '00' || lpad((n % ${COMMUNES}::int + 1)::text, 3, '0'), 'Contact',
          '+336' || lpad((${phonesFrom}::int + (s - ${first}::int) * ${members}::int + n)::text, 8, '0'), true
        from ${schemes}, generate_series(1, ${members}::int) n`,
      sql`alter table contacts enable trigger user`,
    ]
    for (const statement of statements) await statement.execute(tx)
  })
}

/** Reads when the SMSC accepted the first and the last message of each text. */
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
