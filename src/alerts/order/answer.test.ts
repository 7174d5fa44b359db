import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../../test/support/database.ts'
import { actorOf, testDeps } from '../../../test/support/deps.ts'
import { agencyId, idOf, phoneOf, seedMembers, seedSchemes } from '../../../test/support/fixtures.ts'
import type { Deps } from '../../deps.ts'
import type { Actor } from '../../permissions.ts'
import type { Database } from '../../platform/db.ts'
import { createReport, getReport, refuseReport } from '../../reports/actions.ts'
import type { NewReport, RefuseReport } from '../../reports/contract.ts'
import { DoctrineSettings } from '../../schemes/doctrine.ts'
import { answerCaller } from './answer.ts'

const operator = actorOf('operator', 'ac63', { agencyId })
const engine: Actor = { kind: 'system', name: 'engine' }
const ANSWER = 'Votre signalement a été étudié : déjà une alerte “en cours”.'

describe.each(usualKinds)('reply to the caller of a refused report on %s', (kind) => {
  let database: Database
  let deps: Deps
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    await seedMembers(database.db, 'ac63', [
      { id: idOf(1), phones: [{ mobile: phoneOf(1), sms: false }, phoneOf(2)] },
    ])
    deps = testDeps(database, { now: () => new Date('2026-03-12T17:30:00Z') })
  })
  afterAll(() => database.close())

  const refused = async (
    caller: Partial<NewReport>,
    decision: Partial<RefuseReport> = { answer: ANSWER },
  ) => {
    const { id } = await createReport(deps, operator, 'ac63', {
      categoryCode: 'counterfeit',
      communeCode: '63178',
      ...caller,
    })
    await refuseReport(deps, operator, 'ac63', id, { reason: 'duplicate', ...decision })
    return id
  }
  const messagesOf = (reportId: string) =>
    database.db
      .selectFrom('broadcasts as b')
      .innerJoin('deliveries as d', 'd.broadcastId', 'b.id')
      .select(['b.alertId', 'b.kind', 'b.text', 'b.lane', 'b.simulated', 'b.sender', 'd.phone', 'd.memberId'])
      .select(['b.orderedBy'])
      .where('b.reportId', '=', reportId)
      .execute()

  test('is sent once to the number that called, with the chosen text, in the lane after all alerts', async () => {
    const id = await refused({ callerPhone: phoneOf(7) })
    expect((await getReport(deps, operator, 'ac63', id)).answer).toEqual({
      text: ANSWER,
      state: 'waiting',
      at: null,
    })
    await Promise.all([1, 2, 3].map(() => answerCaller(deps, engine, 'ac63', id)))
    expect(await messagesOf(id)).toEqual([
      {
        alertId: null,
        kind: 'answer',
        text: 'Votre signalement a été étudié : déjà une alerte "en cours".',
        lane: 'service',
        simulated: true,
        sender: 'ALERTE63',
        phone: phoneOf(7),
        memberId: id,
        orderedBy: 'Camille Roche (CIC Clermont-Ferrand)',
      },
    ])
    await database.db
      .updateTable('deliveries')
      .set({ state: 'delivered', settledAt: new Date('2026-03-12T17:30:09Z') })
      .where('phone', '=', phoneOf(7))
      .execute()
    expect((await getReport(deps, operator, 'ac63', id)).answer).toEqual({
      text: ANSWER,
      state: 'delivered',
      at: '2026-03-12T17:30:09.000Z',
    })
  })

  test('is sent to the business when the operator chose it by name', async () => {
    const id = await refused({ callerMemberId: idOf(1) })
    await answerCaller(deps, engine, 'ac63', id)
    expect(await messagesOf(id)).toMatchObject([{ phone: phoneOf(2), memberId: idOf(1) }])
  })

  test('is not sent if none was chosen', async () => {
    const id = await refused({ callerPhone: phoneOf(8) }, {})
    await answerCaller(deps, engine, 'ac63', id)
    expect(await messagesOf(id)).toEqual([])
    expect((await getReport(deps, operator, 'ac63', id)).answer).toBeNull()
  })

  test('takes no real route for an exercise, whatever is set up', async () => {
    const config = { ...deps.config, demo: false }
    const [simulator] = config.gateways
    const both = [{ ...simulator!, name: 'provider', simulated: false }, simulator!]
    const id = await refused({ callerPhone: phoneOf(9), exercise: true })
    const real = await refused({ callerPhone: phoneOf(10) })
    const withBoth = { ...deps, config: { ...config, gateways: both } }
    await answerCaller(withBoth, engine, 'ac63', id)
    await answerCaller(withBoth, engine, 'ac63', real)
    expect(await messagesOf(id)).toMatchObject([{ simulated: true }])
    expect(await messagesOf(real)).toMatchObject([{ simulated: false }])
  })
})

test('has texts to choose from that fit one SMS each', async () => {
  const { segmentMessage } = await import('../../message/segment.ts')
  const { answers } = DoctrineSettings.parse({}).care
  expect(Object.keys(answers)).toHaveLength(7)
  for (const text of Object.values(answers)) {
    expect(segmentMessage(text, { fold: true })).toMatchObject({ encoding: 'GSM-7', parts: [text] })
  }
})
