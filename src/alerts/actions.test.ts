import { sql } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { testDatabase, usualKinds } from '../../test/support/database.ts'
import { actorOf, contactOf, type NotedJobs, noteJobs, testDeps } from '../../test/support/deps.ts'
import {
  agencyId,
  agePast,
  established,
  idOf,
  phoneOf,
  seedMembers,
  seedSchemes,
} from '../../test/support/fixtures.ts'
import { listOwn } from '../../test/support/own.ts'
import { verifyAudit } from '../audit/verify.ts'
import { readConfig } from '../config.ts'
import type { Deps } from '../deps.ts'
import type { Actor } from '../permissions.ts'
import { type Database, TAKE_ROLE } from '../platform/db.ts'
import { createReport, getReport, refuseReport } from '../reports/actions.ts'
import { previewAudience } from './audience/preview.ts'
import { createAlert, discardAlert, discardDraftOf, updateAlert } from './compose/draft.ts'
import { type AlertDraft, type AlertView, type NewAlert, RecentAlertList } from './contract.ts'
import { exportDeliveries, getAlert, listAlerts, listDeliveries } from './live/read.ts'
import { listRecentAlerts } from './live/recent.ts'
import { broadcastAlert } from './order/broadcast.ts'
import { activateAlert, endAlert, stopAlert } from './order/close.ts'
import { expireAlerts } from './order/expire.ts'

const operator = actorOf('operator', 'ac63', { agencyId })
const tobacconist = contactOf('ac63', idOf(1))
const engine: Actor = { kind: 'system', name: 'engine' }
const ISSOIRE = { kind: 'epci', code: '200070407' } as const
const TEXT = "Faux billets agglomération d'Issoire. Ne pas intervenir, ne pas transférer SMS."
const draft: AlertDraft = { text: TEXT, area: ISSOIRE, trades: [], doctrine: established }

/** Returns the name of the database of a connection. */
const databaseOf = (client: unknown) => (client as { readonly database?: string }).database

