import { sql } from 'kysely'
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../test/support/database.ts'
import { actorOf, testDeps } from '../../test/support/deps.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../test/support/fixtures.ts'
import { tallyBroadcasts } from '../deliveries/settle/tallies.ts'
import type { Deps } from '../deps.ts'
import { recordDailyMemberCounts } from '../members/counts.ts'
import type { Replica } from '../platform/database/replica.ts'
import { acrossSchemes, type Database, inScheme } from '../platform/db.ts'
import { yearBefore } from './accounts.ts'
import {
  getCommitteeAccounts,
  getStatistics,
  makePublicFiguresReader,
  renderStatisticsPdf,
  setPublication,
} from './actions.ts'
import { toStatisticsCsv } from './csv.ts'

const chamber = actorOf('chamber', 'ac63')
const tobacconists = actorOf('trade_chamber', 'ac63', { trades: ['tobacco-press'] })
const NOW = new Date('2026-03-20T12:00:00Z')
const ISSOIRE = '63178'
const CLERMONT = '63113'

const FRENCH_HEADINGS = [
  'Un an avant',
  'Pourquoi des appels n’ont pas donné d’alerte',
  'Ce que les alertes ont donné',
  'Adhérents par métier',
]

interface AlertFixture {
  readonly calledAt: string
  readonly category?: string
  readonly commune?: string
  readonly trades?: readonly string[]
  readonly exercise?: boolean
  /** Seconds from the call to the first SMS. */
  readonly seconds?: number
  /** Trade, state and gateway of each message. */
  readonly messages: readonly (readonly [trade: string, state: string, gateway: string | null])[]
}

