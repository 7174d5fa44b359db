import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../../test/support/database.ts'
import { actorOf, testDeps } from '../../../test/support/deps.ts'
import {
  agencyId,
  established,
  idOf,
  phoneOf,
  seedMembers,
  seedSchemes,
} from '../../../test/support/fixtures.ts'
import { listOwn } from '../../../test/support/own.ts'
import type { Deps } from '../../deps.ts'
import { HOUR_MS, METROPOLITAN_ZONE } from '../../message/clock.ts'
import { segmentMessage } from '../../message/segment.ts'
import type { Actor } from '../../permissions.ts'
import { type Database, inScheme } from '../../platform/db.ts'
import { createReport } from '../../reports/actions.ts'
import type { CareSettings } from '../../schemes/settings/care.ts'
import { createAlert } from '../compose/draft.ts'
import type { AlertView } from '../contract.ts'
import { orderFollowUp } from '../follow-up/actions.ts'
import { getAlert } from '../live/read.ts'
import { copyToObservers } from '../observers/store.ts'
import { broadcastAlert } from '../order/broadcast.ts'
import { stopAlert } from '../order/close.ts'
import { solicitationSince } from './care.ts'
import { sendDigests } from './digest.ts'
import { digestText, type HeldBackAlert } from './digest-text.ts'
import { listHeldBackOf, previewHeldBack } from './held-back-list.ts'
import { previewAudience } from './preview.ts'
import { countSolicitations } from './solicitations.ts'

const operator = actorOf('operator', 'ac63', { agencyId })
const clockwork: Actor = { kind: 'system', name: 'clock' }
const SCHEME = { kind: 'scheme' } as const
const NIGHT = { from: 22 * 60, to: 7 * 60 }
/** 23:30 in France. */
const EVENING = new Date('2026-03-12T22:30:00Z')
const at = (iso: string) => new Date(iso)

