import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../../test/support/database.ts'
import { actorOf, noteJobs, testDeps } from '../../../test/support/deps.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../../test/support/fixtures.ts'
import { waitingMails, waitingSms } from '../../../test/support/outbox.ts'
import { runsOf } from '../../../test/support/random.ts'
import { correctNumber } from '../../changes/numbers.ts'
import { undoChange } from '../../changes/undo.ts'
import type { Deps } from '../../deps.ts'
import { createKeptMailer } from '../../gateways/mail/kept.ts'
import { DAY_MS } from '../../message/clock.ts'
import { type Database, inScheme } from '../../platform/db.ts'
import { getMember } from '../actions.ts'
import type { NumberFacet } from '../contract.ts'
import { setContactSms } from '../opt-out/opt-out.ts'
import { listNumbers } from './actions.ts'
import { NumberQuery } from './contract.ts'
import {
  getNumberQuestion,
  getNumberSettings,
  recordNumberAnswer,
  sendYearlyQuestions,
  setNumberSettings,
} from './reconfirm.ts'

const chamber = actorOf('chamber', 'ac63')
/** A Monday, 10:00 in Paris. */
const MONDAY = Date.parse('2026-03-02T09:00:00Z')

describe.each(usualKinds)('the yearly question on %s', (kind) => {
  let database: Database
  let deps: Deps
  let nowMs = MONDAY
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    const now = () => new Date(nowMs)
    deps = testDeps(database, { now, jobs: noteJobs(), mailer: createKeptMailer(now) })
  })
  afterAll(() => database.close())
  beforeEach(async () => {
    nowMs = MONDAY
    for (const table of ['outbox', 'opt_outs', 'number_health', 'members']) {
      await sql`delete from ${sql.table(table)}`.execute(database.db)
    }
    await seedMembers(
      database.db,
      'ac63',
      [1, 2, 3, 4, 5].map((n) => ({ id: idOf(n), name: `Tabac ${n}`, phones: [phoneOf(n === 5 ? 4 : n)] })),
    )
    await sql`update contacts set mobile_at = '2024-06-01'`.execute(database.db)
    await setNumberSettings(deps, chamber, 'ac63', { reconfirm: true, perDay: 20 })
  })

  const asked = async () =>
    (await waitingSms(database.db))
      .map(({ phone, text, lane }) => ({
        phone,
        text,
        lane,
        token: /\/numero\/([\w-]{16})/.exec(text)?.[1] ?? '',
      }))
      .sort((a, b) => a.phone.localeCompare(b.phone))
  const askAt = async (ms: number) => {
    nowMs = ms
    await database.db.deleteFrom('outbox').where('channel', '=', 'sms').execute()
    await sendYearlyQuestions(deps)
    return asked()
  }
  const facet = async (name: NumberFacet) =>
    (await listNumbers(deps, chamber, 'ac63', NumberQuery.parse({ facet: name }))).members.map(({ id }) => id)

  test('is sent once to each number older than a year, in the reminder lane, with a link', async () => {
    await sql`update contacts set mobile_at = '2025-03-20' where mobile = ${phoneOf(2)}`.execute(database.db)
    await sql`insert into number_health (scheme_id, phone, state, since) values ('ac63', ${phoneOf(3)}, 'dead', now())`.execute(
      database.db,
    )
    const messages = await askAt(MONDAY)
    // Two shops have the fourth number.
    expect(messages.map(({ phone }) => phone)).toEqual([phoneOf(1), phoneOf(4)])
    expect(messages[0]).toMatchObject({
      lane: 'reminder',
      text: expect.stringMatching(/^Alerte Commerces 63\s: toujours ce numéro/),
    })
    expect(messages[0]?.text).toContain('15 jours')
    expect(messages[0]?.token).toHaveLength(16)
    const stored = await database.db.selectFrom('reconfirmations').select('tokenHash').execute()
    expect(JSON.stringify(stored)).not.toContain(messages[0]?.token)
    expect(await askAt(MONDAY + 3_600_000)).toEqual([])
  })

  test('asks again with the same link after TOCSIN_SECRET was replaced, while the former one is accepted', async () => {
    const [first] = await askAt(MONDAY)
    const own = deps.secret
    const askLater = async (secret: Deps['secret'], days: number) => {
      nowMs = MONDAY + days * DAY_MS
      await database.db.deleteFrom('outbox').where('channel', '=', 'sms').execute()
      await sendYearlyQuestions({ ...deps, secret })
      return (await asked()).find(({ phone }) => phone === first?.phone)?.token
    }
    const current = 'the next secret of more than thirty-two characters'
    expect(await askLater({ current, previous: own?.current }, 63)).toBe(first?.token)
    expect(await getNumberQuestion(deps, first?.token ?? '')).toMatchObject({
      question: { business: 'Tabac 1' },
    })
  })

  test('is off by default, and is sent in working hours only', async () => {
    await setNumberSettings(deps, chamber, 'ac63', { reconfirm: false, perDay: 20 })
    expect(await askAt(MONDAY)).toEqual([])
    await sql`update schemes set numbers = '{}' where id = 'ac63'`.execute(database.db)
    expect(await getNumberSettings(deps, chamber, 'ac63')).toEqual({ reconfirm: false, perDay: 20 })
    await setNumberSettings(deps, chamber, 'ac63', { reconfirm: true, perDay: 20 })
    expect(await askAt(MONDAY + 12 * 3_600_000)).toEqual([])
    expect(await askAt(MONDAY - DAY_MS)).toEqual([])
    await expect(getNumberSettings(deps, actorOf('operator', 'ac63'), 'ac63')).rejects.toMatchObject({
      code: 'forbidden',
    })
  })

  test('two processes that run at once do not exceed the daily limit', async () => {
    await setNumberSettings(deps, chamber, 'ac63', { reconfirm: true, perDay: 2 })
    await Promise.all([sendYearlyQuestions(deps), sendYearlyQuestions(deps)])
    expect(await asked()).toHaveLength(2)
  })

  test('“still mine” confirms the number for another year, once', async () => {
    const [message] = await askAt(MONDAY)
    const token = message?.token ?? ''
    expect(await getNumberQuestion(deps, token)).toEqual({
      question: {
        business: 'Tabac 1',
        end: phoneOf(1).slice(-2),
        schemeId: 'ac63',
        scheme: 'Alerte Commerces 63',
        chamber: 'Alerte Commerces 63',
        gone: false,
      },
    })
    expect(await recordNumberAnswer(deps, token, { answer: 'mine' })).toEqual({ stored: true })
    expect(await recordNumberAnswer(deps, token, { answer: 'gone' })).toEqual({ stored: false })
    expect(await getNumberQuestion(deps, token)).toEqual({ question: null })
    expect((await getMember(deps, chamber, 'ac63', idOf(1))).contacts[0]?.sms).toBe(true)
    const phones = async (ms: number) => (await askAt(ms)).map(({ phone }) => phone)
    expect(await phones(MONDAY + 364 * DAY_MS)).not.toContain(phoneOf(1))
    expect(await phones(MONDAY + 371 * DAY_MS)).toContain(phoneOf(1))
  })

  test('“no longer mine” opts the number out with proof, sends a mail, and is shown to the chamber', async () => {
    await sql`update contacts set mail = ${'a@example.org'} where mobile = ${phoneOf(1)}`.execute(database.db)
    const [message] = await askAt(MONDAY)
    expect(await recordNumberAnswer(deps, message?.token ?? '', { answer: 'gone' })).toEqual({ stored: true })
    const { contacts } = await getMember(deps, chamber, 'ac63', idOf(1))
    expect(contacts[0]).toMatchObject({ sms: false, optOut: { how: 'link' } })
    const proof = await database.db.selectFrom('optOuts').select(['how', 'by', 'takes', 'phone']).execute()
    expect(proof).toEqual([
      { how: 'link', by: `contact:${contacts[0]?.id}`, takes: false, phone: phoneOf(1) },
    ])
    expect(await waitingMails(database.db)).toMatchObject([{ address: 'a@example.org' }])
    expect(await facet('gone')).toEqual([idOf(1)])
    // It stays listed until the number is corrected.
    const id = { member: idOf(1), contact: contacts[0]?.id ?? '' }
    await correctNumber(deps, chamber, 'ac63', id, { phone: phoneOf(61), confirm: [] })
    expect(await facet('gone')).toEqual([])
    // The holder's answer concerned the old number.
    expect((await getMember(deps, chamber, 'ac63', idOf(1))).contacts[0]).toMatchObject({
      sms: true,
      optOut: null,
    })
    const proofs = await database.db
      .selectFrom('optOuts')
      .select(['how', 'takes', 'phone'])
      .orderBy('takes')
      .execute()
    expect(proofs[1]).toEqual({ how: 'chamber', takes: true, phone: phoneOf(61) })
  })

  test('an opt-out by the link is in force again once a mistyped correction is undone, and ends with the right number', async () => {
    const [message] = await askAt(MONDAY)
    await recordNumberAnswer(deps, message?.token ?? '', { answer: 'gone' })
    const shown = async () => (await getMember(deps, chamber, 'ac63', idOf(1))).contacts[0]
    const id = { member: idOf(1), contact: (await shown())?.id ?? '' }
    const correct = async (phone: string) => {
      nowMs += 1000
      return (await correctNumber(deps, chamber, 'ac63', id, { phone, confirm: [] })).change?.id ?? ''
    }
    const typo = await correct(phoneOf(61))
    nowMs += 1000
    await undoChange(deps, chamber, 'ac63', typo)
    expect(await shown()).toMatchObject({ phone: phoneOf(1), sms: false, optOut: { how: 'link' } })
    await correct(phoneOf(62))
    expect(await shown()).toMatchObject({ phone: phoneOf(62), sms: true, optOut: null })
    const proofs = await database.db
      .selectFrom('optOuts')
      .select(['how', 'by', 'takes', 'phone'])
      .orderBy('at')
      .execute()
    expect(proofs.slice(1)).toEqual([
      { how: 'chamber', by: 'user:chamber-1', takes: true, phone: phoneOf(61) },
      { how: 'link', by: 'user:chamber-1', takes: false, phone: phoneOf(1) },
      { how: 'chamber', by: 'user:chamber-1', takes: true, phone: phoneOf(62) },
    ])
  })

  test('“no longer mine” is undone with the same link for 24 hours, unless the number was opted out in another way since', async () => {
    const [first, second] = await askAt(MONDAY)
    const answer = (token: string | undefined, said: 'gone' | 'undo' | 'mine') =>
      recordNumberAnswer(deps, token ?? '', { answer: said })
    const smsOf = async (n: number) => (await getMember(deps, chamber, 'ac63', idOf(n))).contacts[0]?.sms
    expect(await answer(first?.token, 'undo')).toEqual({ stored: false })
    await answer(first?.token, 'gone')
    expect(await getNumberQuestion(deps, first?.token ?? '')).toMatchObject({
      question: { business: 'Tabac 1', gone: true },
    })
    expect(await answer(first?.token, 'mine')).toEqual({ stored: false })
    nowMs += DAY_MS - 1
    expect(await answer(first?.token, 'undo')).toEqual({ stored: true })
    expect(await smsOf(1)).toBe(true)
    expect(await facet('gone')).toEqual([])
    expect(await answer(first?.token, 'undo')).toEqual({ stored: false })
    expect(await getNumberQuestion(deps, first?.token ?? '')).toEqual({ question: null })
    const proof = await database.db.selectFrom('optOuts').select(['how', 'takes']).orderBy('at').execute()
    expect(proof).toEqual([
      { how: 'link', takes: false },
      { how: 'link', takes: true },
    ])

    nowMs = MONDAY
    await answer(second?.token, 'gone')
    nowMs += DAY_MS
    expect(await answer(second?.token, 'undo')).toEqual({ stored: false })
    expect(await getNumberQuestion(deps, second?.token ?? '')).toEqual({ question: null })
    // Opted in and out by the chamber meanwhile.
    nowMs = MONDAY + 1000
    const [contact] = (await getMember(deps, chamber, 'ac63', idOf(2))).contacts
    const id = { member: idOf(2), contact: contact?.id ?? '' }
    for (const sms of [true, false]) await setContactSms(deps, chamber, 'ac63', id, { sms, reason: 'appel' })
    expect(await answer(second?.token, 'undo')).toEqual({ stored: false })
    expect(await smsOf(2)).toBe(false)
  })

  test('“no longer mine” is undone under a clock that moves at each reading', async () => {
    const [message] = await askAt(MONDAY)
    const token = message?.token ?? ''
    const moving = { ...deps, now: () => new Date(nowMs++) }
    expect(await recordNumberAnswer(moving, token, { answer: 'gone' })).toEqual({ stored: true })
    expect(await getNumberQuestion(moving, token)).toMatchObject({ question: { gone: true } })
    expect(await recordNumberAnswer(moving, token, { answer: 'undo' })).toEqual({ stored: true })
    expect((await getMember(deps, chamber, 'ac63', idOf(1))).contacts[0]?.sms).toBe(true)
  })

  test('an unknown or expired link, a changed number and a former member all get the same empty response', async () => {
    const messages = await askAt(MONDAY)
    const token = (n: number) => messages[n]?.token ?? ''
    const nothing = { question: null }
    expect(await getNumberQuestion(deps, 'AAAAAAAAAAAAAAAA')).toEqual(nothing)
    expect(await getNumberQuestion(deps, '')).toEqual(nothing)
    expect(await recordNumberAnswer(deps, 'AAAAAAAAAAAAAAAA', { answer: 'gone' })).toEqual({ stored: false })
    await sql`update contacts set mobile = ${phoneOf(71)} where mobile = ${phoneOf(1)}`.execute(database.db)
    expect(await getNumberQuestion(deps, token(0))).toEqual(nothing)
    await sql`update members set status = 'left' where id = ${idOf(2)}::uuid`.execute(database.db)
    expect(await recordNumberAnswer(deps, token(1), { answer: 'mine' })).toEqual({ stored: false })
    nowMs = MONDAY + 61 * DAY_MS
    expect(await getNumberQuestion(deps, token(2))).toEqual(nothing)
    // A number changed by anyone counts as new.
    const { rows } = await sql<{
      at: Date
    }>`select mobile_at as at from contacts where mobile = ${phoneOf(71)}`.execute(database.db)
    expect(rows[0]?.at.getTime()).toBeGreaterThan(Date.parse('2025-01-01'))
  })

  test('a number that did not answer three times is doubtful, and is not asked again until next year', async () => {
    await database.db.deleteFrom('members').where('id', '<>', idOf(1)).execute()
    const tokens = new Set<string>()
    for (const days of [0, 63, 126]) {
      const [message] = await askAt(MONDAY + days * DAY_MS)
      tokens.add(message?.token ?? '')
    }
    // All messages of a year carry the same link.
    expect(tokens.size).toBe(1)
    expect(await facet('doubtful')).toEqual([])
    expect(await askAt(MONDAY + 189 * DAY_MS)).toEqual([])
    expect(await facet('doubtful')).toEqual([idOf(1)])
    expect(await askAt(MONDAY + 371 * DAY_MS)).toEqual([])
    const again = await askAt(MONDAY + 497 * DAY_MS)
    expect(again).toHaveLength(1)
    expect(tokens.has(again[0]?.token ?? '')).toBe(false)
  })

  test('questions are visible in their own scheme only', async () => {
    await askAt(MONDAY)
    const seen = (schemeId: string) =>
      inScheme(database.db, schemeId, (tx) => tx.selectFrom('reconfirmations').select('contactId').execute())
    expect((await seen('ac63')).length).toBeGreaterThan(0)
    expect(await seen('ac39')).toEqual([])
  })

  if (kind === 'postgres') {
    test('for any days and answers: never twice in 60 days, at most three times a year, never above the daily limit', async () => {
      const step = fc.record({
        days: fc.integer({ min: 0, max: 45 }),
        answer: fc.constantFrom('mine', 'gone', null, null),
      })
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { minLength: 15, maxLength: 30 }),
          fc.integer({ min: 1, max: 3 }),
          async (steps, perDay) => {
            await sql`delete from reconfirmations`.execute(database.db)
            await sql`update contacts set sms = true, mobile_at = '2024-06-01'`.execute(database.db)
            await setNumberSettings(deps, chamber, 'ac63', { reconfirm: true, perDay })
            const sent: { phone: string; atMs: number }[] = []
            let atMs = MONDAY
            for (const { days, answer } of steps) {
              atMs += days * DAY_MS
              const messages = await askAt(atMs)
              sent.push(...messages.map(({ phone }) => ({ phone, atMs })))
              if (answer !== null && messages[0] !== undefined)
                await recordNumberAnswer(deps, messages[0].token, { answer })
            }
            // Includes the number that two shops share.
            for (const of of Map.groupBy(sent, ({ phone }) => phone).values()) {
              for (const [index, one] of of.entries()) {
                const next = of[index + 1]
                if (next !== undefined) expect(next.atMs - one.atMs).toBeGreaterThanOrEqual(60 * DAY_MS)
                const fourth = of[index + 3]
                if (fourth !== undefined) expect(fourth.atMs - one.atMs).toBeGreaterThanOrEqual(365 * DAY_MS)
              }
            }
            for (const of of Map.groupBy(sent, ({ atMs: at }) => Math.floor(at / DAY_MS)).values()) {
              expect(of.length).toBeLessThanOrEqual(perDay)
            }
          },
        ),
        { numRuns: runsOf(12) },
      )
    })
  }
})
