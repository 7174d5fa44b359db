import { sql } from 'kysely'
import { tallyBroadcasts } from '../src/deliveries/settle/tallies.ts'
import type { Deps } from '../src/deps.ts'
import { dayIn, METROPOLITAN_ZONE } from '../src/message/clock.ts'
import { getStatistics } from '../src/statistics/actions.ts'
import { openOrderDesk } from '../test/support/orders.ts'
import { BENCH_SCHEME, fillScheme, freshDatabase } from '../test/support/world.ts'
import type { BenchContext } from './context.ts'
import { type BenchResults, percentile, result, round } from './result.ts'

const RECIPIENTS = 1000
const MEMBERS = 10_000

/**
 * Measures D3: the statistics of a year in which a scheme of 10,000 members sent a million messages in 1,000
 * alerts, computed from tallies; and the cost of the tallies.
 */
export async function benchStatistics(context: BenchContext): Promise<BenchResults> {
  const server = await context.postgres()
  const fresh = await freshDatabase('postgres', server)
  if (fresh.settings.kind !== 'postgres') throw new Error('needs PostgreSQL')
  const desk = await openOrderDesk(fresh.settings.url, { window: 1000 })
  const alerts = context.large / 100
  try {
    const { deps } = desk
    await fillScheme(deps, MEMBERS)
    await fillYear(deps, alerts)
    const talliedAt = performance.now()
    while ((await tallyBroadcasts(deps.db, 100, deps.now())) > 0);
    const tallyMs = performance.now() - talliedAt
    const times: number[] = []
    const system = { kind: 'system', name: 'bench' } as const
    for (let run = -1; run < context.runs * 5; run++) {
      const start = performance.now()
      const { reach } = await getStatistics(deps, system, BENCH_SCHEME, {})
      if (reach.planned !== alerts * RECIPIENTS) throw new Error(`counted ${reach.planned}`)
      // The first one warms up the program, and counts the alerts of the last week by number.
      if (run >= 0) times.push(performance.now() - start)
    }
    const p95 = percentile(times, 0.95)
    const million = (tallyMs * 1_000_000) / (alerts * RECIPIENTS)
    context.print(
      `D3: ${alerts * RECIPIENTS} deliveries tallied in ${Math.round(tallyMs)} ms; statistics p95 ${round(p95)} ms`,
    )
    return {
      'D3.statistics': result(
        p95,
        'ms',
        300,
        'atMost',
        times.map((ms) => ({ ms: round(ms) })),
      ),
      'D3.tally': result(million / 1000, 's a million deliveries, once', 5, 'atMost', []),
    }
  } finally {
    await desk.close()
    await fresh.remove()
  }
}

/** Inserts a year of finished alerts, the last one today. */
async function fillYear(deps: Pick<Deps, 'db' | 'now'>, alerts: number): Promise<void> {
  const uuid = (kind: string) => sql.raw(`('00000000-0000-7000-${kind}-' || lpad(to_hex(n), 12, '0'))::uuid`)
  const at = sql`(${deps.now()}::timestamptz - (${alerts}::int - n) * interval '300 days' / ${alerts}::int)`
  await deps.db.transaction().execute(async (tx) => {
    const series = sql`generate_series(1, ${alerts}::int) n`
    await sql`insert into reports (scheme_id, id, category_code, commune_code, called_at, occurred_at, state, decided_at, created_at, created_by)
      select ${BENCH_SCHEME}, ${uuid('8100')}, 'notes', '00' || lpad((n % 400 + 1)::text, 3, '0'), ${at}, ${at}, 'broadcast', ${at}, ${at}, 'x'
      from ${series}`.execute(tx)
    await sql`insert into alerts (scheme_id, id, reference, report_id, category_code, severity, text, area, area_label, trades, simulated, state,
        expires_at, created_at, created_by)
      select ${BENCH_SCHEME}, ${uuid('8200')}, n::text, ${uuid('8100')}, 'notes', 'alert', 'x', '{"kind":"scheme"}', 'x', '{}', true, 'active', ${at}, ${at}, 'x'
      from ${series}`.execute(tx)
    await sql`insert into broadcasts (scheme_id, id, alert_id, kind, text, encoding, parts, sender, lane, simulated, state, valid_until, ordered_at,
        ordered_by, planned, delivered, first_submit_at, done_at)
      select ${BENCH_SCHEME}, ${uuid('8300')}, ${uuid('8200')}, 'first', 'x', 'GSM-7', 1, 'X', 'alert', true, 'done', ${at}, ${at}, 'x',
        ${RECIPIENTS}::int, ${RECIPIENTS}::int, ${at} + (n % 600) * interval '1 second', ${at}
      from ${series}`.execute(tx)
    await sql`insert into deliveries (scheme_id, broadcast_id, no, contact_id, member_id, phone, commune_code, trade, state, gateway)
      select ${BENCH_SCHEME}, ${uuid('8300')}, r, ${uuid('9000')}, ${uuid('8000')}, '+336' || lpad(((n * 37 + r) % ${MEMBERS}::int + 1)::text, 8, '0'),
        '00001', (array['shop', 'bakery', 'tobacco-press', 'pharmacy'])[r % 4 + 1], case when r % 50 = 0 then 'failed' else 'delivered' end,
        (array['a', 'b'])[r % 2 + 1]
      from ${series}, generate_series(1, ${RECIPIENTS}::int) r`.execute(tx)
    await sql`insert into member_counts (scheme_id, day, trade, commune_code, active)
      select ${BENCH_SCHEME}, ${dayIn(METROPOLITAN_ZONE, deps.now())}::date - n, 'shop', '63' || c, ${MEMBERS}::int / 450
      from generate_series(0, 365) n, generate_series(100, 549) c
      -- The days that retention keeps: all of the last two months, then the last day of each month.
      where n < 62 or n % 30 = 0`.execute(tx)
  })
  await sql`vacuum analyze deliveries, broadcasts, alerts, reports`.execute(deps.db)
}
