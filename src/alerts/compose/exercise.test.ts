import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../../test/support/database.ts'
import { actorOf, testDeps } from '../../../test/support/deps.ts'
import {
  agencyId,
  agePast,
  established,
  idOf,
  phoneOf,
  seedMembers,
  seedSchemes,
} from '../../../test/support/fixtures.ts'
import { listOwn } from '../../../test/support/own.ts'
import { createCipher } from '../../cipher/cipher.ts'
import { createKeyring } from '../../cipher/keyring.ts'
import { createMarkedValues, markForSealing } from '../../cipher/marked.ts'
import { planBroadcast } from '../../deliveries/plan/plan.ts'
import type { Deps } from '../../deps.ts'
import { segmentMessage } from '../../message/segment.ts'
import { AS_STORED } from '../../platform/database/client.ts'
import { type Database, inScheme } from '../../platform/db.ts'
import { createReport, listReports } from '../../reports/actions.ts'
import type { AlertView } from '../contract.ts'
import { getAlert } from '../live/read.ts'
import { listRecentAlerts } from '../live/recent.ts'
import { broadcastAlert } from '../order/broadcast.ts'
import { createAlert, updateAlert } from './draft.ts'

const operator = actorOf('operator', 'ac63', { agencyId })
const ISSOIRE = { kind: 'epci', code: '200070407' } as const
const TEXT = "Faux billets agglomération d'Issoire. Ne pas intervenir, ne pas transférer SMS."
const content = { text: TEXT, area: ISSOIRE, trades: [], doctrine: established }

/** A production installation: a provider that reaches real phones, and a simulated SMS centre for exercises. */
function inService(deps: Deps, gateways: readonly boolean[]): Deps {
  const [gateway] = deps.config.gateways
  if (gateway === undefined) throw new Error('the demo has one gateway')
  return {
    ...deps,
    config: {
      ...deps.config,
      demo: false,
      gateways: gateways.map((simulated) => ({
        ...gateway,
        name: simulated ? 'smsc' : 'provider',
        simulated,
      })),
    },
  }
}

