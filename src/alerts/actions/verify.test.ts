import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databaseKinds, testDatabase } from '../../../test/support/database.ts'
import { actorOf, testDeps } from '../../../test/support/deps.ts'
import {
  agencyId,
  established,
  idOf,
  phoneOf,
  seedMembers,
  seedSchemes,
} from '../../../test/support/fixtures.ts'
import { testServer } from '../../../test/support/server.ts'
import type { Deps } from '../../deps.ts'
import type { Database } from '../../platform/db.ts'
import { createReport } from '../../reports/actions.ts'
import type { AlertView } from '../contract.ts'
import { broadcastAlert } from './broadcast.ts'
import { activateAlert, endAlert } from './close.ts'
import { createAlert } from './draft.ts'
import { verifyMessage } from './verify.ts'

const operator = actorOf('operator', 'ac63', { agencyId })
const ISSOIRE = { kind: 'epci', code: '200070407' } as const
const TEXT = "Faux billets agglomération d'Issoire. Ne pas intervenir, ne pas transférer SMS."
const NO = {
  genuine: false,
  extent: null,
  scheme: null,
  sentAt: null,
  state: null,
  followed: false,
  exercise: false,
}

describe.each(databaseKinds)('proof of authenticity on %s', (kind) => {
  let database: Database
  let deps: Deps
  let clock = new Date('2026-03-12T17:30:00Z')

  beforeAll(async () => {
    database = await testDatabase(kind, { poolSize: 4 })
    await seedSchemes(database)
    await seedMembers(database.db, 'ac63', [{ id: idOf(1), phones: [phoneOf(1)] }])
    deps = testDeps(database, { now: () => clock })
  })
  afterAll(() => database.close())

  async function draftOf(exercise = false): Promise<AlertView> {
    // Apart in time, so that none is near another.
    clock = new Date(clock.getTime() + 3_600_000)
    const report = await createReport(deps, operator, 'ac63', {
      categoryCode: 'counterfeit',
      communeCode: '63178',
      exercise,
    })
    return createAlert(deps, operator, 'ac63', {
      text: TEXT,
      area: ISSOIRE,
      trades: [],
      doctrine: established,
      reportId: report.id,
    })
  }
  async function sent(exercise = false): Promise<AlertView> {
    const alert = await draftOf(exercise)
    return broadcastAlert(deps, operator, 'ac63', alert.id, { version: alert.version })
  }

  test('what was sent is genuine, by all of it or by its first words', async () => {
    const { reference, sentText } = await sent()
    expect(await verifyMessage(deps, { reference, words: sentText ?? '' })).toEqual({
      genuine: true,
      extent: 'whole',
      scheme: 'Alerte Commerces 63',
      sentAt: clock.toISOString(),
      state: 'current',
      followed: false,
      exercise: false,
    })
    expect(
      await verifyMessage(deps, { reference: '', words: `${sentText} Réf. ${reference}-K7Q` }),
    ).toMatchObject({ genuine: true, extent: 'whole' })
    expect(await verifyMessage(deps, { reference, words: 'faux billets AGGLOMERATION' })).toMatchObject({
      genuine: true,
      extent: 'beginning',
    })
  })

  test('anything else has one and the same answer: another text, another reference, a draft', async () => {
    const { reference, sentText } = await sent()
    const draft = await draftOf()
    const words = sentText ?? ''
    for (const query of [
      { reference, words: `${words} Rappelez le 08 99 00 00 00` },
      { reference, words: 'Vol à main armée Issoire' },
      { reference: '63-26-9999', words },
      { reference: '39-26-0001', words },
      { reference: draft.reference, words: draft.text },
    ]) {
      expect(await verifyMessage(deps, query), JSON.stringify(query)).toEqual(NO)
    }
  })

  test('says when it is over, and when it was an exercise', async () => {
    const alert = await sent()
    await activateAlert(deps, { kind: 'system', name: 'engine' }, 'ac63', alert.id)
    await endAlert(deps, operator, 'ac63', alert.id)
    const words = alert.sentText ?? ''
    expect(await verifyMessage(deps, { reference: alert.reference, words })).toMatchObject({ state: 'over' })
    const exercise = await sent(true)
    expect(
      await verifyMessage(deps, { reference: exercise.reference, words: exercise.sentText ?? '' }),
    ).toMatchObject({ genuine: true, exercise: true })
  })

  test('too little to tell is said, all at once', async () => {
    await expect(verifyMessage(deps, { reference: 'SMS', words: 'Faux billets' })).rejects.toMatchObject({
      problems: [{ code: 'verify.reference_missing' }, { code: 'verify.words_few' }],
    })
  })

  test('anybody may ask, and nobody may guess by asking without end', async () => {
    const app = await testServer(deps, {})
    const { reference, sentText } = await sent()
    const ask = () => app.inject({ url: '/api/public/verify', query: { reference, words: sentText ?? '' } })
    const first = await ask()
    expect(first.statusCode).toBe(200)
    expect(first.json()).toMatchObject({ genuine: true })
    expect(first.headers['cache-control']).toBe('no-store')
    const statuses = []
    for (let i = 0; i < 20; i++) statuses.push((await ask()).statusCode)
    expect(statuses.slice(0, 19)).toEqual(Array(19).fill(200))
    expect(statuses[19]).toBe(429)
    await app.close()
  })
})
