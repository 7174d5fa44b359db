import { sql } from 'kysely'
import type { Deps } from '../../src/deps.ts'
import { BENCH_SCHEME } from './world.ts'

export interface AgedLedgerOptions {
  /** Schemes that share the broadcasts; default: the one scheme of the benches. */
  readonly schemeIds?: readonly string[]
  /** Number of finished broadcasts. */
  readonly ended: number
  /** Deliveries of each broadcast. */
  readonly each: number
  /** Number of open broadcasts, alternately waiting for receipts or scheduled for tomorrow morning. Default 4. */
  readonly open?: number
}

/** Author of the broadcasts of an aged ledger. */
export const AGED_BY = 'aged'

/**
 * Fills the ledger with broadcasts of the last 300 days in the state that the engine leaves, then analyses it like
 * autovacuum. Set-based: a million deliveries take some twenty seconds.
 */
export async function fillAgedLedger(
  { db, now }: Pick<Deps, 'db' | 'now'>,
  { schemeIds = [BENCH_SCHEME], ended, each, open = 4 }: AgedLedgerOptions,
): Promise<void> {
  const at = now()
  await db.transaction().execute(async (tx) => {
    await sql`create temporary table aged on commit drop as
      select n, (${schemeIds}::text[])[n % cardinality(${schemeIds}::text[]) + 1] as scheme_id, n > ${ended}::int as is_open, n > ${ended}::int and n % 2 = 0 as is_waiting,
        ('00000000-0000-7000-8100-' || lpad(to_hex(n), 12, '0'))::uuid as report_id,
        ('00000000-0000-7000-8200-' || lpad(to_hex(n), 12, '0'))::uuid as alert_id,
        ('00000000-0000-7000-8300-' || lpad(to_hex(n), 12, '0'))::uuid as id,
        case when n > ${ended}::int then ${at}::timestamptz - interval '2 hours'
          -- Before the days that count towards the weekly budget of a number.
          else ${at}::timestamptz - interval '8 days' - (${ended}::int - n) * interval '300 days' / ${ended}::int end as at
      from generate_series(1, ${ended}::int + ${open}::int) n`.execute(tx)
    const until = sql`case when is_open then ${at}::timestamptz + interval '20 hours' else at + interval '2 hours' end`
    const statements = [
      sql`insert into reports (scheme_id, id, category_code, commune_code, called_at, occurred_at, state, decided_at, created_at, created_by)
        select scheme_id, report_id, 'notes', '00' || lpad((n % 400 + 1)::text, 3, '0'), at, at, 'broadcast', at, at, 'aged' from aged`,
      sql`insert into alerts (scheme_id, id, reference, report_id, category_code, severity, text, area, area_label, trades, simulated,
          state, expires_at, created_at, created_by)
        select scheme_id, alert_id, 'aged-' || n, report_id, 'notes', 'alert', 'x', '{"kind":"scheme"}', 'x', '{}', true,
          case when is_open then 'active' else 'ended' end, ${until}, at, 'aged' from aged`,
      sql`insert into broadcasts (scheme_id, id, alert_id, kind, text, encoding, parts, sender, lane, simulated, state, valid_until,
          ordered_at, ordered_by, planned, accepted, delivered, failed, first_submit_at, all_accepted_at, done_at, tallied_at)
        select scheme_id, id, alert_id, case when is_open then 'update' else 'first' end, 'x', 'GSM-7', 1, 'BENCH', 'service', true,
          case when is_waiting then 'running' when is_open then 'settling' else 'done' end, ${until}, at, ${AGED_BY}, ${each}::int,
          case when is_open and not is_waiting then ${each}::int / 50 else 0 end,
          case when is_waiting then 0 else ${each}::int - ${each}::int / 50 end,
          case when is_open then 0 else ${each}::int / 50 end,
          case when not is_waiting then at end, case when not is_waiting then at end, case when not is_open then at end,
          case when not is_open then at end
        from aged`,
      // Written in the steps of the engine: planned, accepted and settled. A row inserted in its final, longer
      // form would leave each page room for a shorter one, and the next broadcast's rows would be scattered one to
      // a page.
      sql`insert into deliveries (scheme_id, broadcast_id, no, contact_id, member_id, phone, commune_code, trade)
        select scheme_id, id, r, ('00000000-0000-7000-9000-' || lpad(to_hex(r), 12, '0'))::uuid,
          ('00000000-0000-7000-8000-' || lpad(to_hex(r), 12, '0'))::uuid, '+336' || lpad(r::text, 8, '0'),
          '00' || lpad((r % 400 + 1)::text, 3, '0'), 'shop'
        from aged cross join generate_series(1, ${each}::int) r`,
      sql`update deliveries d set state = 'accepted', attempts = 1, gateway = 'bench', message_ids = 'aged-' || a.n || '-' || d.no, accepted_at = a.at
        from aged a where d.scheme_id = a.scheme_id and d.broadcast_id = a.id and not a.is_waiting`,
      sql`update deliveries d set state = case when d.no > ${each}::int / 50 then 'delivered' else 'failed' end, settled_at = a.at + interval '5 seconds'
        from aged a where d.scheme_id = a.scheme_id and d.broadcast_id = a.id and not a.is_waiting and (d.no > ${each}::int / 50 or not a.is_open)`,
      sql`insert into delivery_chunks (scheme_id, broadcast_id, first_no, last_no, state, claims, claimed_at, not_before)
        select scheme_id, id, first_no, least(first_no + 499, ${each}::int), case when is_waiting then 'ready' else 'done' end,
          case when is_waiting then 0 else 1 end, case when not is_waiting then at end,
          case when is_waiting then ${at}::timestamptz + interval '12 hours' end
        from aged cross join generate_series(1, ${each}::int, 500) first_no`,
    ]
    for (const statement of statements) await statement.execute(tx)
  })
  await sql`vacuum analyze reports, alerts, broadcasts, deliveries, delivery_chunks`.execute(db)
}