describe.each(usualKinds)('statistics on %s', (kind) => {
  let database: Database
  let deps: Deps
  let serial = 100
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    await seedMembers(database.db, 'ac63', [
      { id: idOf(1), name: 'Tabac du Centre', trade: 'tobacco-press', phones: [phoneOf(1)] },
      { id: idOf(2), name: 'Boulangerie', trade: 'bakery', phones: [phoneOf(2), phoneOf(3)] },
    ])
    deps = testDeps(database, { now: () => NOW })
    await insertAlert({
      calledAt: '2026-01-31T23:30:00Z',
      seconds: 60,
      messages: [
        ['tobacco-press', 'delivered', 'a'],
        ['bakery', 'failed', 'a'],
      ],
    })
    await insertAlert({
      calledAt: '2026-02-10T08:00:00Z',
      category: 'robbery',
      commune: CLERMONT,
      trades: ['tobacco-press'],
      seconds: 120,
      messages: [
        ['tobacco-press', 'delivered', 'b'],
        ['tobacco-press', 'withdrawn', null],
      ],
    })
    await insertAlert({
      calledAt: '2026-03-19T17:00:00Z',
      seconds: 600,
      messages: [
        ['bakery', 'delivered', 'a'],
        ['bakery', 'expired', 'a'],
      ],
    })
    await insertAlert({
      calledAt: '2026-03-02T17:00:00Z',
      exercise: true,
      seconds: 5,
      messages: [['bakery', 'delivered', 'a']],
    })
    await insertAlert({
      calledAt: '2025-02-02T17:00:00Z',
      seconds: 5,
      messages: [['bakery', 'delivered', 'a']],
    })
    await sql`delete from member_counts`.execute(database.db)
    await sql`insert into member_counts (scheme_id, day, trade, commune_code, active)
      values ('ac63', '2026-02-27', 'bakery', '63178', 4), ('ac63', '2026-02-28', 'bakery', '63178', 3),
      ('ac63', '2026-02-28', 'bakery', '63113', 2), ('ac63', '2026-02-28', 'tobacco-press', '63178', 2),
      ('ac63', '2025-11-30', 'bakery', '', 6), ('ac39', '2026-02-28', 'bakery', '', 90)`.execute(database.db)
    await acrossSchemes(database.db, (tx) => recordDailyMemberCounts(tx, NOW))
  })
  afterAll(() => database.close())

  async function insertAlert(one: AlertFixture): Promise<void> {
    const [report, alert, broadcast] = [idOf(serial++), idOf(serial++), idOf(serial++)]
    const { calledAt, category = 'counterfeit', commune = ISSOIRE, exercise = false, seconds = 0 } = one
    const firstAt = new Date(Date.parse(calledAt) + seconds * 1000)
    const count = (state: string) => one.messages.filter((message) => message[1] === state).length
    const db = database.db
    await sql`insert into reports (scheme_id, id, category_code, commune_code, called_at, occurred_at, state, decided_at, created_at, created_by, exercise)
      values ('ac63', ${report}::uuid, ${category}, ${commune}, ${calledAt}, ${calledAt}, 'broadcast', ${calledAt}, ${calledAt}, 'x', ${exercise})`.execute(
      db,
    )
    await sql`insert into alerts (scheme_id, id, reference, report_id, category_code, severity, text, area, area_label, trades, simulated, state,
        expires_at, created_at, created_by, exercise)
      values ('ac63', ${alert}::uuid, ${alert}, ${report}::uuid, ${category}, 'alert', ${exercise ? 'EXERCICE x' : 'x'}, '{"kind":"scheme"}', 'x', ${[...(one.trades ?? [])]}::text[], true,
        'active', ${firstAt}, ${calledAt}, 'x', ${exercise})`.execute(db)
    await sql`insert into broadcasts (scheme_id, id, alert_id, kind, text, encoding, parts, sender, lane, simulated, state, valid_until, ordered_at, ordered_by,
        planned, delivered, failed, expired, withdrawn, first_submit_at, done_at)
      values ('ac63', ${broadcast}::uuid, ${alert}::uuid, 'first', 'x', 'GSM-7', 1, 'X', 'alert', true, 'done', ${firstAt}, ${firstAt}, 'x',
        ${one.messages.length}, ${count('delivered')}, ${count('failed')}, ${count('expired')}, ${count('withdrawn')}, ${firstAt}, ${firstAt})`.execute(
      db,
    )
    for (const [no, [trade, state, gateway]] of one.messages.entries())
      await sql`insert into deliveries (scheme_id, broadcast_id, no, contact_id, member_id, phone, commune_code, trade, state, gateway)
        values ('ac63', ${broadcast}::uuid, ${no + 1}, ${idOf(no + 1)}, ${idOf(no + 1)}, ${phoneOf(no + 1)}, ${commune}, ${trade}, ${state}, ${gateway})`.execute(
        db,
      )
  }

  test.each([
    ['Indian/Reunion', '2026-02', [3, 12, 21]],
    ['America/Cayenne', '2026-01', [20, 5, 14]],
    ['America/Martinique', '2026-01', [19, 4, 13]],
  ] as const)(
    'counts hours and months in the time zone of the scheme: %s',
    async (timeZone, month, hours) => {
      const set = (zone: string | null) =>
        sql`update schemes set time_zone = ${zone} where id = 'ac63'`.execute(database.db)
      await set(timeZone)
      try {
        const found = await getStatistics(deps, chamber, 'ac63', {})
        for (const hour of hours) expect(found.hours[hour], String(hour)).toBe(1)
        const called = found.months.filter(({ calls }) => (calls ?? 0) > 0)
        expect(called.map((one) => one.month)).toEqual([...new Set([month, '2026-02', '2026-03'])])
      } finally {
        await set(null)
      }
    },
  )

  test('a report from the portal without a call to 17 is an alert, but no call and no time since a call', async () => {
    const set = (called: boolean | null) =>
      sql`update reports set called17 = ${called} where called_at = '2026-03-19T17:00:00Z'`.execute(
        database.db,
      )
    for (const [called, calls, median] of [
      [false, 0, null],
      [true, 1, 600_000],
      [null, 1, 600_000],
    ] as const) {
      await set(called)
      const found = await getStatistics(deps, chamber, 'ac63', {})
      expect(found).toMatchObject({ calls: 2 + calls, alerts: 3 })
      expect(found.months.at(-1)).toMatchObject({ calls, alerts: 1, times: { median } })
    }
  })

  test('counts a year by month in French time without exercises, equally before and after the tally', async () => {
    const before = await getStatistics(deps, chamber, 'ac63', {})
    expect(before).toMatchObject({
      from: '2025-04-01',
      to: '2026-03-20',
      calls: 3,
      alerts: 3,
      times: { median: 120_000, p90: 504_000 },
      reach: { planned: 6, delivered: 3, failed: 1, expired: 1, withdrawn: 1 },
      categories: [
        { code: 'counterfeit', alerts: 2 },
        { code: 'robbery', alerts: 1 },
      ],
      places: {
        kind: 'sector',
        elsewhere: 1,
        list: [{ name: "Val d'Allier", alerts: 2, members: expect.any(Number) }],
      },
      routes: [
        { gateway: 'a', planned: 4, delivered: 2, failed: 1, expired: 1, withdrawn: 0 },
        { gateway: '', planned: 1, withdrawn: 1 },
        { gateway: 'b', planned: 1, delivered: 1 },
      ],
    })
    expect(before.months).toHaveLength(12)
    expect(before.months.at(-1)).toMatchObject({ month: '2026-03', calls: 1, alerts: 1, members: 2 })
    expect(before.months.at(-2)).toMatchObject({
      month: '2026-02',
      calls: 2,
      alerts: 2,
      times: { median: 90_000 },
      members: 7,
      perMemberAndWeek: 2 / 7 / 4,
    })
    expect(before.months[0]).toMatchObject({
      calls: 0,
      alerts: 0,
      times: { median: null },
      members: null,
      perMemberAndWeek: null,
    })
    // In French time: half past midnight, nine in the morning, six in the evening.
    expect([before.hours[0], before.hours[9], before.hours[18]]).toEqual([1, 1, 1])
    // In the last week one alert was sent to two numbers; to one of them it expired.
    expect(before.fatigue).toEqual({ none: 2, one: 1, two: 0, three: 0, more: 0 })

    expect(await tallyBroadcasts(database.db, 2, NOW)).toBe(2)
    expect(await getStatistics(deps, chamber, 'ac63', {})).toEqual(before)
    while ((await tallyBroadcasts(database.db, 100, NOW)) > 0);
    await sql`delete from deliveries`.execute(database.db)
    expect(await getStatistics(deps, chamber, 'ac63', {})).toEqual(before)
  })

  test('keeps each day of the last two months and the last day of older months', async () => {
    const days = async () => {
      const { rows } = await sql<{ day: string }>`
        select distinct to_char(day, 'YYYY-MM-DD') as day from member_counts where scheme_id = 'ac39' order by 1`.execute(
        database.db,
      )
      return rows.map((row) => row.day)
    }
    await acrossSchemes(database.db, async (tx) => {
      await sql`insert into member_counts (scheme_id, day, trade, commune_code, active)
        select 'ac39', d::date, 'bakery', '39300', 1 from generate_series('2025-09-20'::date, '2026-01-20', '1 day') d`.execute(
        tx,
      )
      await recordDailyMemberCounts(tx, NOW)
    })
    expect(await days()).toEqual([
      ...['2025-09-30', '2025-10-31', '2025-11-30', '2025-12-31'],
      ...['2026-01-17', '2026-01-18', '2026-01-19', '2026-01-20', '2026-02-28'],
    ])
  })

  test('is limited to a period, a sector, a trade, a category', async () => {
    const period = await getStatistics(deps, chamber, 'ac63', { from: '2026-02-01', to: '2026-02-10' })
    expect(period).toMatchObject({ calls: 2, alerts: 2, reach: { planned: 4 } })
    expect(period.months).toHaveLength(1)
    expect(await getStatistics(deps, chamber, 'ac63', { categoryCode: 'robbery' })).toMatchObject({
      calls: 1,
      alerts: 1,
    })
    const trade = await getStatistics(deps, chamber, 'ac63', { trade: 'bakery' })
    expect(trade).toMatchObject({ calls: null, alerts: 2, reach: { planned: 3, delivered: 1 } })
    expect(trade.months.at(-2)).toMatchObject({ calls: null, members: 5 })
    const sectorId = idOf(900)
    await database.db
      .insertInto('sectors')
      .values({ schemeId: 'ac63', id: sectorId, name: 'Clermont', communeCodes: [CLERMONT] })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    const sector = await getStatistics(deps, chamber, 'ac63', { sectorId })
    expect(sector).toMatchObject({ calls: 1, alerts: 1, places: { kind: 'sector', elsewhere: 0 } })
    // Members of the sector only; none for a day counted before communes were recorded.
    expect(sector.months.at(-2)).toMatchObject({ month: '2026-02', members: 2, perMemberAndWeek: null })
    expect(sector.months.at(-5)).toMatchObject({ month: '2025-11', members: null })
    const places = (await getStatistics(deps, chamber, 'ac63', {})).places
    expect(places).toMatchObject({
      elsewhere: 0,
      list: expect.arrayContaining([expect.objectContaining({ id: sectorId, name: 'Clermont', alerts: 1 })]),
    })
    await expect(
      getStatistics(deps, chamber, 'ac63', { from: '2026-02-02', to: '2026-02-01' }),
    ).rejects.toMatchObject({
      code: 'invalid_input',
      problems: [{ code: 'statistics.backwards', path: 'from' }],
    })
    await expect(getStatistics(deps, chamber, 'ac63', { from: '2020-02-02' })).rejects.toMatchObject({
      problems: [{ code: 'statistics.tooLong' }],
    })
    await expect(getStatistics(deps, chamber, 'ac63', { sectorId: idOf(901) })).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  test('limits a trade chamber to its trades', async () => {
    const own = await getStatistics(deps, tobacconists, 'ac63', {})
    expect(own).toMatchObject({ calls: null, alerts: 3, reach: { planned: 3, delivered: 2, withdrawn: 1 } })
    expect(own.fatigue).toEqual({ none: 0, one: 1, two: 0, three: 0, more: 0 })
    expect(await getStatistics(deps, tobacconists, 'ac63', { trade: 'tobacco-press' })).toEqual(own)
    await expect(getStatistics(deps, tobacconists, 'ac63', { trade: 'bakery' })).rejects.toMatchObject({
      code: 'forbidden',
    })
    await expect(setPublication(deps, tobacconists, 'ac63', true)).rejects.toMatchObject({
      code: 'forbidden',
    })
  })

  test('compares refusals, outcomes and members with the same days a year before', async () => {
    const refuse = (calledAt: string, code: string, exercise = false) =>
      sql`insert into reports (scheme_id, id, category_code, commune_code, called_at, occurred_at, state, refusal_code, decided_at,
          created_at, created_by, exercise)
        values ('ac63', ${idOf(serial++)}::uuid, 'counterfeit', ${ISSOIRE}, ${calledAt}, ${calledAt}, 'refused', ${code}, ${calledAt},
          ${calledAt}, 'x', ${exercise})`.execute(database.db)
    await refuse('2025-10-01T10:00:00Z', 'doubt')
    await refuse('2025-10-02T10:00:00Z', 'doubt')
    await refuse('2025-10-03T10:00:00Z', 'too_late', true)
    await refuse('2024-10-01T10:00:00Z', 'arrested')
    await sql`update alerts set outcome = 'arrest', outcome_at = ${NOW}, outcome_by = 'x'
      where reference = (select a.reference from alerts a join reports r on r.id = a.report_id
        where r.called_at = '2026-02-10T08:00:00Z')`.execute(database.db)
    const accounts = await getCommitteeAccounts(deps, chamber, 'ac63', {})
    expect(accounts).toMatchObject({
      from: '2025-04-01',
      to: '2026-03-20',
      before: { from: '2024-04-01', to: '2025-03-20', isComplete: true },
      calls: { now: 5, before: 2 },
      refused: { now: 2, before: 1 },
      waiting: { now: 0, before: 0 },
      alerts: { now: 3, before: 1 },
      delivered: { now: 3, before: 1 },
      half: { now: 120_000, before: 5000 },
      refusals: [
        { code: 'doubt', now: 2, before: 0 },
        { code: 'arrested', now: 0, before: 1 },
      ],
    })
    expect(accounts.outcomes).toEqual([
      { code: 'none', now: 2, before: 1 },
      { code: 'arrest', now: 1, before: 0 },
    ])
    expect(accounts.trades.find(({ code }) => code === 'bakery')).toMatchObject({ before: null })
    expect(accounts.members.now).toBe(accounts.trades.reduce((sum, { now }) => sum + (now ?? 0), 0))
    const later = { ...deps, now: () => new Date('2026-06-20T12:00:00Z') }
    // A part of the year before is purged by then: a sum of what is left would look whole.
    const partial = await getCommitteeAccounts(later, chamber, 'ac63', { from: '2025-04-01' })
    expect(partial).toMatchObject({
      before: { isComplete: false },
      calls: { before: null },
      refused: { before: null },
      waiting: { before: null },
      alerts: { before: null },
      delivered: { before: null },
      half: { before: null },
      refusals: [{ code: 'doubt', now: 2, before: null }],
    })
    for (const { before } of [...partial.outcomes, ...partial.categories]) expect(before).toBeNull()
    // The reports of its first day are purged by the hour.
    const onTheDay = { ...deps, now: () => new Date(Date.parse('2024-04-01T12:00:00Z') + 730 * 86_400_000) }
    expect(
      (await getCommitteeAccounts(onTheDay, chamber, 'ac63', { from: '2025-04-01' })).before,
    ).toMatchObject({
      from: '2024-04-01',
      isComplete: false,
    })
    expect(yearBefore('2028-02-29')).toBe('2027-02-28')
    // A call has no trade.
    expect(await getCommitteeAccounts(deps, tobacconists, 'ac63', {})).toMatchObject({
      calls: null,
      refused: null,
      refusals: null,
      alerts: { now: 3 },
    })
    await expect(getCommitteeAccounts(deps, tobacconists, 'ac63', { trade: 'bakery' })).rejects.toMatchObject(
      { code: 'forbidden' },
    )
    await sql`delete from reports where state = 'refused'`.execute(database.db)
  })

  test('counts no report from the portal as a refused or waiting call unless its author called 17', async () => {
    const insert = (state: 'refused' | 'waiting', called17: boolean) =>
      sql`insert into reports (scheme_id, id, category_code, commune_code, called_at, occurred_at, state, refusal_code, decided_at,
          created_at, created_by, called17)
        values ('ac63', ${idOf(serial++)}::uuid, 'counterfeit', ${ISSOIRE}, '2026-03-10T10:00:00Z', '2026-03-10T10:00:00Z', ${state},
          ${state === 'refused' ? 'doubt' : null}, ${state === 'refused' ? '2026-03-10T10:05:00Z' : null}, '2026-03-10T10:00:00Z', 'x',
          ${called17})`.execute(database.db)
    const accounts = () => getCommitteeAccounts(deps, chamber, 'ac63', {})
    const before = await accounts()
    for (const state of ['refused', 'refused', 'refused', 'waiting'] as const) await insert(state, false)
    expect(await accounts()).toEqual(before)
    await insert('refused', true)
    await insert('waiting', true)
    expect(await accounts()).toMatchObject({
      calls: { now: before.calls!.now + 2 },
      refused: { now: 1 },
      waiting: { now: 1 },
      refusals: [{ code: 'doubt', now: 1, before: 0 }],
    })
    await sql`delete from reports where called17 is not null`.execute(database.db)
  })

  test('is published and withdrawn by the chamber only, with one audit entry', async () => {
    let now = NOW.getTime()
    const figuresOf = makePublicFiguresReader({ ...deps, now: () => new Date(now) })
    expect(await figuresOf('ac63')).toBeNull()
    expect(await figuresOf('nowhere')).toBeNull()
    for (const published of [true, true]) await setPublication(deps, chamber, 'ac63', published)
    const counted = {
      from: '2025-04-01',
      alerts: 3,
      delivered: 3,
      times: { median: 120_000, p90: 504_000 },
      at: NOW.toISOString(),
    }
    // Concurrent requests share one count.
    const asked = await Promise.all([figuresOf('ac63'), figuresOf('ac63'), figuresOf('ac63')])
    expect(asked[0]).toEqual(counted)
    expect(asked.filter((one) => one === asked[0]).length).toBeGreaterThan(1)
    now += 59_999
    expect(await figuresOf('ac63')).toEqual(counted)
    now += 1
    expect(await figuresOf('ac63')).toEqual({ ...counted, at: new Date(now).toISOString() })
    expect((await getStatistics(deps, chamber, 'ac63', {})).published).toBe(true)
    await setPublication(deps, chamber, 'ac63', false)
    expect(await figuresOf('ac63')).toBeNull()
    const entries = await database.db
      .selectFrom('auditEntries')
      .select('details')
      .where('action', '=', 'statistics.publish')
      .orderBy('seq')
      .execute()
    expect(entries.map(({ details }) => details)).toEqual([{ published: true }, { published: false }])
  })

  test('renders each table as CSV and the report as PDF pages', async () => {
    const statistics = await getStatistics(deps, chamber, 'ac63', {})
    const lines = (table: Parameters<typeof toStatisticsCsv>[1], lang: 'fr' | 'en' = 'fr') =>
      toStatisticsCsv(statistics, table, lang).trimEnd().split('\r\n')
    expect(lines('months')).toHaveLength(13)
    expect(lines('months')[11]).toBe('2026-02;2;2;90000;114000;4;2;1;0;1;7;0,07')
    expect(lines('hours', 'en')[0]).toBe('\uFEFFHour;Alerts')
    expect(lines('routes')).toContain('a;4;2;1;1;0')
    expect(lines('fatigue').at(-1)).toMatch(/^4 et plus;/)
    for (const table of ['categories', 'places'] as const) expect(lines(table).length).toBeGreaterThan(1)
    for (const lang of ['fr', 'en'] as const) {
      const behindSeconds = lang === 'fr' ? 7 : 0
      const replica: Replica = {
        read: async (schemeId, read) => ({ value: await inScheme(deps.db, schemeId, read), behindSeconds }),
      }
      const filter = { categoryCode: 'robbery' }
      const pdf = await renderStatisticsPdf({ ...deps, replica }, chamber, 'ac63', filter, lang)
      const document = await getDocument({ data: new Uint8Array(pdf) }).promise
      let text = ''
      for (let page = 1; page <= document.numPages; page++) {
        const { items } = await (await document.getPage(page)).getTextContent()
        const boxes = items.flatMap((item) => {
          if (!('str' in item) || item.str.trim() === '') return []
          const [left, base] = [item.transform[4] as number, item.transform[5] as number]
          return [{ says: item.str, left, right: left + item.width, base, top: base + item.height * 0.7 }]
        })
        for (const [n, a] of boxes.entries())
          for (const b of boxes.slice(n + 1))
            expect(
              a.left < b.right && b.left < a.right && a.base < b.top && b.base < a.top,
              `${a.says} / ${b.says}`,
            ).toBe(false)
        text += items.map((item) => ('str' in item ? item.str : '')).join(' ')
      }
      expect(document.numPages).toBeGreaterThan(1)
      // The committee reads no word of the trade of SMS.
      expect(text).not.toMatch(/passerelle|gateway|médian|median|simulat|latence|p90/i)
      for (const heading of lang === 'fr' ? FRENCH_HEADINGS : []) expect(text).toContain(heading)
      // Tagged, so that screen readers read it in its order.
      expect(await document.getMarkInfo()).toEqual(
        new Map([
          ['Marked', true],
          ['UserProperties', false],
          ['Suspects', false],
        ]),
      )
      if (lang === 'fr') expect(text).toMatch(/Les\s+7\s+dernières\s+secondes/)
      else expect(text).not.toContain('not included yet')
      expect(text).toContain(lang === 'fr' ? 'Rapport d’activité' : 'Scheme activity report')
      expect(text).toContain(lang === 'fr' ? 'Vol à main armée' : 'Armed robbery')
      expect(text).toMatch(
        lang === 'fr' ? /Du 1er avril 2025 au 20 mars 2026/ : /From 1 April 2025 to 20 March 2026/,
      )
    }
  })
})
