import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../../test/support/database.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../../test/support/fixtures.ts'
import { type Database, inScheme } from '../../platform/db.ts'

const ALERTS = 40
const EACH = 1000

describe.each(usualKinds)('the recipients of one message among many, on %s', (kind) => {
  let database: Database
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    await seedMembers(database.db, 'ac63', [{ id: idOf(1), phones: [phoneOf(1)] }])
    const uuid = (prefix: string) =>
      sql.raw(`('00000000-0000-7000-${prefix}-' || lpad(to_hex(n), 12, '0'))::uuid`)
    const series = sql`generate_series(1, ${ALERTS}::int) n`
    await sql`insert into reports (scheme_id, id, category_code, commune_code, called_at, occurred_at, state, decided_at, created_at, created_by)
      select 'ac63', ${uuid('8100')}, 'counterfeit', '63178', now(), now(), 'broadcast', now(), now(), 'x' from ${series}`.execute(
      database.db,
    )
    await sql`insert into alerts (scheme_id, id, reference, report_id, category_code, severity, text, area, area_label, trades, simulated, state,
        expires_at, created_at, created_by, ordered_at)
      select 'ac63', ${uuid('8200')}, n::text, ${uuid('8100')}, 'counterfeit', 'alert', 'x', '{"kind":"scheme"}', 'x', '{}', true, 'ended',
        now(), now(), 'x', now() from ${series}`.execute(database.db)
    await sql`insert into broadcasts (scheme_id, id, alert_id, kind, text, encoding, parts, sender, lane, simulated, state, valid_until,
        ordered_at, ordered_by, planned, done_at)
      select 'ac63', ${uuid('8300')}, ${uuid('8200')}, 'first', 'x', 'GSM-7', 1, 'X', 'alert', true, 'done', now(), now(), 'x', ${EACH}::int, now()
      from ${series}`.execute(database.db)
    await sql`insert into deliveries (scheme_id, broadcast_id, no, contact_id, member_id, phone, commune_code, trade, state)
      select 'ac63', ${uuid('8300')}, r, gen_random_uuid(), case when r = 7 and n % 2 = 0 then ${idOf(1)}::uuid else gen_random_uuid() end,
        '+337' || lpad(r::text, 8, '0'), '63178', 'bakeries', 'delivered'
      from ${series}, generate_series(1, ${EACH}::int) r`.execute(database.db)
    await sql`analyze deliveries, broadcasts, alerts, members, contacts`.execute(database.db)
  })
  afterAll(() => database.close())

  test('are found among the deliveries of that message only', async () => {
    const { found, scans } = await inScheme(database.db, 'ac63', async (tx) => {
      const { rows } = await sql<{ id: string }>`
        select b.id from broadcasts b where exists (select from message_receivers(b.id, array[${idOf(1)}::uuid]))`.execute(
        tx,
      )
      const read = await sql<{ scans: number }>`
        select seq_scan::int as scans from pg_stat_xact_user_tables where relname = 'deliveries'`.execute(tx)
      return { found: rows.length, scans: read.rows[0]?.scans }
    })
    expect(found).toBe(ALERTS / 2)
    expect(scans).toBe(0)
  })
})
