import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase } from '../../../test/support/database.ts'
import { testDeps } from '../../../test/support/deps.ts'
import { noteStatements, rowsReadBy } from '../../../test/support/sent-statements.ts'
import { fillScheme } from '../../../test/support/world.ts'
import { createCipher } from '../../cipher/cipher.ts'
import type { Deps } from '../../deps.ts'
import type { Database } from '../../platform/db.ts'
import { takeInbound } from './inbound.ts'

const NOW = new Date('2026-06-01T12:00:00Z')
const phoneOf = (n: number) => `+336${String(n).padStart(8, '0')}`
/** Numbers: of a contact of both schemes who got the last message, of both without a message, of one, of none. */
const [REACHED, OF_BOTH, OF_ONE, UNKNOWN] = [1, 2, 3, 4].map((n) => phoneOf(90_000_000 + n)) as [
  string,
  string,
  string,
  string,
]
/** Broadcasts of the last weeks in each scheme, and their deliveries: 240,000 in all, twice what a search may read. */
const [BROADCASTS, EACH] = [12, 10_000]

describe('the cost of a message from a phone', () => {
  let database: Database
  let deps: Deps

  beforeAll(async () => {
    // Statements are explained with the values that were sent.
    database = await testDatabase('postgres', { cipher: createCipher(undefined) })
    deps = testDeps(database, { now: () => NOW })
    const { db } = database
    for (const scheme of ['aa', 'bb'])
      await fillScheme({ database, cipher: createCipher(undefined) }, 5000, scheme)
    await sql`update contacts set mobile = ${REACHED} where mobile = ${phoneOf(4998)}`.execute(db)
    await sql`update contacts set mobile = ${OF_BOTH} where mobile = ${phoneOf(4999)}`.execute(db)
    await sql`update contacts set mobile = ${OF_ONE} where mobile = ${phoneOf(5000)} and scheme_id = 'aa'`.execute(
      db,
    )
    await sql`insert into former_numbers (scheme_id, phone, at)
      select scheme_id, '+3362' || lpad(n::text, 7, '0'), ${NOW} from unnest(array['aa', 'bb']) s (scheme_id), generate_series(1, 5000) n`.execute(
      db,
    )
    await sql`insert into broadcasts (scheme_id, id, kind, text, encoding, parts, sender, lane, simulated, state, valid_until,
        ordered_at, ordered_by, planned, delivered, done_at, tallied_at)
      select scheme_id, ('00000000-0000-7000-8300-' || scheme_id || lpad(n::text, 10, '0'))::uuid, 'group', 'x', 'GSM-7', 1, 'BENCH',
        'service', false, 'done', ${NOW}, ${NOW}::timestamptz - n * interval '1 day', 'test', ${EACH}::int, ${EACH}::int, ${NOW}, ${NOW}
      from unnest(array['aa', 'bb']) s (scheme_id), generate_series(1, ${BROADCASTS}::int) n`.execute(db)
    await sql`insert into deliveries (scheme_id, broadcast_id, no, contact_id, member_id, phone, commune_code, trade, state, gateway)
      select scheme_id, id, no, id, id, '+3361' || lpad(no::text, 7, '0'), '00001', 'shop', 'delivered', 'bench'
      from broadcasts, generate_series(1, ${EACH}::int) no`.execute(db)
    await sql`update deliveries set phone = ${REACHED} where no = ${EACH}::int and scheme_id = 'bb' and broadcast_id = (
      select id from broadcasts where scheme_id = 'bb' order by ordered_at desc limit 1)`.execute(db)
  })
  afterAll(() => database.close())

  /** Returns the rows of tables that handling a message reads to find whose it is. */
  async function rowsReadFor(from: string, text: string): Promise<Readonly<Record<string, number>>> {
    const notes = noteStatements()
    try {
      await takeInbound(deps, { gateway: 'bench', from, to: 'BENCH', text })
    } finally {
      notes.stop()
    }
    const client = await database.pool.connect()
    const sum: Record<string, number> = {}
    try {
      const finding = [...notes.sent.values()].filter((one) => /former_numbers|deliveries/.test(one.text))
      expect(finding).not.toEqual([])
      for (const statement of finding)
        for (const [table, rows] of Object.entries(await rowsReadBy(client, statement)))
          sum[table] = (sum[table] ?? 0) + rows
    } finally {
      client.release()
    }
    return sum
  }

  test.each(['without statistics', 'with statistics'])(
    'is a few rows, and bounded where schemes share a number, %s',
    async (state) => {
      if (state === 'with statistics')
        await sql`analyze broadcasts, deliveries, contacts, former_numbers, schemes`.execute(database.db)
      for (const text of ['STOP', 'Merci']) {
        const unknown = await rowsReadFor(UNKNOWN, text)
        expect(unknown.deliveries ?? 0, text).toBe(0)
        expect((unknown.contacts ?? 0) + (unknown.former_numbers ?? 0), text).toBe(0)
      }
      const one = await rowsReadFor(OF_ONE, 'STOP')
      expect(one).not.toHaveProperty('deliveries')
      const reached = await rowsReadFor(REACHED, 'STOP')
      expect(reached.deliveries).toBeGreaterThan(EACH / 2)
      expect(reached.deliveries).toBeLessThanOrEqual(2 * EACH + 1)
      for (const text of ['STOP', 'Merci']) {
        const both = await rowsReadFor(OF_BOTH, text)
        // The program searches alerts only for the message that a phone answers; there are none.
        expect(both.deliveries ?? 0, text).toBeLessThanOrEqual(100_000 + EACH)
      }
    },
  )
})