describe.each(usualKinds)('recipients held back on %s', (kind) => {
  let database: Database
  let deps: Deps
  let clock = EVENING
  let minute = 0
  beforeAll(async () => {
    database = await testDatabase(kind, { poolSize: 6 })
    await seedSchemes(database)
    deps = testDeps(database, { now: () => clock })
  })
  afterAll(() => database.close())
  beforeEach(async () => {
    clock = EVENING
    for (const table of ['held_back', 'solicitations', 'solicited_broadcasts']) {
      await sql`delete from ${sql.table(table)}`.execute(database.db)
    }
    // Earlier alerts are more than a week old, so that they do not count.
    await sql`update broadcasts set ordered_at = ordered_at - interval '30 days'`.execute(database.db)
    await sql`update alerts set ordered_at = ordered_at - interval '30 days' where ordered_at is not null`.execute(
      database.db,
    )
    await sql`update members set quiet_from = null, quiet_to = null, status = 'active'`.execute(database.db)
    await database.db.deleteFrom('members').where('schemeId', '=', 'ac63').execute()
    await seedMembers(database.db, 'ac63', [
      { id: idOf(1), name: 'De nuit', phones: [phoneOf(1)] },
      { id: idOf(2), name: 'Dort', phones: [phoneOf(2), phoneOf(3)], quiet: NIGHT },
      { id: idOf(3), name: 'Dort aussi', phones: [phoneOf(4)], quiet: NIGHT },
      { id: idOf(4), name: 'Tard', phones: [phoneOf(5)], quiet: { from: 20 * 60, to: 9 * 60 } },
    ])
    await care({})
  })

  const care = (settings: Partial<CareSettings> | Record<string, unknown>) =>
    sql`update schemes set doctrine = ${JSON.stringify({ care: { budgetPerWeek: { alert: null, notice: null }, ...settings } })}::jsonb`.execute(
      database.db,
    )
  const order = async (categoryCode = 'counterfeit'): Promise<AlertView> => {
    minute += 1
    const report = await createReport(deps, operator, 'ac63', {
      categoryCode,
      communeCode: '63178',
      place: `lieu ${minute}`,
    })
    const alert = await createAlert(deps, operator, 'ac63', {
      reportId: report.id,
      text: `Faux billets à Issoire, ${'abcdefghijklmnop'[minute % 16]?.repeat(12)}. Ne pas intervenir.`,
      area: SCHEME,
      trades: [],
      doctrine: established,
    })
    const near = await database.db.selectFrom('alerts').select('id').where('id', '<>', alert.id).execute()
    return broadcastAlert(deps, operator, 'ac63', alert.id, {
      version: alert.version,
      confirmNear: near.map(({ id }) => id),
    })
  }
  const phonesOf = async (alertId: string) =>
    (
      await database.db
        .selectFrom('broadcasts as b')
        .innerJoin('deliveries as d', 'd.broadcastId', 'b.id')
        .select('d.phone')
        .where('b.alertId', '=', alertId)
        .where('b.kind', '=', 'first')
        .execute()
    )
      .map(({ phone }) => phone)
      .sort()
  const byPhone = <T extends { readonly phone: string }>(rows: readonly T[]) =>
    rows.toSorted((a, b) => a.phone.localeCompare(b.phone))
  const digests = async () =>
    byPhone(
      await database.db
        .selectFrom('broadcasts as b')
        .innerJoin('deliveries as d', 'd.broadcastId', 'b.id')
        .select(['d.phone', 'b.text', 'b.lane', 'b.simulated', 'b.alertId'])
        .where('b.kind', '=', 'digest')
        .where('b.orderedAt', '>', at('2026-03-12T00:00:00Z'))
        .execute(),
    )
  const heldBack = async () =>
    byPhone(await database.db.selectFrom('heldBack').select(['phone', 'reason', 'dueAt']).execute())

  test('stores recipients in quiet hours with the time of their digest instead of sending to them, as in the preview', async () => {
    const preview = await previewAudience(deps, operator, 'ac63', {
      area: SCHEME,
      trades: [],
      severity: 'alert',
    })
    expect(preview).toMatchObject({ members: 1, channels: { sms: 1 }, leftOut: { quiet: 4, fatigue: 0 } })
    const alert = await order()
    expect(await phonesOf(alert.id)).toEqual([phoneOf(1)])
    const seven = at('2026-03-13T06:00:00Z')
    expect(await heldBack()).toEqual([
      { phone: phoneOf(2), reason: 'quiet', dueAt: seven },
      { phone: phoneOf(3), reason: 'quiet', dueAt: seven },
      { phone: phoneOf(4), reason: 'quiet', dueAt: seven },
      { phone: phoneOf(5), reason: 'quiet', dueAt: at('2026-03-13T08:00:00Z') },
    ])
    // Sorted by name, with the reason, masked numbers and pages; for users who may list recipients.
    const names = await listHeldBackOf(deps, operator, 'ac63', alert.id, { offset: 0, limit: 50 })
    expect(names.total).toBe(4)
    expect(names.recipients.map(({ name, reason }) => `${name} ${reason}`)).toEqual([
      'Dort quiet',
      'Dort quiet',
      'Dort aussi quiet',
      'Tard quiet',
    ])
    expect(names.recipients[3]).toMatchObject({
      commune: 'Issoire',
      phone: `•• •• •• •• ${phoneOf(5).slice(-2)}`,
      dueAt: '2026-03-13T08:00:00.000Z',
      notifiedAt: null,
    })
    const second = await listHeldBackOf(deps, operator, 'ac63', alert.id, { offset: 2, limit: 1 })
    expect([second.total, second.recipients.map(({ name }) => name)]).toEqual([4, ['Dort aussi']])
    await expect(
      listHeldBackOf(deps, actorOf('magistrate', 'ac63'), 'ac63', alert.id, { offset: 0, limit: 50 }),
    ).rejects.toMatchObject({ code: 'forbidden' })
    const page = await getAlert(deps, operator, 'ac63', alert.id)
    expect(page.heldBack).toEqual({ quiet: 4, fatigue: 0, notified: 0 })
    // Members read on their page which alerts were held back from their phone; members of another scheme or outside the
    // audience do not.
    expect((await listOwn(deps, 'ac63', idOf(2))).map(({ id }) => id)).toContain(alert.id)
    expect(await listOwn(deps, 'ac63', idOf(99))).toEqual([])
  })

  test('keeps the alerts of a number newest first, also when one is counted after a later one', async () => {
    const phone = phoneOf(1)
    const hoursLater = (hours: number) => new Date(EVENING.getTime() + hours * HOUR_MS)
    const counted = async () => {
      await inScheme(database.db, 'ac63', (tx) =>
        countSolicitations(tx, 'ac63', { since: solicitationSince(clock) }),
      )
      return database.db
        .selectFrom('solicitations')
        .select(['latest', 'alert', 'notice'])
        .where('phone', '=', phone)
        .executeTakeFirst()
    }
    await database.db
      .insertInto('solicitations')
      .values({
        schemeId: 'ac63',
        phone,
        latest: [hoursLater(2)],
        alert: [hoursLater(2)],
        notice: [],
      })
      .execute()
    await order()
    expect(await counted()).toEqual({
      latest: [hoursLater(2), EVENING],
      alert: [hoursLater(2), EVENING],
      notice: [],
    })
    for (const hours of [3, 4]) {
      clock = hoursLater(hours)
      await order()
    }
    // Both at once.
    const all = [4, 3, 2, 0].map(hoursLater)
    expect(await counted()).toEqual({ latest: all, alert: all, notice: [] })
    clock = hoursLater(5)
    await order()
    // The latest are four at most.
    const later = [5, 4, 3, 2, 0].map(hoursLater)
    expect(await counted()).toEqual({ latest: later.slice(0, 4), alert: later, notice: [] })
  })

  test('sends vital alerts during quiet hours, and other alerts if the scheme allows it', async () => {
    const everybody = [1, 2, 3, 4, 5].map(phoneOf)
    await care({ quietOverriddenBy: 'alert' })
    expect(await phonesOf((await order()).id)).toEqual(everybody)
    await care({ quiet: NIGHT, budgetPerWeek: { alert: 1, notice: 1 } })
    const vital = await order('robbery').catch((error) => error)
    // This scheme requires no second person, since a vital alert with approval is another test's subject.
    expect(await phonesOf(vital.id)).toEqual(everybody)
  })

  test("applies the scheme's hours to members without hours of their own", async () => {
    await care({ quiet: NIGHT })
    await sql`update members set quiet_from = 0, quiet_to = 0 where id = ${idOf(2)}`.execute(database.db)
    expect(await phonesOf((await order()).id)).toEqual([phoneOf(2), phoneOf(3)])
  })

  test('refuses an alert when all recipients are in quiet hours, with that reason', async () => {
    await care({ quiet: NIGHT })
    await expect(order()).rejects.toMatchObject({ code: 'all_held_back' })
    expect(await heldBack()).toEqual([])
  })

  test('limits alerts a week for each number by what was sent, whichever member it belongs to', async () => {
    clock = at('2026-03-12T15:00:00Z')
    await care({ budgetPerWeek: { alert: 2, notice: 1 }, digestAt: 8 * 60 + 15 })
    await order()
    clock = at('2026-03-12T15:40:00Z')
    await order()
    const preview = (severity: 'vital' | 'alert' | 'notice') =>
      previewAudience(deps, operator, 'ac63', { area: SCHEME, trades: [], severity })
    expect(await preview('alert')).toMatchObject({ channels: { sms: 0 }, leftOut: { quiet: 0, fatigue: 5 } })
    const namesOf = (severity: 'alert' | 'vital', by = operator) =>
      previewHeldBack(deps, by, 'ac63', { area: SCHEME, trades: [], severity }, { offset: 0, limit: 3 })
    const tired = await namesOf('alert')
    expect([tired.total, tired.recipients.length]).toEqual([5, 3])
    expect(tired.recipients[0]).toMatchObject({ name: 'De nuit', reason: 'fatigue', alerts: 2 })
    expect(await namesOf('vital')).toEqual({ total: 0, recipients: [] })
    for (const by of [actorOf('magistrate', 'ac63'), actorOf('chamber', 'ac63')]) {
      await expect(namesOf('alert', by)).rejects.toMatchObject({ code: 'forbidden' })
    }
    expect(await preview('notice')).toMatchObject({
      channels: { sms: 5 },
      leftOut: { fatigue: 0 },
      solicitation: { two: 5, three: 0, fourOrMore: 0 },
    })
    await seedMembers(database.db, 'ac63', [{ id: idOf(5), phones: [phoneOf(6)] }])
    clock = at('2026-03-12T16:20:00Z')
    const third = await order()
    expect(await phonesOf(third.id)).toEqual([phoneOf(6)])
    const dueAt = at('2026-03-13T07:15:00Z')
    expect(await heldBack()).toEqual([
      ...[1, 2, 3, 4].map((n) => ({ phone: phoneOf(n), reason: 'fatigue', dueAt })),
      // Still in quiet hours at a quarter past eight: the digest is planned for nine.
      { phone: phoneOf(5), reason: 'fatigue', dueAt: at('2026-03-13T08:00:00Z') },
    ])
    // A week after the first of two alerts, only the second counts.
    clock = at('2026-03-19T15:20:00Z')
    expect(await preview('alert')).toMatchObject({ channels: { sms: 6 }, leftOut: { fatigue: 0 } })
  })

  test('sends one digest a number when it is due, with the number of alerts and the first of them', async () => {
    const first = await order()
    clock = at('2026-03-12T23:10:00Z')
    await order()
    clock = at('2026-03-13T05:59:59Z')
    expect(await sendDigests(deps, clockwork)).toBe(0)
    clock = at('2026-03-13T06:00:00Z')
    await Promise.all([1, 2, 3].map(() => sendDigests(deps, clockwork)))
    const text = `2 alertes gardées pendant vos heures calmes, dont : Faux billets, département du Puy-de-Dôme, 12/03 à 23h30. Détail sur votre page. Réf. ${first.reference}`
    const sent = {
      text: segmentMessage(text, { fold: true }).parts.join(''),
      lane: 'service',
      simulated: true,
    }
    expect(await digests()).toEqual([2, 3, 4].map((n) => ({ phone: phoneOf(n), alertId: null, ...sent })))
    expect((await getAlert(deps, operator, 'ac63', first.id)).heldBack).toEqual({
      quiet: 4,
      fatigue: 0,
      notified: 3,
    })
    clock = at('2026-03-13T08:00:00Z')
    expect(await sendDigests(deps, clockwork)).toBe(1)
    expect(await sendDigests(deps, clockwork)).toBe(0)
    expect((await digests()).map(({ phone }) => phone)).toEqual([2, 3, 4, 5].map(phoneOf))
    // The digest is not an alert, so it does not count against the budget.
    clock = at('2026-03-13T12:00:00Z')
    expect(
      await previewAudience(deps, operator, 'ac63', { area: SCHEME, trades: [], severity: 'alert' }),
    ).toMatchObject({ solicitation: { two: 1, three: 0, fourOrMore: 0 } })
  })

  test('sends no digest of a stopped alert, nor to a recipient who left or changed number', async () => {
    const stopped = await order()
    await stopAlert(deps, operator, 'ac63', stopped.id)
    clock = at('2026-03-12T23:10:00Z')
    await order()
    await sql`update members set status = 'left' where id = ${idOf(3)}`.execute(database.db)
    await sql`update contacts set mobile = ${phoneOf(40)} where mobile = ${phoneOf(3)}`.execute(database.db)
    await sql`update contacts set sms = false where mobile = ${phoneOf(5)}`.execute(database.db)
    clock = at('2026-03-13T09:00:00Z')
    expect(await sendDigests(deps, clockwork)).toBe(1)
    expect(
      (await digests()).filter(({ text }) => text.startsWith('1 alerte')).map(({ phone }) => phone),
    ).toEqual([phoneOf(2)])
    expect(await sendDigests(deps, clockwork)).toBe(0)
  })

  test('lets only the system job send digests over all schemes', async () => {
    await expect(sendDigests(deps, operator)).rejects.toMatchObject({ code: 'forbidden' })
  })

  test('sends observers their own copy, which no figure counts', async () => {
    clock = at('2026-03-12T15:00:00Z')
    await database.db
      .insertInto('observers')
      .values([
        { schemeId: 'ac63', id: idOf(71), agencyId: null, name: 'Préfecture', phone: phoneOf(71) },
        { schemeId: 'ac63', id: idOf(72), agencyId: null, name: 'Parquet', phone: phoneOf(72) },
        { schemeId: 'ac39', id: idOf(73), agencyId: null, name: 'Ailleurs', phone: phoneOf(73) },
      ])
      .execute()
    const preview = await previewAudience(deps, operator, 'ac63', { area: SCHEME, trades: [] })
    expect(preview.copies).toEqual([{ name: 'Parquet' }, { name: 'Préfecture' }])
    expect(preview.channels.sms).toBe(5)
    const alert = await order()
    expect(alert.progress?.planned).toBe(5)
    const copies = await database.db
      .selectFrom('broadcasts as b')
      .innerJoin('deliveries as d', 'd.broadcastId', 'b.id')
      .select(['d.phone', 'b.text', 'b.simulated', 'b.contentHash'])
      .where('b.alertId', '=', alert.id)
      .where('b.kind', '=', 'copy')
      .orderBy('d.no')
      .execute()
    const first = await database.db
      .selectFrom('broadcasts')
      .select(['text', 'simulated', 'contentHash'])
      .where('alertId', '=', alert.id)
      .where('kind', '=', 'first')
      .executeTakeFirstOrThrow()
    expect(copies).toEqual([72, 71].map((n) => ({ phone: phoneOf(n), ...first })))
    expect((await getAlert(deps, operator, 'ac63', alert.id)).copies).toEqual([
      { name: 'Parquet', state: 'planned' },
      { name: 'Préfecture', state: 'planned' },
    ])
    clock = at('2026-03-12T15:05:00Z')
    await orderFollowUp(deps, operator, 'ac63', alert.id, {
      kind: 'update',
      text: 'Faits confirmés à Issoire. Ne pas intervenir.',
      level: 'established',
      after: alert.broadcasts[0]!.id,
      key: idOf(4242),
    })
    const update = await sql<{ kind: string; phones: number; texts: number }>`
      select b.kind, count(*)::integer as phones, count(distinct b.text)::integer as texts
      from broadcasts b join deliveries d on d.broadcast_id = b.id
      where b.alert_id = ${alert.id} and b.ordered_at = ${clock} group by b.kind order by b.kind`.execute(
      database.db,
    )
    expect(update.rows).toEqual([
      { kind: 'copy', phones: 2, texts: 1 },
      { kind: 'update', phones: 5, texts: 1 },
    ])
  })

  test('sends a chamber no copy of identifying details', async () => {
    const chamber = idOf(81)
    await sql`insert into agencies (scheme_id, id, code, name, kind)
      values ('ac63', ${chamber}, 'cci63', 'CCI', 'chamber')`.execute(database.db)
    await sql`update observers set agency_id = ${chamber} where name = 'Parquet'`.execute(database.db)
    const alert = await order()
    const copied = (level: 'established' | 'precise') =>
      inScheme(database.db, 'ac63', (tx) =>
        copyToObservers(
          tx,
          deps,
          {
            schemeId: 'ac63',
            alertId: alert.id,
            segmentation: segmentMessage('Moto noire'),
            sender: 'ALERTE63',
            simulated: true,
            validUntil: at('2026-03-13T15:00:00Z'),
            orderedBy: 'test',
          },
          { communeCode: '63178', level },
        ),
      )
    expect(await copied('established')).toBe(2)
    expect(await copied('precise')).toBe(1)
  })

  test.each([
    // Eight in the morning of the next day, or of the same day after midnight.
    ['2026-03-12T20:00:00Z', METROPOLITAN_ZONE, '2026-03-13T07:00:00.000Z'],
    ['2026-03-12T20:00:00Z', 'Indian/Reunion', '2026-03-13T04:00:00.000Z'],
    ['2026-03-12T04:30:00Z', 'America/Martinique', '2026-03-12T12:00:00.000Z'],
    ['2026-03-12T12:00:00Z', 'America/Cayenne', '2026-03-13T11:00:00.000Z'],
    // The clocks go forward in that night.
    ['2026-03-28T20:00:00Z', METROPOLITAN_ZONE, '2026-03-29T06:00:00.000Z'],
  ])('plans the digest of the next morning in the scheme: after %s in %s', async (after, timeZone, at) => {
    const { rows } = await sql<{ at: Date }>`
      select next_local_time(${after}::timestamptz, 480, ${timeZone}) as at`.execute(database.db)
    expect(rows[0]?.at.toISOString()).toBe(at)
  })
})