describe.each(usualKinds)('alerts on %s', (kind) => {
  let database: Database
  let deps: Deps
  let jobs: NotedJobs
  let clock = new Date('2026-03-12T17:30:00Z')

  beforeAll(async () => {
    database = await testDatabase(kind, { poolSize: 8 })
    await seedSchemes(database)
    await seedMembers(database.db, 'ac63', [
      { id: idOf(1), name: 'Tabac du Centre', phones: [phoneOf(1), phoneOf(2)] },
      // One owner with two shops: both list the same phone.
      {
        id: idOf(2),
        name: 'Boulangerie Perrier',
        trade: 'bakeries',
        communeCode: '63287',
        phones: [phoneOf(1)],
      },
      {
        id: idOf(3),
        name: 'Bijouterie Clermont',
        trade: 'jewellers',
        communeCode: '63113',
        phones: [phoneOf(3)],
      },
      { id: idOf(4), name: 'Sans mobile', communeCode: '63178' },
      { id: idOf(5), name: 'Tabac Saint-Babel', communeCode: '63321', phones: [phoneOf(5)] },
    ])
    await seedMembers(database.db, 'ac39', [{ id: idOf(9), communeCode: '39300', phones: [phoneOf(9)] }])
  })
  afterAll(() => database.close())
  beforeEach(() => {
    jobs = noteJobs()
    deps = testDeps(database, { now: () => clock, jobs })
  })

  const waitingReport = async () => {
    await agePast(database)
    return (await createReport(deps, operator, 'ac63', { categoryCode: 'counterfeit', communeCode: '63178' }))
      .id
  }
  const newDraft = async (over: Partial<AlertDraft> = {}) =>
    createAlert(deps, operator, 'ac63', { ...draft, ...over, reportId: await waitingReport() })
  const sent = async (over: Partial<AlertDraft> = {}) => {
    const alert = await newDraft(over)
    return broadcastAlert(deps, operator, 'ac63', alert.id, { version: alert.version })
  }

  describe('preview', () => {
    test('previews who receives the alert, the price, the duration, and who cannot be reached or placed', async () => {
      expect(await previewAudience(deps, operator, 'ac63', { area: ISSOIRE, trades: [] })).toEqual({
        members: 3,
        channels: { sms: 3 },
        unreachable: 1,
        leftOut: { quiet: 0, fatigue: 0 },
        solicitation: { two: 0, three: 0, fourOrMore: 0 },
        copies: [],
        byTrade: [
          { trade: 'tobacco-press', sms: 3, members: 2 },
          { trade: 'bakeries', sms: 0, members: 1 },
        ],
        byCommune: [
          { code: '63178', name: 'Issoire', sms: 2, members: 1 },
          { code: '63321', name: 'Saint-Babel', sms: 1, members: 1 },
          { code: '63287', name: 'Perrier', sms: 0, members: 1 },
        ],
        communes: 4,
        withoutPoint: [],
        costCents: 14,
        pace: { latencySeconds: 0.02, partsPerSecond: 25_000 },
        hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      })
      const exercise = { area: ISSOIRE, trades: [], exercise: true }
      expect((await previewAudience(deps, operator, 'ac63', exercise)).costCents).toBe(0)
      const circle = { kind: 'radius', centre: { commune: '63178' }, kilometres: 10 } as const
      const around = await previewAudience(deps, operator, 'ac63', { area: circle, trades: ['bakeries'] })
      expect(around).toMatchObject({
        members: 1,
        channels: { sms: 1 },
        communes: 3,
        withoutPoint: [{ code: '63321', name: 'Saint-Babel' }],
      })
    })

    test('estimates the pace from broadcasts larger than one window, and the latency from the others', async () => {
      let at = clock
      /** Stores a finished broadcast to Jura with this number of messages, which the provider accepted in this time. */
      const send = async (planned: number, seconds: number) => {
        at = new Date(at.getTime() + 3_600_000)
        await sql`
          insert into broadcasts (scheme_id, id, text, encoding, parts, sender, lane, simulated, state, kind,
            valid_until, ordered_at, ordered_by, planned, delivered, first_submit_at, all_accepted_at, done_at)
          values ('ac39', ${deps.newId()}, 'x', 'GSM-7', 1, 'ALERTE', 'alert', true, 'done', 'service', ${at}, ${at}, 'x',
            ${planned}, ${planned}, ${at}, ${new Date(at.getTime() + seconds * 1000)}, ${at})`.execute(
          database.db,
        )
      }
      const paceOfJura = async () => {
        const jura = actorOf('operator', 'ac39')
        const area = { kind: 'scheme' } as const
        return (await previewAudience(deps, jura, 'ac39', { area, trades: [] })).pace
      }
      const window = deps.config.gateways[0]?.window ?? 0
      for (const planned of [3, 1, 2]) await send(planned, 1.1)
      expect(await paceOfJura()).toEqual({ latencySeconds: 1.1, partsPerSecond: window / 1.1 })
      await send(10 * window, 20)
      // Many small broadcasts afterwards do not change the estimate.
      for (let times = 0; times < 12; times++) await send(3, 1.1)
      expect(await paceOfJura()).toEqual({ latencySeconds: 1.1, partsPerSecond: window / 2 })
    })

    test('requires a route to estimate the duration, and an audience that exists', async () => {
      const none = { ...deps, config: { ...deps.config, gateways: [] } }
      const view = await previewAudience(none, operator, 'ac63', { area: ISSOIRE, trades: [] })
      expect(view.pace).toBeNull()
      const epci = { kind: 'epci', code: '000000000' } as const
      await expect(previewAudience(deps, operator, 'ac63', { area: epci, trades: [] })).rejects.toMatchObject(
        {
          code: 'unknown_area',
        },
      )
      await expect(
        previewAudience(deps, operator, 'ac63', { area: ISSOIRE, trades: ['farmers'] }),
      ).rejects.toMatchObject({ code: 'unknown_trade', values: { code: 'farmers' } })
      await expect(
        previewAudience(deps, tobacconist, 'ac63', { area: ISSOIRE, trades: [] }),
      ).rejects.toMatchObject({ code: 'forbidden' })
    })
  })

  describe('draft', () => {
    test('starts from a waiting report', async () => {
      const alert = await newDraft({ trades: ['tobacco-press', 'tobacco-press'], text: `  ${TEXT} ` })
      expect(alert).toMatchObject({
        version: 1,
        state: 'draft',
        text: TEXT,
        sentText: null,
        parts: null,
        sender: 'ALERTE63',
        area: ISSOIRE,
        areaLabel: "agglomération d'Issoire",
        trades: ['tobacco-press'],
        simulated: true,
        createdBy: 'Camille Roche (CIC Clermont-Ferrand)',
        expiresAt: '2026-03-13T05:30:00.000Z',
        progress: null,
      })
      expect(alert.reference).toMatch(/^63-26-\d{4}$/)
      const report = await getReport(deps, operator, 'ac63', alert.reportId)
      expect(report).toMatchObject({
        state: 'waiting',
        alert: { reference: alert.reference, state: 'draft' },
      })
    })

    test('reports every problem at once', async () => {
      const reportId = await waitingReport()
      const bad = { text: 'a'.repeat(500), area: { kind: 'epci', code: '000000000' }, trades: ['x'] } as const
      await expect(
        createAlert(deps, operator, 'ac63', { ...bad, trades: [...bad.trades], reportId }),
      ).rejects.toMatchObject({
        code: 'invalid_input',
        problems: [
          { code: 'text_too_long', path: 'text', values: { parts: 4, limit: 3 } },
          { code: 'unknown_trade', path: 'trades.0' },
          { code: 'unknown_area', path: 'area.code' },
        ],
      })
      await expect(
        createAlert(deps, operator, 'ac63', { ...draft, text: ' ', reportId }),
      ).rejects.toMatchObject({
        code: 'text_empty',
      })
      await expect(
        createAlert(deps, operator, 'ac63', { ...draft, reportId: idOf(66) }),
      ).rejects.toMatchObject({ code: 'not_found' })
    })

    test('is reused when its report is composed again', async () => {
      const first = await newDraft()
      const again = await createAlert(deps, operator, 'ac63', {
        ...draft,
        text: 'Autre texte.',
        reportId: first.reportId,
      })
      expect(again).toMatchObject({
        id: first.id,
        reference: first.reference,
        version: 2,
        text: 'Autre texte.',
      })
      const same = await createAlert(deps, operator, 'ac63', {
        ...draft,
        text: 'Autre texte.',
        reportId: first.reportId,
      })
      expect(same.version).toBe(2)
    })

    test('refuses a change that does not name the current version', async () => {
      const { id } = await newDraft()
      const change = (version: number, over: Partial<AlertDraft> = {}) =>
        updateAlert(deps, operator, 'ac63', id, { ...draft, ...over, version })
      expect(await change(1, { text: 'Deux.' })).toMatchObject({ version: 2, text: 'Deux.' })
      await expect(change(1, { text: 'Trois.' })).rejects.toMatchObject({ code: 'alert_changed' })
      expect((await change(2, { text: 'Deux.' })).version).toBe(2)
      expect(await change(2, { text: 'Deux.', lifetimeHours: 2 })).toMatchObject({
        version: 3,
        expiresAt: '2026-03-12T19:30:00.000Z',
      })
      // A chosen lifetime is kept until another is chosen.
      expect((await change(3, { text: 'Quatre.' })).expiresAt).toBe('2026-03-12T19:30:00.000Z')
      const { events } = await getAlert(deps, operator, 'ac63', id)
      expect(events.map(({ kind: what }) => what)).toEqual(['called', 'reported', 'drafted', 'changed'])
    })

    test('makes its report pending again when discarded, so that another draft can be started', async () => {
      const alert = await newDraft()
      expect((await discardAlert(deps, operator, 'ac63', alert.id)).state).toBe('discarded')
      const order = broadcastAlert(deps, operator, 'ac63', alert.id, { version: 1 })
      await expect(order).rejects.toMatchObject({ code: 'wrong_state' })
      await expect(discardAlert(deps, operator, 'ac63', alert.id)).rejects.toMatchObject({
        code: 'wrong_state',
      })
      const report = await getReport(deps, operator, 'ac63', alert.reportId)
      expect(report).toMatchObject({ state: 'waiting', alert: null })
      const next = await createAlert(deps, operator, 'ac63', { ...draft, reportId: alert.reportId })
      expect(next.id).not.toBe(alert.id)
    })

    test('is discarded when its report is refused, and can never be sent', async () => {
      const alert = await newDraft()
      await refuseReport(deps, operator, 'ac63', alert.reportId, { reason: 'no_offence' })
      await expect(broadcastAlert(deps, operator, 'ac63', alert.id, { version: 1 })).rejects.toMatchObject({
        code: 'already_decided',
      })
      await expect(
        createAlert(deps, operator, 'ac63', { ...draft, reportId: alert.reportId }),
      ).rejects.toMatchObject({ code: 'already_decided' })
      await discardDraftOf(deps, engine, 'ac63', alert.reportId)
      await discardDraftOf(deps, engine, 'ac63', alert.reportId)
      expect((await getAlert(deps, operator, 'ac63', alert.id)).alert.state).toBe('discarded')
    })
  })

  describe('order', () => {
    test('sends nine statements, including the beginning and the end of its transaction', async () => {
      await sent()
      const alert = await newDraft()
      await previewAudience(deps, operator, 'ac63', { area: ISSOIRE, trades: [] })
      const connection = await database.pool.connect()
      const own = databaseOf(connection)
      connection.release()
      const query = vi.spyOn(pg.Client.prototype, 'query')
      try {
        await broadcastAlert(deps, operator, 'ac63', alert.id, { version: alert.version })
        const statements = query.mock.calls
          // A file that ran before in this process may have left connections to its own database.
          .filter((_, call) => databaseOf(query.mock.contexts[call]) === own)
          .map(([first]) => first as unknown)
          // A connection may be new: idle ones are closed after ten seconds.
          .filter((one) => one !== TAKE_ROLE)
        expect(statements, JSON.stringify(statements)).toHaveLength(9)
      } finally {
        query.mockRestore()
      }
    })

    test('writes the text, the recipients, the job and the decision together', async () => {
      const alert = await newDraft({ text: 'Agression à la pêcherie d’Issoire. Ne pas intervenir.' })
      clock = new Date('2026-03-12T17:32:00Z')
      const ordered = await broadcastAlert(deps, operator, 'ac63', alert.id, { version: 1 })
      clock = new Date('2026-03-12T17:30:00Z')
      expect(ordered).toMatchObject({
        state: 'broadcasting',
        text: 'Agression à la pêcherie d’Issoire. Ne pas intervenir.',
        sentText: `Agression à la pecherie d'Issoire. Ne pas intervenir. Réf. ${alert.reference}`,
        parts: 1,
        sender: 'ALERTE63',
        orderedAt: '2026-03-12T17:32:00.000Z',
        orderedBy: 'Camille Roche (CIC Clermont-Ferrand)',
        // The lifetime counts from the order, not from the draft.
        expiresAt: '2026-03-13T05:32:00.000Z',
        progress: { planned: 3, waiting: 3, state: 'running' },
      })
      expect((await getAlert(deps, operator, 'ac63', alert.id)).alert).toEqual(ordered)
      const report = await getReport(deps, operator, 'ac63', alert.reportId)
      expect(report).toMatchObject({ state: 'broadcast', alert: { state: 'broadcasting' } })
      const { deliveries, total } = await listDeliveries(deps, operator, 'ac63', alert.id, {
        query: { after: 0, limit: 10 },
        lang: 'fr',
      })
      expect(total).toBe(3)
      expect(deliveries.map(({ member, phone }) => [member.name, phone])).toEqual([
        ['Tabac du Centre', '•• •• •• •• 01'],
        ['Tabac du Centre', '•• •• •• •• 02'],
        ['Tabac Saint-Babel', '•• •• •• •• 05'],
      ])
      // Any page, including one past the last.
      for (const [offset, numbers] of [
        [0, [1]],
        [2, [3]],
        [3, []],
      ] as const) {
        const page = await listDeliveries(deps, operator, 'ac63', alert.id, {
          query: { after: 0, offset, limit: 1, state: 'planned' },
          lang: 'fr',
        })
        expect(page.total).toBe(3)
        expect(page.deliveries.map(({ no }) => no)).toEqual(numbers)
      }
    })

    test('is carried out once when submitted twice at once', async () => {
      const alert = await newDraft()
      const results = await Promise.allSettled(
        Array.from({ length: 6 }, () => broadcastAlert(deps, operator, 'ac63', alert.id, { version: 1 })),
      )
      const refused = results.filter((result) => result.status === 'rejected')
      expect(refused.map(({ reason }) => reason.code)).toEqual(Array(5).fill('alert_not_draft'))
      const broadcasts = await database.db
        .selectFrom('broadcasts')
        .select(['planned'])
        .where('alertId', '=', alert.id)
        .execute()
      expect(broadcasts).toEqual([{ planned: 3 }])
    })

    test('lets only one of an order and a refusal at the same time succeed', async () => {
      for (let i = 0; i < 5; i++) {
        const alert = await newDraft()
        const [order, refusal] = await Promise.allSettled([
          broadcastAlert(deps, operator, 'ac63', alert.id, { version: 1 }),
          refuseReport(deps, operator, 'ac63', alert.reportId, { reason: 'doubt' }),
        ])
        expect([order.status, refusal.status].sort()).toEqual(['fulfilled', 'rejected'])
        const { state } = await getReport(deps, operator, 'ac63', alert.reportId)
        expect(state).toBe(order.status === 'fulfilled' ? 'broadcast' : 'refused')
      }
    })

    test('sends the version that was read, or nothing, when it is changed at the same time', async () => {
      for (let i = 0; i < 5; i++) {
        const alert = await newDraft()
        const [order, change] = await Promise.allSettled([
          broadcastAlert(deps, operator, 'ac63', alert.id, { version: 1 }),
          updateAlert(deps, operator, 'ac63', alert.id, { ...draft, text: 'Changé.', version: 1 }),
          createAlert(deps, operator, 'ac63', { ...draft, text: 'Repris.', reportId: alert.reportId }),
        ])
        if (order.status === 'fulfilled')
          expect(order.value.sentText).toBe(`${TEXT} Réf. ${order.value.reference}`)
        else expect(order.reason.code).toBe('alert_changed')
        if (change.status === 'rejected') expect(change.reason.code).toMatch(/^alert_(not_draft|changed)$/)
      }
    })

    test.each<[string, (deps: Deps) => Promise<AlertView>, string]>([
      [
        'an order for another version',
        async (d) => {
          const { id } = await newDraft()
          return broadcastAlert(d, operator, 'ac63', id, { version: 2 })
        },
        'alert_changed',
      ],
      [
        'an order without recipients',
        async (d) => {
          const { id } = await newDraft({ area: { kind: 'commune', code: '63003' } })
          return broadcastAlert(d, operator, 'ac63', id, { version: 1 })
        },
        'empty_audience',
      ],
      [
        'an order without a gateway',
        async (d) => {
          const { id } = await newDraft()
          return broadcastAlert({ ...d, config: { ...d.config, gateways: [] } }, operator, 'ac63', id, {
            version: 1,
          })
        },
        'no_route',
      ],
      [
        'an order of a simulated alert with real gateways only',
        async (d) => {
          const { id } = await newDraft()
          const gateways = d.config.gateways.map(
            (gateway) => ({ ...gateway, simulated: false }) as (typeof d.config.gateways)[number],
          )
          return broadcastAlert({ ...d, config: { ...d.config, gateways } }, operator, 'ac63', id, {
            version: 1,
          })
        },
        'no_route',
      ],
      [
        'an order by a user without the right',
        async (d) => {
          const { id } = await newDraft()
          return broadcastAlert(d, actorOf('magistrate', 'ac63'), 'ac63', id, { version: 1 })
        },
        'forbidden',
      ],
    ])('leaves no rows behind after %s', async (_, order, code) => {
      const count = async () =>
        (await sql<{ n: number }>`select count(*)::int as n from broadcasts`.execute(database.db)).rows[0]?.n
      const before = await count()
      await expect(order(deps)).rejects.toMatchObject({ code })
      expect(await count()).toBe(before)
    })

    test('refuses a simulated route for a real alert', async () => {
      const config = readConfig({
        TOCSIN_DEMO: 'false',
        TOCSIN_ENCRYPTION: 'off',
        TOCSIN_SECRET: 'x'.repeat(32),
        TOCSIN_BASE_URL: 'https://tocsin.example',
        TOCSIN_SMPP_HOST: 'smsc.example',
        TOCSIN_SMPP_SYSTEM_ID: 'tocsin',
        TOCSIN_SMPP_PASSWORD: 'tocsin',
      })
      const real = { ...deps, config }
      const alert = await createAlert(real, operator, 'ac63', { ...draft, reportId: await waitingReport() })
      expect(alert.simulated).toBe(false)
      await expect(broadcastAlert(deps, operator, 'ac63', alert.id, { version: 1 })).rejects.toMatchObject({
        code: 'no_route',
      })
      expect((await broadcastAlert(real, operator, 'ac63', alert.id, { version: 1 })).state).toBe(
        'broadcasting',
      )
    })

    test('gives consecutive references, also to alerts created at the same time', async () => {
      const reports = await Promise.all(Array.from({ length: 8 }, () => waitingReport()))
      const alerts = await Promise.all(
        reports.map((reportId) => createAlert(deps, operator, 'ac63', { ...draft, reportId })),
      )
      const numbers = alerts.map(({ reference }) => Number(reference.slice(6))).sort((a, b) => a - b)
      expect(numbers.map((number) => number - numbers[0]!)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    })
  })

  describe('after the order', () => {
    test('is marked as sent and then as ended, once each', async () => {
      const { id } = await sent()
      await expect(endAlert(deps, operator, 'ac63', id)).rejects.toMatchObject({ code: 'wrong_state' })
      await activateAlert(deps, engine, 'ac63', id)
      await activateAlert(deps, engine, 'ac63', id)
      await expect(stopAlert(deps, operator, 'ac63', id)).rejects.toMatchObject({ code: 'wrong_state' })
      const ended = await endAlert(deps, operator, 'ac63', id)
      expect(ended).toMatchObject({ state: 'ended', closedBy: 'Camille Roche (CIC Clermont-Ferrand)' })
      await expect(endAlert(deps, operator, 'ac63', id)).rejects.toMatchObject({ code: 'wrong_state' })
      const { events } = await getAlert(deps, operator, 'ac63', id)
      expect(events.map(({ kind: what }) => what)).toEqual([
        'called',
        'reported',
        'drafted',
        'ordered',
        'done',
        'ended',
      ])
    })

    test('withdraws the unsent deliveries of a stopped alert for good', async () => {
      const { id } = await sent()
      const stopped = await stopAlert(deps, operator, 'ac63', id)
      expect(stopped).toMatchObject({
        state: 'cancelled',
        progress: { planned: 3, waiting: 0, withdrawn: 3, state: 'done' },
      })
      await activateAlert(deps, engine, 'ac63', id)
      const page = await getAlert(deps, operator, 'ac63', id)
      expect(page.alert.state).toBe('cancelled')
      expect(page.events.at(-1)).toMatchObject({
        kind: 'stopped',
        by: 'Camille Roche (CIC Clermont-Ferrand)',
      })
      const { deliveries } = await listDeliveries(deps, operator, 'ac63', id, {
        query: { state: 'withdrawn', after: 0, limit: 1 },
        lang: 'fr',
      })
      expect(deliveries[0]?.error).toBe(
        'Retiré avant l’envoi : l’alerte a été arrêtée ou est finie, ou son premier message n’est pas arrivé.',
      )
    })

    test('expires by the clock, in every scheme, whatever its state', async () => {
      const active = await sent({ lifetimeHours: 1 })
      await activateAlert(deps, engine, 'ac63', active.id)
      const leaving = await sent({ lifetimeHours: 1 })
      const later = await sent({ lifetimeHours: 2 })
      clock = new Date('2026-03-12T18:30:00Z')
      try {
        expect(await expireAlerts(deps, engine)).toBe(2)
        expect(await expireAlerts(deps, engine)).toBe(0)
        await expect(expireAlerts(deps, operator)).rejects.toMatchObject({ code: 'forbidden' })
      } finally {
        clock = new Date('2026-03-12T17:30:00Z')
      }
      const stateOf = async (id: string) => (await getAlert(deps, operator, 'ac63', id)).alert
      // No route accepted its messages, so they are withdrawn; an alert that only awaits receipts continues.
      expect(await stateOf(active.id)).toMatchObject({ state: 'expired', closedBy: 'system:engine' })
      expect(await stateOf(leaving.id)).toMatchObject({ state: 'expired', progress: { withdrawn: 3 } })
      expect((await stateOf(later.id)).state).toBe('broadcasting')
    })

    test('ends an alert that only awaits receipts without stopping it', async () => {
      const { id } = await sent()
      await sql`update deliveries set state = 'accepted' where broadcast_id in (select id from broadcasts where alert_id = ${id})`.execute(
        database.db,
      )
      await sql`update broadcasts set accepted = 3, state = 'settling' where alert_id = ${id}`.execute(
        database.db,
      )
      await activateAlert(deps, engine, 'ac63', id)
      expect(await endAlert(deps, operator, 'ac63', id)).toMatchObject({
        state: 'ended',
        progress: { accepted: 3, state: 'settling' },
      })
    })
  })

  describe('reading alerts', () => {
    test('lists the alerts of the last days with no more than what the map draws', async () => {
      const alert = await sent()
      const { level: _, ...category } = alert.category
      const own = async (after: number) =>
        (
          await listRecentAlerts(
            { ...deps, now: () => new Date(clock.getTime() + after * 24 * 3_600_000) },
            operator,
            'ac63',
          )
        ).alerts.find(({ id }) => id === alert.id)
      expect(await own(6.9)).toEqual({
        id: alert.id,
        reference: alert.reference,
        category,
        commune: alert.commune,
        orderedAt: alert.orderedAt,
      })
      expect(await own(7.1)).toBeUndefined()
      const draft = await newDraft()
      const { alerts } = RecentAlertList.parse(await listRecentAlerts(deps, operator, 'ac63'))
      expect(alerts.map(({ id }) => id)).not.toContain(draft.id)
      await expect(listRecentAlerts(deps, tobacconist, 'ac63')).rejects.toMatchObject({ code: 'forbidden' })
    })

    test('shows contacts the alerts sent to their member, without names or figures', async () => {
      const toJeweller = await sent({ area: { kind: 'commune', code: '63113' } })
      const toIssoire = await sent()
      const unsent = await newDraft()
      const of = async (actor: Actor) =>
        (await listAlerts(deps, actor, 'ac63', { limit: 200 })).alerts.map(({ id }) => id)
      const own = async (n: number) => (await listOwn(deps, 'ac63', idOf(n))).map(({ id }) => id)
      expect(await own(3)).toContain(toJeweller.id)
      expect(await own(3)).not.toContain(toIssoire.id)
      expect(await own(1)).toContain(toIssoire.id)
      expect(await own(1)).not.toContain(unsent.id)
      // The second shop of the same owner, since the phone that they share received the alert.
      expect(await own(2)).toContain(toIssoire.id)
      expect(await of(operator)).toEqual(expect.arrayContaining([toJeweller.id, toIssoire.id, unsent.id]))

      const mine = (await listOwn(deps, 'ac63', idOf(1))).find(({ id }) => id === toIssoire.id)
      expect(mine).toMatchObject({ state: 'open', updates: [], readAt: null, closedAt: null })
      expect(JSON.stringify(mine)).not.toContain('Camille')
      await expect(getAlert(deps, tobacconist, 'ac63', toIssoire.id)).rejects.toMatchObject({
        code: 'forbidden',
      })
      await expect(
        listDeliveries(deps, tobacconist, 'ac63', toIssoire.id, {
          query: { after: 0, limit: 10 },
          lang: 'fr',
        }),
      ).rejects.toMatchObject({ code: 'forbidden' })
    })

    test('shows another scheme nothing', async () => {
      const { id } = await sent()
      const other = actorOf('operator', 'ac39')
      await expect(getAlert(deps, other, 'ac39', id)).rejects.toMatchObject({ code: 'not_found' })
      await expect(broadcastAlert(deps, other, 'ac39', id, { version: 1 })).rejects.toMatchObject({
        code: 'not_found',
      })
      expect((await listAlerts(deps, other, 'ac39', { limit: 50 })).alerts).toEqual([])
    })

    test('filters and pages the list', async () => {
      const { id } = await sent()
      const open = await listAlerts(deps, operator, 'ac63', { open: true, limit: 200 })
      expect(open.alerts.map((alert) => alert.id)).toContain(id)
      expect(new Set(open.alerts.map(({ state }) => state))).toEqual(new Set(['broadcasting']))
      const ended = await listAlerts(deps, operator, 'ac63', { state: 'ended', limit: 200 })
      expect(ended.alerts.every(({ state }) => state === 'ended')).toBe(true)
      const all = (await listAlerts(deps, operator, 'ac63', { limit: 200 })).alerts
      const seen: string[] = []
      for (let before: string | undefined; ; ) {
        const { alerts, next } = await listAlerts(deps, operator, 'ac63', { before, limit: 7 })
        seen.push(...alerts.map((alert) => alert.id))
        if (next === null) break
        before = next
      }
      expect(seen).toEqual(all.map((alert) => alert.id))
    })

    test('exports the deliveries as CSV and audits who did', async () => {
      const alert = await sent()
      const { reference, pieces } = await exportDeliveries(deps, operator, 'ac63', alert.id, {
        labels: {
          lang: 'fr',
          tradeName: (code) => code,
        },
      })
      expect(reference).toBe(alert.reference)
      let text = ''
      for await (const piece of pieces) text += piece
      expect(text.split('\r\n').slice(1)).toEqual([
        '1;Tabac du Centre;Issoire;63178;tobacco-press;•• •• •• •• 01;prévu;non;0;;;',
        '2;Tabac du Centre;Issoire;63178;tobacco-press;•• •• •• •• 02;prévu;non;0;;;',
        '3;Tabac Saint-Babel;Saint-Babel;63321;tobacco-press;•• •• •• •• 05;prévu;non;0;;;',
        '',
      ])
      const entry = await database.db
        .selectFrom('auditEntries')
        .select(['actor', 'subject'])
        .where('action', '=', 'delivery.export')
        .orderBy('seq', 'desc')
        .executeTakeFirst()
      expect(entry).toEqual({ actor: 'user:operator-1', subject: `alert:${alert.id}` })
    })

    test('records every step in the audit log, as an unbroken chain that names nobody', async () => {
      const rows = await database.db
        .selectFrom('auditEntries')
        .select(['action', 'details'])
        .where('schemeId', '=', 'ac63')
        .execute()
      expect([...new Set(rows.map(({ action }) => action))].sort()).toEqual([
        'alert.broadcast',
        'alert.change',
        'alert.compose',
        'alert.discard',
        'alert.end',
        'alert.expire',
        'alert.sent',
        'alert.stop',
        'delivery.export',
        'delivery.read',
        'report.create',
        'report.read',
        'report.refuse',
      ])
      const order = rows.find(({ action }) => action === 'alert.broadcast')
      expect(order?.details).toMatchObject({
        textSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        planned: 3,
        parts: 1,
        version: 1,
        simulated: true,
        area: ISSOIRE,
      })
      expect(JSON.stringify(rows)).not.toMatch(/\+33|Faux billets|Camille|Tabac/)
      const chain = (await verifyAudit(database.db)).find(({ schemeId }) => schemeId === 'ac63')
      expect(chain?.entries).toBe(rows.length)
      expect(chain?.broken).toBeUndefined()
    })
  })

  describe('creating an alert with an id chosen by the client', () => {
    const entriesOf = (id: string) =>
      database.db.selectFrom('auditEntries').select('action').where('subject', '=', `alert:${id}`).execute()
    const newInput = async (over: Partial<AlertDraft> = {}) => ({
      ...draft,
      ...over,
      id: deps.newId(),
      reportId: await waitingReport(),
    })
    const create = (input: NewAlert, actor = operator) => createAlert(deps, actor, 'ac63', input)

    test('answers the same request again with the alert that it created, even after it was sent', async () => {
      const input = await newInput({ lifetimeHours: 3 })
      const first = await create(input)
      expect(first.id).toBe(input.id)
      expect(await create(input)).toEqual(first)
      expect(await entriesOf(input.id)).toEqual([{ action: 'alert.compose' }])
      await broadcastAlert(deps, operator, 'ac63', input.id, { version: 1 })
      const { reference } = first
      expect(await create(input)).toMatchObject({ id: input.id, reference, orderedAt: clock.toISOString() })
      expect((await entriesOf(input.id)).filter(({ action }) => action === 'alert.compose')).toHaveLength(1)
    })

    test('creates one alert for concurrent identical requests', async () => {
      const input = await newInput()
      const all = await Promise.all([create(input), create(input), create(input)])
      expect(new Set(all.map(({ id, reference, version }) => `${id} ${reference} ${version}`)).size).toBe(1)
      expect(await entriesOf(input.id)).toHaveLength(1)

      // When two reports use one id at the same time, only one succeeds.
      const [one, other] = [await newInput(), await newInput()]
      const settled = await Promise.allSettled([create(one), create({ ...other, id: one.id })])
      expect(settled.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      expect(settled.find(({ status }) => status === 'rejected')).toMatchObject({
        reason: { code: 'id_taken' },
      })
    })

    test.each<[string, Partial<AlertDraft>]>([
      ['text', { text: `${TEXT} Appelez le 17.` }],
      ['area', { area: { kind: 'commune', code: '63178' } }],
      ['audience', { trades: ['bakeries'] }],
      ['doctrine', { doctrine: { ...established, arrested: true } }],
      ['reason', { outsideZoneReason: 'Fuite vers Ambert' }],
      ['lifetime', { lifetimeHours: 5 }],
    ])('refuses the same id with another %s, and leaves the alert unchanged', async (_, over) => {
      const input = await newInput({ lifetimeHours: 3 })
      const first = await create(input)
      await expect(create({ ...input, ...over })).rejects.toMatchObject({ code: 'id_taken' })
      expect((await getAlert(deps, operator, 'ac63', input.id)).alert).toMatchObject({
        version: 1,
        text: first.text,
      })
    })

    test('refuses the same id for another report or another account', async () => {
      const input = await newInput()
      await create(input)
      const reportId = await waitingReport()
      await expect(create({ ...input, reportId })).rejects.toMatchObject({ code: 'id_taken' })
      const colleague = actorOf('chief', 'ac63', { agencyId })
      await expect(create(input, colleague)).rejects.toMatchObject({ code: 'id_taken' })
      // The same id is free in another scheme.
      const jura = actorOf('operator', 'ac39')
      const report = await createReport(deps, jura, 'ac39', {
        categoryCode: 'counterfeit',
        communeCode: '39300',
      })
      const elsewhere = await createAlert(deps, jura, 'ac39', {
        id: input.id,
        reportId: report.id,
        text: 'Faux billets à Champagnole. Ne pas intervenir.',
        area: { kind: 'commune', code: '39300' },
        trades: [],
      })
      expect(elsewhere).toMatchObject({ id: input.id, reportId: report.id, version: 1 })
    })
  })
})
