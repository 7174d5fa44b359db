import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
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
import { SEED } from '../../../test/support/random.ts'
import { testServer } from '../../../test/support/server.ts'
import { markOf } from '../../deliveries/marks.ts'
import type { Deps } from '../../deps.ts'
import { createRandom } from '../../gateways/sms/simulator/faults.ts'
import { METROPOLITAN_ZONE } from '../../message/clock.ts'
import type { Database } from '../../platform/db.ts'
import { createReport } from '../../reports/actions.ts'
import { createAlert } from '../compose/draft.ts'
import type { AlertView } from '../contract.ts'
import { broadcastAlert } from '../order/broadcast.ts'
import { activateAlert, endAlert } from '../order/close.ts'
import { SLOWED_QUESTIONS_A_MINUTE, verifyMessage, WRONG_TEXTS_A_DAY } from './verify.ts'

const operator = actorOf('operator', 'ac63', { agencyId })
const ISSOIRE = { kind: 'epci', code: '200070407' } as const
const TEXT = "Faux billets agglomération d'Issoire. Ne pas intervenir, ne pas transférer SMS."
/** Number of wrong texts; a soak tries 10,000 and has no time limit. */
const GUESSES = process.env.TOCSIN_SOAK ? 10_000 : 300
const MAX_TEST_MS = process.env.TOCSIN_SOAK ? Number.POSITIVE_INFINITY : 60_000
const NO = {
  genuine: false,
  scheme: null,
  timeZone: null,
  sentAt: null,
  state: null,
  followed: false,
  exercise: false,
}