describe('digest text', () => {
  const alert: HeldBackAlert = {
    reference: '63-26-0142',
    event: 'Vol de fret ou de matériaux à Clermont-Ferrand',
    heldAt: new Date('2026-07-12T21:05:00Z'),
    reason: 'quiet',
    closed: true,
  }
  test.each([
    [
      [alert],
      '1 alerte gardée pendant vos heures calmes : Vol de fret ou de matériaux à Clermont-Ferrand, 12/07 à 23h05 (terminée). Détail sur votre page. Réf. 63-26-0142',
    ],
    [
      [{ ...alert, reason: 'fatigue', closed: false }],
      '1 alerte gardée pour ne pas trop vous solliciter : Vol de fret ou de matériaux à Clermont-Ferrand, 12/07 à 23h05. Détail sur votre page. Réf. 63-26-0142',
    ],
    [
      [alert, { ...alert, reason: 'fatigue' }],
      '2 alertes gardées pour vous, dont : Vol de fret ou de matériaux à Clermont-Ferrand, 12/07 à 23h05 (terminée). Détail sur votre page. Réf. 63-26-0142',
    ],
  ] as const)('%#', (alerts, text) => {
    expect(digestText(alerts as unknown as [HeldBackAlert], METROPOLITAN_ZONE)).toBe(text)
  })

  test('has the hour of the scheme', () => {
    expect(digestText([alert], 'Indian/Reunion')).toContain(', 13/07 à 1h05')
    expect(digestText([alert], 'America/Cayenne')).toContain(', 12/07 à 18h05')
  })
})