describe.each(usualKinds)('an exercise on %s', (kind) => {
  let database: Database
  let deps: Deps
  const clock = new Date('2026-03-12T17:30:00Z')

  beforeAll(async () => {
    database = await testDatabase(kind, { poolSize: 4 })
    await seedSchemes(database)
    await seedMembers(database.db, 'ac63', [{ id: idOf(1), phones: [phoneOf(1)] }])
    deps = inService(testDeps(database, { now: () => clock }), [false, true])
  })
  afterAll(() => database.close())
  beforeEach(() => agePast(database))

  const report = (exercise: boolean) =>
    createReport(deps, operator, 'ac63', { categoryCode: 'counterfeit', communeCode: '63178', exercise })
  const compose = async (exercise: boolean): Promise<AlertView> =>
    createAlert(deps, operator, 'ac63', { ...content, reportId: (await report(exercise)).id })

  test('is marked from the report on, also in its text, and is simulated where real alerts are not', async () => {
    const alert = await compose(true)
    expect(alert).toMatchObject({ exercise: true, simulated: true, text: `EXERCICE ${TEXT}` })
    const changed = await updateAlert(deps, operator, 'ac63', alert.id, {
      ...content,
      text: 'Faux billets à Issoire. Vérifiez, appelez le 17.',
      version: alert.version,
    })
    expect(changed.text).toBe('EXERCICE Faux billets à Issoire. Vérifiez, appelez le 17.')
    const { progress, sentText } = await broadcastAlert(deps, operator, 'ac63', alert.id, {
      version: changed.version,
    })
    expect(progress?.planned).toBe(1)
    expect(sentText).toMatch(/^EXERCICE Faux billets à Issoire\./)
    const { rows } = await sql<{ simulated: boolean }>`
      select simulated from broadcasts where alert_id = ${alert.id}`.execute(database.db)
    expect(rows).toEqual([{ simulated: true }])

    const real = await compose(false)
    expect(real).toMatchObject({ exercise: false, simulated: false, text: TEXT })
  })

  test('refuses the report of an exercise where no simulated gateway is set up', async () => {
    const withoutSimulator = inService(deps, [false])
    await expect(
      createReport(withoutSimulator, operator, 'ac63', {
        categoryCode: 'counterfeit',
        communeCode: '63178',
        exercise: true,
      }),
    ).rejects.toMatchObject({ problems: [{ code: 'exercise.no_simulator', path: 'exercise' }] })
  })

  test('refuses in the database to turn it into a real alert or to use a real route', async () => {
    const alert = await compose(true)
    const write = (statement: ReturnType<typeof sql>) =>
      inScheme(database.db, 'ac63', (tx) => statement.execute(tx))
    const acrossSchemes = (statement: ReturnType<typeof sql>) => statement.execute(database.db)
    for (const attempt of [write, acrossSchemes]) {
      await expect(attempt(sql`update alerts set simulated = false where id = ${alert.id}`)).rejects.toThrow(
        /alerts_exercise_simulated/,
      )
      await expect(
        attempt(sql`update alerts set exercise = false, simulated = false where id = ${alert.id}`),
      ).rejects.toThrow(/alerts_kind_of_report/)
      await expect(
        attempt(sql`update reports set exercise = false where id = ${alert.reportId}`),
      ).rejects.toThrow(/alerts_kind_of_report/)
      await expect(attempt(sql`update alerts set text = ${TEXT} where id = ${alert.id}`)).rejects.toThrow(
        /alerts_exercise_said/,
      )
    }
    // A text of the highest level is sealed before it is stored.
    const stored = createMarkedValues(createCipher(createKeyring())).seal(
      markForSealing('ac63', 'text', alert.text),
    )
    expect(stored).toMatch(/^s1\./)
    await write(sql`${AS_STORED} update alerts set text = ${stored} where id = ${alert.id}`)
    await write(sql`update alerts set text = ${alert.text} where id = ${alert.id}`)
    const order = (simulated: boolean) =>
      inScheme(database.db, 'ac63', (tx) =>
        planBroadcast(tx, deps, {
          schemeId: 'ac63',
          alertId: alert.id,
          kind: 'first',
          segmentation: segmentMessage(TEXT),
          sender: 'ALERTE63',
          lane: 'alert',
          simulated,
          validUntil: new Date(clock.getTime() + 3_600_000),
          orderedBy: 'test',
          recipients: sql`select c.id as contact_id, c.member_id, c.mobile as phone, '63178' as commune_code, 'shop' as trade
            from contacts c where c.scheme_id = 'ac63'`,
        }),
      )
    await expect(order(false)).rejects.toThrow(/broadcasts_kind_of_alert/)
    expect(await order(true)).toMatchObject({ planned: 1 })
    await expect(
      acrossSchemes(sql`update broadcasts set simulated = false where alert_id = ${alert.id}`),
    ).rejects.toThrow(/broadcasts_kind_of_alert/)
  })

  test('marks it in lists and hides it from members, who received no message', async () => {
    const alert = await compose(true)
    await broadcastAlert(deps, operator, 'ac63', alert.id, { version: alert.version })
    const of = async (exercise: boolean | undefined) =>
      listReports(deps, operator, 'ac63', { limit: 200, exercise })
    const all = await of(undefined)
    const only = await of(true)
    const none = await of(false)
    expect(only.reports.every((one) => one.exercise)).toBe(true)
    expect(none.reports.some((one) => one.exercise)).toBe(false)
    expect(only.reports.length).toBeGreaterThan(0)
    expect(only.reports.length + none.reports.length).toBe(all.reports.length)
    expect(only.counts.broadcast + none.counts.broadcast).toBe(all.counts.broadcast)

    expect(await listOwn(deps, 'ac63', idOf(1))).toEqual([])
    expect((await getAlert(deps, operator, 'ac63', alert.id)).alert.exercise).toBe(true)
    const recent = await listRecentAlerts(deps, operator, 'ac63')
    expect(recent.alerts.map(({ id }) => id)).not.toContain(alert.id)
  })
})
