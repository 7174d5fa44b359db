import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openCampaign } from '../../test/support/campaigns.ts'
import { testDatabase, usualKinds } from '../../test/support/database.ts'
import { actorOf, testDeps } from '../../test/support/deps.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../test/support/fixtures.ts'
import type { Deps } from '../deps.ts'
import { listDuesPage } from '../dues/actions.ts'
import { recordPayment } from '../dues/ledger/payments.ts'
import { listMembers } from '../members/actions.ts'
import { MemberQuery } from '../members/contract.ts'
import type { Database } from '../platform/db.ts'
import { getToday } from './actions.ts'

const NOW = new Date('2026-11-30T08:00:00Z')
const chamber = actorOf('chamber', 'ac63')
const tobacconists = actorOf('trade_chamber', 'ac63', { trades: ['tobacco-press'] })
const jura = actorOf('chamber', 'ac39')
const NOTHING = {
  requests: { count: 0, corrections: 0, names: [], oldestAt: null },
  numbers: { count: 0, dead: 0, gone: 0, doubtful: 0 },
  duplicates: { count: 0 },
  dues: null,
  charters: { count: 0, version: null },
  members: 0,
  yearMedian: null,
  alerts: [],
}

describe.each(usualKinds)('the first screen of a chamber on %s', (kind) => {
  let database: Database
  let deps: Deps
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    deps = testDeps(database, { now: () => NOW })
  })
  afterAll(() => database.close())

  const insertRequest = (n: number, name: string, trade: string, submittedAt: string) =>
    sql`insert into enrolments (scheme_id, id, state, token_hash, name, search_name, trade, commune_code, person,
        mobile, mobile_confirmed_at, verified, created_at, touched_at, submitted_at)
      values ('ac63', ${idOf(n)}, 'submitted', ${String(n)}, ${name}, 'x', ${trade}, '63178', 'P', ${phoneOf(n)},
        ${submittedAt}, false, ${submittedAt}, ${submittedAt}, ${submittedAt})`.execute(database.db)

  const insertAlert = async (
    n: number,
    at: string,
    { trades = [], exercise = false }: { trades?: string[]; exercise?: boolean } = {},
  ) => {
    const [report, alert, broadcast] = [idOf(100 * n), idOf(100 * n + 1), idOf(100 * n + 2)]
    const sentAt = new Date(Date.parse(at) + 60_000).toISOString()
    await sql`insert into reports (scheme_id, id, category_code, commune_code, called_at, occurred_at, state, decided_at, created_at, created_by, exercise)
      values ('ac63', ${report}, 'counterfeit', '63178', ${at}, ${at}, 'broadcast', ${at}, ${at}, 'x', ${exercise})`.execute(
      database.db,
    )
    await sql`insert into alerts (scheme_id, id, reference, report_id, category_code, severity, text, area, area_label, trades, simulated,
        state, created_at, expires_at, created_by, exercise, ordered_at)
      values ('ac63', ${alert}, ${alert}, ${report}, 'counterfeit', 'alert', ${exercise ? 'EXERCICE x' : 'x'}, '{"kind":"scheme"}', 'Issoire',
        ${trades}::text[], true, 'active', ${sentAt}, ${sentAt}, 'x', ${exercise}, ${sentAt})`.execute(
      database.db,
    )
    await sql`insert into broadcasts (scheme_id, id, alert_id, kind, text, encoding, parts, sender, lane, simulated, state, valid_until, ordered_at,
        ordered_by, planned, delivered, first_submit_at, done_at)
      values ('ac63', ${broadcast}, ${alert}, 'first', 'x', 'GSM-7', 1, 'X', 'alert', true, 'done', ${sentAt}, ${sentAt}, 'x', 2, 1,
        ${sentAt}, ${sentAt})`.execute(database.db)
    for (const [no, state, trade] of [
      [1, 'delivered', 'tobacco-press'],
      [2, 'failed', 'bakeries'],
    ] as const)
      await sql`insert into deliveries (scheme_id, broadcast_id, no, contact_id, member_id, phone, commune_code, trade, state, gateway)
        values ('ac63', ${broadcast}, ${no}, ${idOf(no)}, ${idOf(no)}, ${phoneOf(no)}, '63178', ${trade}, ${state}, 'a')`.execute(
        database.db,
      )
  }

  test('of a scheme without anything says that nothing waits', async () => {
    const today = await getToday(deps, chamber, 'ac63')
    expect(today).toMatchObject(NOTHING)
    expect(today.months).toHaveLength(13)
    expect([today.months[0]?.month, today.months.at(-1)?.month]).toEqual(['2025-11', '2026-11'])
  })

  test('counts what waits, each in one number; a trade chamber gets its trades only', async () => {
    const { db } = database
    await seedMembers(db, 'ac63', [
      { id: idOf(1), name: 'Tabac du Centre', phones: [phoneOf(1)] },
      { id: idOf(2), name: 'Boulangerie', trade: 'bakeries', phones: [phoneOf(2), phoneOf(3)] },
      // The same business twice.
      { id: idOf(3), name: 'Boulangerie', trade: 'bakeries', phones: [phoneOf(4)] },
      { id: idOf(4), name: 'Parti', status: 'left', phones: [phoneOf(5)] },
    ])
    // One member has two numbers to check, and counts once. A number of nobody, and of a member who left, do not count.
    for (const [n, state] of [
      [1, 'doubtful'],
      [2, 'dead'],
      [3, 'doubtful'],
      [4, 'ok'],
      [5, 'dead'],
      [9, 'dead'],
    ] as const)
      await sql`insert into number_health (scheme_id, phone, state, since) values ('ac63', ${phoneOf(n)}, ${state}, now())`.execute(
        db,
      )
    await insertRequest(21, 'Fleurs', 'florists', '2026-11-29T10:00:00Z')
    await insertRequest(22, 'Presse', 'tobacco-press', '2026-11-28T10:00:00Z')
    await insertRequest(23, 'Pain', 'bakeries', '2026-11-30T07:00:00Z')
    await sql`insert into member_corrections (scheme_id, member_id, name, asked_at, asked_by)
      values ('ac63', ${idOf(1)}, 'Le Tabac', now(), 'contact:x')`.execute(db)
    for (const version of [1, 2])
      await sql`insert into charters (scheme_id, version, text, sha256, published_at)
        values ('ac63', ${version}, 'x', ${'a'.repeat(64)}, now())`.execute(db)
    for (const [n, member, version] of [
      [1, 1, 1],
      // Signed again.
      [2, 2, 1],
      [3, 2, 2],
      [4, 4, 1],
    ] as const)
      await sql`insert into charter_signatures (scheme_id, id, contact_id, session_id, version, sha256, signed_name, mobile, signed_at, member_id)
        values ('ac63', ${idOf(40 + n)}, ${idOf(member)}, ${idOf(n)}, ${version}, 'x', 'P', ${phoneOf(1)}, now(), ${idOf(member)})`.execute(
        db,
      )
    await openCampaign({ ...deps, now: () => new Date('2026-01-10T08:00:00Z') }, chamber, 'ac63', {
      year: 2026,
      feeCents: 1000,
      tradeFees: { bakeries: 1500 },
      proRata: false,
      dueOn: '2026-03-31',
    })

    expect(await getToday(deps, chamber, 'ac63')).toMatchObject({
      requests: {
        count: 4,
        corrections: 1,
        names: ['Presse', 'Fleurs'],
        oldestAt: '2026-11-28T10:00:00.000Z',
      },
      numbers: { count: 2, dead: 1, gone: 0, doubtful: 2 },
      duplicates: { count: 1 },
      dues: { year: 2026, count: 3, remainingCents: 4000, dueOn: '2026-03-31' },
      charters: { count: 1, version: 2 },
      members: 3,
    })
    expect(await getToday(deps, tobacconists, 'ac63')).toMatchObject({
      requests: { count: 2, corrections: 1, names: ['Presse'] },
      numbers: { count: 1, dead: 0, gone: 0, doubtful: 1 },
      duplicates: { count: 0 },
      dues: { year: 2026, count: 1, remainingCents: 1000 },
      charters: { count: 1 },
      members: 1,
    })
    expect(await getToday(deps, actorOf('chamber', 'ac39'), 'ac39')).toMatchObject({ ...NOTHING })
  })

  test('counts late dues of every year by account, also once the next campaign is open', async () => {
    await seedMembers(database.db, 'ac39', [
      { id: idOf(51), name: 'Deux ans' },
      { id: idOf(52), name: 'Un an', trade: 'bakeries' },
      { id: idOf(53), name: 'À jour' },
    ])
    const open = (year: number, dueOn: string) =>
      openCampaign({ ...deps, now: () => new Date(`${dueOn}T08:00:00Z`) }, jura, 'ac39', {
        ...{ year, feeCents: 1000, tradeFees: {}, proRata: false, dueOn },
      })
    const pay = (n: number, amountCents: number) =>
      recordPayment(deps, jura, 'ac39', idOf(n), {
        ...{ amountCents, way: 'transfer', receivedOn: '2026-05-01', reference: '', inAdvance: false },
      })
    await open(2024, '2024-12-31')
    await open(2025, '2025-12-31')
    await open(2026, '2026-12-15')
    await pay(51, 500)
    await pay(52, 1000)
    await pay(53, 2000)
    // Late are 500 and 1,000 of one member and 1,000 of the other; the dues of 2026 are not due yet.
    const late = { year: 2024, count: 2, remainingCents: 2500, dueOn: '2024-12-31' }
    expect((await getToday(deps, jura, 'ac39')).dues).toEqual(late)
    const { counts } = await listMembers(deps, jura, 'ac39', MemberQuery.parse({ dues: 'late' }))
    expect(counts?.total).toBe(late.count)
    const { lateYears } = await listDuesPage(deps, jura, 'ac39', { limit: 50 })
    expect(lateYears).toEqual([
      { year: 2024, members: 1 },
      { year: 2025, members: 2 },
    ])
    await pay(51, 1500)
    await pay(52, 1000)
    expect((await getToday(deps, jura, 'ac39')).dues).toBeNull()
  })

  test('gives the month beside the year, and the latest alerts without text, number or exercise', async () => {
    await insertAlert(5, '2026-11-20T10:00:00Z')
    await insertAlert(6, '2026-11-21T10:00:00Z', { exercise: true })
    await insertAlert(7, '2025-11-21T10:00:00Z')
    await insertAlert(8, '2026-11-22T10:00:00Z', { trades: ['bakeries'] })
    const today = await getToday(deps, chamber, 'ac63')
    expect(today.months.at(-1)).toMatchObject({ alerts: 2, median: 60_000, planned: 4, delivered: 2 })
    expect(today.months[0]).toMatchObject({ alerts: 1 })
    expect(today.yearMedian).toBe(60_000)
    expect(today.alerts?.map(({ orderedAt }) => orderedAt.slice(0, 10))).toEqual([
      '2026-11-22',
      '2026-11-20',
      '2025-11-21',
    ])
    expect(today.alerts?.[0]).toEqual({
      id: idOf(801),
      orderedAt: '2026-11-22T10:01:00.000Z',
      category: expect.objectContaining({ severity: 'alert' }),
      commune: 'Issoire',
      areaLabel: 'Issoire',
      planned: 2,
      delivered: 1,
      closedAt: null,
    })
    // Exercises of a busy week hide none of them.
    for (let n = 0; n < 12; n++) await insertAlert(20 + n, `2026-11-25T1${n % 10}:00:00Z`, { exercise: true })
    expect((await getToday(deps, chamber, 'ac63')).alerts).toEqual(today.alerts)
    // A trade chamber reads no alert, and counts those that its trades received.
    const own = await getToday(deps, tobacconists, 'ac63')
    expect(own.alerts).toBeNull()
    expect(own.months.at(-1)).toMatchObject({ alerts: 1, planned: 1, delivered: 1 })
  })

  test.each(['operator', 'chief', 'magistrate', 'admin'] as const)(
    'is not for a role of %s',
    async (role) => {
      await expect(getToday(deps, actorOf(role, 'ac63'), 'ac63')).rejects.toMatchObject({ code: 'forbidden' })
    },
  )
})
