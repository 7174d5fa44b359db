import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { countSolicitations } from '../../src/alerts/audience/solicitations.ts'
import { createAlert } from '../../src/alerts/compose/draft.ts'
import { listRecentAlerts } from '../../src/alerts/live/recent.ts'
import { addObserver } from '../../src/alerts/observers/actions.ts'
import { broadcastAlert } from '../../src/alerts/order/broadcast.ts'
import type { Deps } from '../../src/deps.ts'
import { listHistory } from '../../src/history/actions.ts'
import { type Database, inScheme } from '../../src/platform/db.ts'
import { createReport } from '../../src/reports/actions.ts'
import { getStatistics } from '../../src/statistics/actions.ts'
import { readPublicFigures } from '../../src/statistics/store.ts'
import { testDatabase } from '../support/database.ts'
import { actorOf, program, testDeps } from '../support/deps.ts'
import { agencyId, established, idOf, phoneOf, seedMembers, seedSchemes } from '../support/fixtures.ts'
import { listOwn } from '../support/own.ts'

const operator = actorOf('operator', 'ac63', { agencyId })
const chief = actorOf('chief', 'ac63', { agencyId })
const chamber = actorOf('chamber', 'ac63')
const content = {
  text: "Faux billets agglomération d'Issoire. Ne pas intervenir, ne pas transférer SMS.",
  area: { kind: 'epci' as const, code: '200070407' },
  trades: [] as string[],
  doctrine: established,
}

describe('what an exercise leaves in the records', () => {
  let database: Database
  let deps: Deps
  const references: Record<'real' | 'exercise', string[]> = { real: [], exercise: [] }
  let exerciseId = ''

  beforeAll(async () => {
    database = await testDatabase('postgres')
    await seedSchemes(database)
    await seedMembers(database.db, 'ac63', [{ id: idOf(1), phones: [phoneOf(1)] }])
    const demo = testDeps(database, { now: () => new Date('2026-03-12T17:30:00Z') })
    const [gateway] = demo.config.gateways
    deps = {
      ...demo,
      config: {
        ...demo.config,
        demo: false,
        gateways: [false, true].map((simulated) => ({
          ...gateway!,
          name: simulated ? 'smsc' : 'provider',
          simulated,
        })),
      },
    }
    await addObserver(deps, program, 'ac63', { name: 'Préfecture', phone: phoneOf(71), agency: null })
    for (const kind of ['real', 'exercise', 'exercise', 'real'] as const) {
      const exercise = kind === 'exercise'
      const { id: reportId } = await createReport(deps, operator, 'ac63', {
        categoryCode: 'counterfeit',
        communeCode: '63178',
        exercise,
      })
      const { id, version, reference } = await createAlert(deps, operator, 'ac63', { ...content, reportId })
      references[kind].push(reference)
      const isFirst = references[kind].length === 1
      if (!isFirst) continue
      await broadcastAlert(deps, operator, 'ac63', id, { version })
      if (exercise) exerciseId = id
    }
  })
  afterAll(() => database.close())

  const rows = async <T>(query: ReturnType<typeof sql<T>>) => (await query.execute(database.db)).rows

  test('its reference is of a series of its own, so those of real alerts have no hole', () => {
    expect(references).toEqual({ real: ['63-26-0001', '63-26-0002'], exercise: ['63-26-X001', '63-26-X002'] })
  })

  test('the order is in the audit log under that reference; its copies take simulated routes', async () => {
    const audited = await rows(sql<{ details: { reference: string; simulated: boolean; copies: number } }>`
      select details from audit_entries where action = 'alert.broadcast' and subject = ${`alert:${exerciseId}`}`)
    expect(audited).toMatchObject([{ details: { reference: '63-26-X001', simulated: true, copies: 1 } }])
    expect(
      await rows(
        sql`select kind, simulated from broadcasts where alert_id = ${exerciseId}::uuid order by kind`,
      ),
    ).toEqual([
      { kind: 'copy', simulated: true },
      { kind: 'first', simulated: true },
    ])
  })

  // One real alert and one exercise were sent to the same member: each record knows the real one only.
  const scope = { schemeId: 'ac63', from: '2026-01-01', to: '2026-12-31' }
  const records: Record<string, () => Promise<unknown>> = {
    'calls of the statistics': async () =>
      (await getStatistics(deps, chief, 'ac63', scope)).months.reduce(
        (sum, { calls }) => sum + (calls ?? 0),
        -1,
      ),
    'alerts of the statistics': async () =>
      (await getStatistics(deps, chief, 'ac63', scope)).months.reduce((sum, { alerts }) => sum + alerts, 0),
    'figures of the public page': async () =>
      inScheme(database.db, 'ac63', async (tx) => (await readPublicFigures(tx, scope as never)).alerts),
    'alerts of the map': async () => (await listRecentAlerts(deps, operator, 'ac63')).alerts.length,
    'history of the member': async () =>
      (await listHistory(deps, chamber, 'ac63', idOf(1), { limit: 50 })).entries.filter(
        ({ kind }) => kind === 'alert',
      ).length,
    'alerts on the portal': async () => (await listOwn(deps, 'ac63', idOf(1))).length,
    'frequency of alerts': async () => {
      await inScheme(database.db, 'ac63', (tx) =>
        countSolicitations(tx, 'ac63', { since: new Date('2026-03-01T00:00:00Z') }),
      )
      return (await rows(sql`select from solicited_broadcasts`)).length
    },
  }
  test.each(Object.entries(records))('%s', async (_, count) => {
    expect(await count()).toBe(1)
  })

  test.each(['outbox', 'held_back', 'dues', 'dues_payments', 'ledger_entries', 'relays', 'call_outs'])(
    'nothing in %s',
    async (table) => {
      expect(await rows(sql`select from ${sql.table(table)}`)).toEqual([])
    },
  )
})