describe.each(usualKinds)('public check of a message on %s', (kind) => {
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
    // Created at different times, so that none is near another.
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

  /** Gives each check an address of its own unless one is given. */
  let askers = 0
  const verify = (
    question: { reference: string; text: string },
    address = `2001:db8:0:${(++askers).toString(16)}::1`,
  ) => verifyMessage(deps, question, address)

  test('confirms the whole text that was sent', async () => {
    const { reference, sentText } = await sent()
    expect(await verify({ reference, text: sentText ?? '' })).toEqual({
      genuine: true,
      scheme: 'Alerte Commerces 63',
      timeZone: METROPOLITAN_ZONE,
      sentAt: clock.toISOString(),
      state: 'current',
      followed: false,
      exercise: false,
    })
    expect(await verify({ reference: '', text: `${sentText} Réf. ${reference}-K7Q` })).toMatchObject({
      genuine: true,
    })
  })

  test('gives one and the same response to anything else: a part, another text or reference, a draft', async () => {
    const { reference, sentText } = await sent()
    const draft = await draftOf()
    const text = sentText ?? ''
    const words = TEXT.split(' ')
    for (const question of [
      ...words.slice(1).map((_, index) => ({ reference, text: words.slice(0, index + 1).join(' ') })),
      ...words.slice(1).map((_, index) => ({ reference, text: words.slice(index + 1).join(' ') })),
      { reference, text: `${text} Rappelez le 08 99 00 00 00` },
      { reference, text: 'Vol à main armée Issoire' },
      { reference, text: reference },
      { reference: '63-26-9999', text },
      { reference: '39-26-0001', text },
      { reference: draft.reference, text: draft.text },
    ]) {
      expect(await verify(question), JSON.stringify(question)).toEqual(NO)
    }
  })

  test('confirms a text whose reference begins with a letter', async () => {
    await sql`update schemes set reference_prefix = 'AC63' where id = 'ac63'`.execute(database.db)
    const { reference, sentText } = await sent()
    await sql`update schemes set reference_prefix = '63' where id = 'ac63'`.execute(database.db)
    expect(reference).toMatch(/^AC63-/)
    expect(await verify({ reference: '', text: `${sentText} Réf. ${reference}-K7Q` })).toMatchObject({
      genuine: true,
    })
    // The next alerts are not held back because of this one.
    clock = new Date(clock.getTime() + 8 * 86_400_000)
  })

  test('does not let a text be recovered word by word, even with all its words known', {
    timeout: MAX_TEST_MS,
  }, async () => {
    const { reference } = await sent()
    const vocabulary = [...new Set(TEXT.split(' ')), 'Vol', 'Thiers.', 'AB-123-CD']
    const app = await testServer(deps, {})
    const answers = new Set<string>()
    let known = ''
    for (let round = 0; round < TEXT.split(' ').length - 1; round++) {
      for (const word of vocabulary) {
        const guess = `${known} ${word}`.trim()
        const answer = await app.inject({
          method: 'POST',
          url: '/api/public/verify',
          remoteAddress: `2001:db8:1:${(++askers).toString(16)}::1`,
          payload: { reference, text: guess },
        })
        answers.add(`${answer.statusCode} ${answer.body}`)
      }
      // The attacker is even given the right word each time.
      known = TEXT.split(' ')
        .slice(0, round + 1)
        .join(' ')
    }
    expect([...answers]).toEqual([`200 ${JSON.stringify(NO)}`])
    await app.close()
  })

  test(
    'gives every part and every wrong text one and the same response, on two nodes',
    async () => {
      await sql`update schemes set doctrine = '{"leakTracing": true}' where id = 'ac63'`.execute(database.db)
      const alert = await sent()
      await sql`update schemes set doctrine = '{}' where id = 'ac63'`.execute(database.db)
      const broadcast = await database.db
        .selectFrom('broadcasts')
        .select(sql<string>`mark_key::text`.as('markKey'))
        .where('alertId', '=', alert.id)
        .executeTakeFirstOrThrow()
      const { reference } = alert
      const mark = markOf(BigInt(broadcast.markKey), 1)
      const copy = `${TEXT} Réf. ${reference}-${mark}`
      const nodes = [await testServer(deps, {}), await testServer(deps, {})]
      const ask = async (text: string) => {
        askers += 1
        const answer = await nodes[askers % 2]!.inject({
          method: 'POST',
          url: '/api/public/verify',
          remoteAddress: `2001:db8:2:${askers.toString(16)}::1`,
          payload: { reference, text },
        })
        return `${answer.statusCode} ${answer.body}`
      }
      const wrong = [`200 ${JSON.stringify(NO)}`]
      const answers = new Set<string>()
      const random = createRandom(SEED)
      const words = copy.split(' ')
      for (let n = 0; n < GUESSES; n++) {
        const otherMark = markOf(BigInt(Math.floor(random() * 2 ** 48)), 1 + Math.floor(random() * 1000))
        if (otherMark === mark) continue
        const start = Math.floor(random() * (words.length - 1))
        const length = 1 + Math.floor(random() * (words.length - 2))
        const guess = [
          // The right words with an invented mark, or none; a part; a word changed.
          `${TEXT} Réf. ${reference}-${otherMark}`,
          TEXT,
          words.slice(start, start + length).join(' '),
          words.map((word, index) => (index === start ? `${word}x` : word)).join(' '),
        ][n % 4]!
        answers.add(await ask(guess))
      }
      expect([...answers]).toEqual(wrong)
      expect(JSON.parse((await ask(copy)).slice(4))).toMatchObject({ genuine: true })
      await Promise.all(nodes.map((node) => node.close()))
    },
    MAX_TEST_MS,
  )

  test('slows down each network once the budget is spent, for right and wrong texts, and blocks the check for none', async () => {
    const { reference, sentText } = await sent()
    for (let n = 0; n < WRONG_TEXTS_A_DAY; n++) {
      expect(await verify({ reference, text: `Vol ${n}` }, '192.0.2.1')).toEqual(NO)
    }
    const right = { reference, text: sentText ?? '' }
    expect(await verify({ reference, text: 'Vol' })).toEqual(NO)
    expect(await verify(right)).toMatchObject({ genuine: true, state: 'current' })
    for (let n = 0; n < SLOWED_QUESTIONS_A_MINUTE; n++) {
      expect(await verify({ reference, text: `Vol ${n}` }, '192.0.2.1')).toEqual(NO)
    }
    const slowed = { code: 'rate_limited', values: { seconds: 60 } }
    await expect(verify({ reference, text: 'Vol' }, '192.0.2.1')).rejects.toMatchObject(slowed)
    await expect(verify(right, '192.0.2.1')).rejects.toMatchObject(slowed)
    // Another process of the installation counts the same, since nothing is kept in memory.
    expect(await verify(right, '192.0.2.2')).toMatchObject({ genuine: true })
    // Other references are unaffected, as is this network a minute later, and every network the next day.
    expect(await verify({ reference: '63-26-9999', text: 'Vol' }, '192.0.2.1')).toEqual(NO)
    clock = new Date(clock.getTime() + 60_000)
    expect(await verify(right, '192.0.2.1')).toMatchObject({ genuine: true })
    clock = new Date(clock.getTime() + 86_400_000)
    for (let n = 0; n < 2 * SLOWED_QUESTIONS_A_MINUTE; n++) {
      expect(await verify({ reference, text: 'Vol' }, '192.0.2.1')).toEqual(NO)
    }
  })

  test('does not spend the budget for a right text', async () => {
    const { reference, sentText } = await sent()
    for (let n = 0; n < WRONG_TEXTS_A_DAY + 10; n++) {
      expect(await verify({ reference, text: sentText ?? '' }, '192.0.2.3')).toMatchObject({ genuine: true })
    }
  })

  test('shows that the alert has ended, or that it was an exercise', async () => {
    const alert = await sent()
    await activateAlert(deps, { kind: 'system', name: 'engine' }, 'ac63', alert.id)
    await endAlert(deps, operator, 'ac63', alert.id)
    const text = alert.sentText ?? ''
    expect(await verify({ reference: alert.reference, text })).toMatchObject({ state: 'over' })
    const exercise = await sent(true)
    expect(await verify({ reference: exercise.reference, text: exercise.sentText ?? '' })).toMatchObject({
      genuine: true,
      exercise: true,
    })
  })

  test('reports a missing reference and a missing text together', async () => {
    await expect(verify({ reference: 'SMS', text: ' ' })).rejects.toMatchObject({
      problems: [{ code: 'verify.reference_missing' }, { code: 'verify.text_missing' }],
    })
  })

  test('accepts checks in a body only, never in a URL that logs keep, and limits their rate', async () => {
    const app = await testServer(deps, {})
    const { reference, sentText } = await sent()
    const ask = () =>
      app.inject({
        method: 'POST',
        url: '/api/public/verify',
        payload: { reference, text: sentText ?? '' },
      })
    const first = await ask()
    expect(first.statusCode).toBe(200)
    expect(first.json()).toMatchObject({ genuine: true })
    expect(first.headers['cache-control']).toBe('no-store')
    const statuses = []
    for (let i = 0; i < 20; i++) statuses.push((await ask()).statusCode)
    expect(statuses.slice(0, 19)).toEqual(Array(19).fill(200))
    expect(statuses[19]).toBe(429)
    const byAddress = await app.inject({
      url: '/api/public/verify',
      query: { reference, words: sentText ?? '' },
    })
    expect(byAddress.statusCode).toBe(404)
    await app.close()
  })
})
