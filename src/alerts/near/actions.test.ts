import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../../test/support/database.ts'
import { actorOf, noteJobs, testDeps } from '../../../test/support/deps.ts'
import {
  agencyId,
  agePast,
  established,
  idOf,
  phoneOf,
  seedMembers,
  seedSchemes,
} from '../../../test/support/fixtures.ts'
import type { Deps } from '../../deps.ts'
import type { Database } from '../../platform/db.ts'
import { createReport } from '../../reports/actions.ts'
import { submitAlert } from '../approval/actions.ts'
import { createAlert, discardAlert } from '../compose/draft.ts'
import { broadcastAlert } from '../order/broadcast.ts'
import { listNear } from './actions.ts'

const operator = actorOf('operator', 'ac63', { agencyId })
const ISSOIRE = '63178'
const PERRIER = '63287'
const AMBERT = '63003'

describe.each(usualKinds)('alerts about one incident on %s', (kind) => {
  let database: Database
  let deps: Deps
  const clock = new Date('2026-03-12T17:30:00Z')

  beforeAll(async () => {
    database = await testDatabase(kind, { poolSize: 8 })
    await seedSchemes(database)
    await seedMembers(database.db, 'ac63', [{ id: idOf(1), name: 'Tabac du Centre', phones: [phoneOf(1)] }])
    deps = testDeps(database, { now: () => clock, jobs: noteJobs() })
  })
  afterAll(() => database.close())
  beforeEach(() => agePast(database))

  const draft = async (
    communeCode: string,
    categoryCode = 'counterfeit',
    text = 'Faux billets à Issoire. Soyez vigilants.',
  ) => {
    const report = await createReport(deps, operator, 'ac63', { categoryCode, communeCode })
    return createAlert(deps, operator, 'ac63', {
      reportId: report.id,
      text,
      area: { kind: 'commune', code: ISSOIRE },
      trades: [],
      doctrine: established,
    })
  }
  const order = (id: string, confirmNear: string[] = []) =>
    broadcastAlert(deps, operator, 'ac63', id, { version: 1, confirmNear })

  test('refuses the second alert until the near one is confirmed, and stores the confirmation', async () => {
    const first = await draft(ISSOIRE)
    await order(first.id)
    const second = await draft(PERRIER)
    const { alerts } = await listNear(deps, operator, 'ac63', { reportId: second.reportId })
    expect(alerts).toMatchObject([
      {
        id: first.id,
        reference: first.reference,
        state: 'broadcasting',
        commune: { code: ISSOIRE, name: 'Issoire' },
        mustConfirm: true,
        minutes: 0,
        kilometres: 2.9,
        like: 'category',
        by: 'Camille Roche (CIC Clermont-Ferrand)',
      },
    ])
    for (const confirmed of [[], [idOf(77)]])
      await expect(order(second.id, confirmed)).rejects.toMatchObject({
        code: 'doctrine_refused',
        problems: [{ code: 'doctrine.near_duplicate', values: { references: first.reference } }],
      })
    expect((await order(second.id, [first.id])).state).toBe('broadcasting')
    const kept = await database.db
      .selectFrom('alerts')
      .select('nearConfirmed')
      .where('id', '=', second.id)
      .executeTakeFirst()
    expect(kept?.nearConfirmed).toEqual([first.id])
  })

  test('names the near alert, the empty area and every other reason in one answer, for an order as for a submission', async () => {
    const first = await draft(ISSOIRE)
    await order(first.id)
    const report = await createReport(deps, operator, 'ac63', {
      categoryCode: 'counterfeit',
      communeCode: PERRIER,
    })
    const { id } = await createAlert(deps, operator, 'ac63', {
      reportId: report.id,
      text: 'Faux billets à Perrier. Soyez vigilants.',
      area: { kind: 'commune', code: AMBERT },
      trades: [],
      doctrine: { ...established, offence: null },
    })
    const problems = ['doctrine.near_duplicate', 'doctrine.offence_unanswered', 'empty_audience']
    const refusals = [
      [() => order(id), problems],
      [() => submitAlert(deps, operator, 'ac63', id, { version: 1 }), problems],
      [
        () =>
          broadcastAlert({ ...deps, config: { ...deps.config, gateways: [] } }, operator, 'ac63', id, {
            version: 1,
          }),
        [...problems, 'no_route'],
      ],
    ] as const
    for (const [act, codes] of refusals) {
      const refusal = await act().catch((error) => error)
      expect(refusal).toMatchObject({ code: 'doctrine_refused' })
      expect(refusal.problems.map(({ code }: { code: string }) => code).sort()).toEqual([...codes].sort())
    }
  })

  test('sends one of two alerts ordered at the same instant', async () => {
    const both = await Promise.all([draft(ISSOIRE), draft(ISSOIRE)])
    const orders = await Promise.allSettled(both.map((alert) => order(alert.id)))
    expect(orders.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected'])
  })

  test('shows a draft without requiring a confirmation, and hides a discarded one', async () => {
    const theirs = await draft(ISSOIRE)
    const mine = await draft(ISSOIRE)
    const near = () => listNear(deps, operator, 'ac63', { reportId: mine.reportId })
    expect((await near()).alerts).toMatchObject([{ id: theirs.id, state: 'draft', mustConfirm: false }])
    await discardAlert(deps, operator, 'ac63', theirs.id)
    expect((await near()).alerts).toEqual([])
    const next = await draft(ISSOIRE)
    expect((await order(next.id)).state).toBe('broadcasting')
    await discardAlert(deps, operator, 'ac63', mine.id)
  })

  test('compares a call being entered by its fields', async () => {
    const { id } = await draft(ISSOIRE)
    await order(id)
    const call = { categoryCode: 'counterfeit', communeCode: ISSOIRE }
    const near = async (over: object) =>
      (await listNear(deps, operator, 'ac63', { ...call, ...over })).alerts.map((one) => one.id)
    expect(await near({})).toEqual([id])
    expect(await near({ communeCode: AMBERT })).toEqual([])
    expect(await near({ exercise: true })).toEqual([])
    expect(await near({ categoryCode: 'robbery' })).toEqual([])
    expect(await near({ categoryCode: 'robbery', words: 'Attention, faux billets de 20' })).toEqual([id])
    await expect(near({ communeCode: '99999' })).rejects.toMatchObject({ code: 'unknown_commune' })
    await expect(listNear(deps, operator, 'ac63', { reportId: idOf(99) })).rejects.toMatchObject({
      code: 'not_found',
    })
    await expect(listNear(deps, actorOf('chamber', 'ac63'), 'ac63', { ...call })).rejects.toMatchObject({
      code: 'forbidden',
    })
  })

  test('does not replace an unread draft of another user', async () => {
    const mine = await draft(ISSOIRE)
    const karim = { ...actorOf('chief', 'ac63'), userId: 'chief-7', name: 'Karim Benali' }
    const write = (actor: typeof karim, text: string) =>
      createAlert(deps, actor, 'ac63', {
        reportId: mine.reportId,
        text,
        area: { kind: 'commune', code: ISSOIRE },
        trades: [],
        doctrine: established,
      })
    await expect(write(karim, 'Autre texte.')).rejects.toMatchObject({ code: 'alert_changed' })
    expect((await write(karim, mine.text)).version).toBe(1)
    expect((await write(operator, 'Autre texte.')).version).toBe(2)
  })
})
