import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../../test/support/database.ts'
import { noteJobs, testDeps } from '../../../test/support/deps.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../../test/support/fixtures.ts'
import { waitingMails } from '../../../test/support/outbox.ts'
import type { Deps } from '../../deps.ts'
import { createKeptMailer } from '../../gateways/mail/kept.ts'
import { deleteUnusedNumberHealth } from '../../members/numbers/health.ts'
import { DAY_MS } from '../../message/clock.ts'
import { acrossSchemes, type Database, inScheme } from '../../platform/db.ts'
import { readHealth } from './health.ts'

const START = Date.parse('2026-03-01T10:00:00Z')
const day = (n: number) => new Date(START + n * DAY_MS).toISOString()

type End = 'delivered' | 'unknown' | 'absent' | 'memory full' | 'never answered'

describe.each(usualKinds)('the health of numbers on %s', (kind) => {
  let database: Database
  let deps: Deps
  const jobs = noteJobs()
  let broadcasts = 0
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    await seedMembers(
      database.db,
      'ac63',
      [1, 2, 3, 4, 5, 6].map((n) => ({ id: idOf(n), phones: [phoneOf(n)] })),
    )
    await seedMembers(database.db, 'ac39', [{ id: idOf(101), communeCode: '39300', phones: [phoneOf(1)] }])
    await sql`update contacts set mail = 'patron@example.org' where mobile = ${phoneOf(1)}`.execute(
      database.db,
    )
    const now = () => new Date(START + 100 * DAY_MS)
    deps = testDeps(database, { now, jobs, mailer: createKeptMailer(now) })
  })
  afterAll(() => database.close())

  /** Inserts a finished broadcast with the outcome for each number. */
  async function ended(
    n: number,
    ends: Readonly<Record<string, End>>,
    over: { readonly schemeId?: string; readonly simulated?: boolean; readonly state?: string } = {},
  ): Promise<string> {
    broadcasts += 1
    const id = idOf(9000 + broadcasts)
    const { schemeId = 'ac63', simulated = true, state = 'done' } = over
    const entries = Object.entries(ends)
    await sql`insert into broadcasts (scheme_id, id, text, encoding, parts, sender, lane, kind, simulated, state, valid_until,
        ordered_at, ordered_by, planned, done_at)
      values (${schemeId}, ${id}::uuid, 't', 'GSM-7', 1, 'A', 'service', 'service', ${simulated}, ${state},
        ${day(n)}::timestamptz + interval '1 hour', ${day(n)}, 'user:1', ${entries.length}, ${day(n)})`.execute(
      database.db,
    )
    for (const [index, [phone, end]] of entries.entries()) {
      const [became, code] = {
        delivered: ['delivered', null],
        unknown: ['failed', 1],
        absent: ['expired', 27],
        'memory full': ['failed', 32],
        'never answered': ['expired', null],
      }[end] as [string, number | null]
      await sql`insert into deliveries (scheme_id, broadcast_id, no, contact_id, member_id, phone, commune_code, trade,
          state, gateway, error_code, accepted_at, settled_at)
        values (${schemeId}, ${id}::uuid, ${index + 1}, ${idOf(1)}::uuid, ${idOf(1)}::uuid, ${phone}, '63178', 't', ${became},
          ${deps.config.gateways[0]?.name ?? ''}, ${code}::int, ${day(n)},
          ${day(n)}::timestamptz + ${end === 'never answered' ? '2 hours' : '0'}::interval)`.execute(
        database.db,
      )
    }
    return id
  }
  const stateOf = async (n: number, schemeId = 'ac63') => {
    const row = await inScheme(database.db, schemeId, (tx) =>
      tx.selectFrom('numberHealth').select('state').where('phone', '=', phoneOf(n)).executeTakeFirst(),
    )
    return row?.state
  }
  const mails = () => waitingMails(database.db)

  test('follows the outcome of each message, broadcast by broadcast, in each scheme separately', async () => {
    await ended(1, { [phoneOf(1)]: 'unknown', [phoneOf(2)]: 'delivered', [phoneOf(3)]: 'memory full' })
    await readHealth(deps)
    expect(await Promise.all([1, 2, 3, 4].map((n) => stateOf(n)))).toEqual([
      'doubtful',
      'ok',
      undefined,
      undefined,
    ])
    await ended(3, { [phoneOf(1)]: 'unknown' })
    await ended(9, { [phoneOf(1)]: 'unknown', [phoneOf(4)]: 'never answered' })
    await readHealth(deps)
    expect(await stateOf(1)).toBe('dead')
    expect(await stateOf(4)).toBeUndefined()
    expect(await stateOf(1, 'ac39')).toBeUndefined()
  })

  test('notifies the member of a dead number by mail, once', async () => {
    await ended(20, { [phoneOf(1)]: 'unknown' })
    await readHealth(deps)
    expect(await mails()).toMatchObject([
      {
        address: 'patron@example.org',
        subject: expect.stringContaining('ne reçoit plus nos SMS'),
        text: expect.stringContaining(`finit par ${phoneOf(1).slice(-2)}`),
      },
    ])
    expect(jobs.noted.filter(({ name }) => name === 'mail.send')).toHaveLength(1)
  })

  test('is ok again once a message arrives, even if older failures are read later', async () => {
    await ended(30, { [phoneOf(1)]: 'delivered', [phoneOf(5)]: 'delivered' })
    await readHealth(deps)
    expect(await stateOf(1)).toBe('ok')
    await ended(29, { [phoneOf(5)]: 'unknown' })
    await readHealth(deps)
    expect(await stateOf(5)).toBe('ok')
  })

  test('is dead after two months of absence, in whatever order the broadcasts are read', async () => {
    for (const n of [80, 10, 20, 30, 72, 60]) await ended(n, { [phoneOf(6)]: 'absent' })
    await readHealth(deps)
    expect(await stateOf(6)).toBe('dead')
  })

  test('ignores unfinished broadcasts, simulated and real ones mixed, and numbers of no contact', async () => {
    const open = await ended(40, { [phoneOf(2)]: 'unknown' }, { state: 'settling' })
    await ended(40, { [phoneOf(2)]: 'unknown' }, { simulated: false })
    await ended(40, { [phoneOf(77)]: 'unknown' })
    await readHealth(deps)
    expect(await stateOf(2)).toBe('ok')
    expect(await stateOf(77)).toBeUndefined()
    await sql`update broadcasts set state = 'done' where id = ${open}::uuid`.execute(database.db)
    await readHealth(deps)
    expect(await stateOf(2)).toBe('doubtful')
    const unread = await database.db
      .selectFrom('broadcasts')
      .select('id')
      .whereRef('healthNo', '<', 'planned')
      .execute()
    expect(unread).toEqual([])
  })

  test('is the same when several processes read at once', async () => {
    for (const n of [50, 52, 58]) await ended(n, { [phoneOf(3)]: 'unknown', [phoneOf(4)]: 'delivered' })
    await Promise.all([readHealth(deps), readHealth(deps), readHealth(deps)])
    const row = await database.db
      .selectFrom('numberHealth')
      .selectAll()
      .where('phone', '=', phoneOf(3))
      .executeTakeFirstOrThrow()
    expect(row).toMatchObject({ state: 'dead', notifiedAt: null })
    expect(row.unknownAt).toHaveLength(3)
  })

  test('reads a broadcast to thousands in ranges', async () => {
    const id = await ended(60, {}, {})
    await sql`insert into deliveries (scheme_id, broadcast_id, no, contact_id, member_id, phone, commune_code, trade,
        state, accepted_at, settled_at)
      select 'ac63', ${id}::uuid, n, ${idOf(1)}::uuid, ${idOf(1)}::uuid,
        case n when 12000 then ${phoneOf(2)} else '+336' || lpad(n::text, 8, '0') end, '63178', 't', 'delivered',
        ${day(60)}, ${day(60)} from generate_series(1, 12000) n`.execute(database.db)
    await sql`update broadcasts set planned = 12000 where id = ${id}::uuid`.execute(database.db)
    await readHealth(deps)
    expect(await stateOf(2)).toBe('ok')
  })

  test('is deleted with the last contact that has the number', async () => {
    await sql`delete from members where scheme_id = 'ac63' and id = ${idOf(3)}::uuid`.execute(database.db)
    expect(await acrossSchemes(database.db, deleteUnusedNumberHealth)).toBe(1)
    expect(await stateOf(3)).toBeUndefined()
    expect(await stateOf(2)).toBe('ok')
  })
})
