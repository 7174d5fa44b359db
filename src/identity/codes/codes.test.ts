import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../../test/support/database.ts'
import { testDeps } from '../../../test/support/deps.ts'
import { phoneOf, seedSchemes } from '../../../test/support/fixtures.ts'
import { runsOf } from '../../../test/support/random.ts'
import { sendDirectMessage } from '../../deliveries/plan/direct.ts'
import type { Deps } from '../../deps.ts'
import { formatMessage, type MessageValues } from '../../i18n/format.ts'
import { HOUR_MS, SECOND_MS } from '../../message/clock.ts'
import { CODE_PLACE } from '../../message/code.ts'
import { requestCode } from '../../outbox/actions.ts'
import { acrossSchemes, type Database, inScheme } from '../../platform/db.ts'
import type { CodePurpose } from '../../schema.ts'
import {
  CODE_MINUTES,
  CODE_TRIES,
  CODES_A_DAY,
  CODES_A_DAY_FROM_ALL,
  CODES_AN_HOUR_FROM_ADDRESS,
  CODES_AN_HOUR_FROM_BLOCK,
  CODES_OUTSIDE_BUDGET,
  checkCode,
  deriveCodeDigits,
  findTurn,
  fingerprintSecret,
  purgeCodes,
} from './codes.ts'

const VALUES = { scheme: 'Alerte Commerces 63', code: CODE_PLACE, minutes: 10 }
const TEXT = formatMessage('fr', 'portal.sms.code', VALUES)

describe('the digits of a code', () => {
  const secret = { secret: { current: 's'.repeat(40) } }

  test('are six, the same with the same secret and different with another', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.string({ minLength: 32 }), (id, other) => {
        expect(deriveCodeDigits(secret, id)).toMatch(/^\d{6}$/)
        expect(deriveCodeDigits({ secret: { current: 's'.repeat(40) } }, id)).toBe(
          deriveCodeDigits(secret, id),
        )
        fc.pre(other !== secret.secret.current)
        expect(fingerprintSecret({ secret: { current: other } })).not.toBe(fingerprintSecret(secret))
      }),
    )
  })

  test('are evenly distributed', () => {
    const first = Array.from({ length: 10 }, () => 0)
    for (let i = 0; i < 10_000; i++) {
      const at = Number(deriveCodeDigits(secret, `00000000-0000-7000-8000-${String(i).padStart(12, '0')}`)[0])
      first[at] = (first[at] ?? 0) + 1
    }
    for (const count of first) expect(Math.abs(count - 1000)).toBeLessThan(200)
  })

  test('are not derived without a secret', () => {
    expect(() => deriveCodeDigits({ secret: undefined }, randomUUID())).toThrow()
    expect(() => deriveCodeDigits({ secret: { current: '' } }, randomUUID())).toThrow()
  })
})

describe.each(usualKinds)('one-time codes on %s', (kind) => {
  let database: Database
  let deps: Deps
  let nowMs = Date.parse('2026-03-12T10:00:00Z')
  let number = 100
  const mails: { address: string; template: string; values: MessageValues }[] = []
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    deps = testDeps(database, {
      now: () => new Date(nowMs),
      mailer: { name: 'none', send: async () => {}, close() {} },
    })
  })
  afterAll(() => database.close())

  /** Creates a person with a phone and an address of their own. */
  function newPerson(over: { phone?: string; address?: string; schemeId?: string } = {}) {
    const schemeId = over.schemeId ?? 'ac63'
    const phone = over.phone ?? phoneOf(number++)
    const address = over.address ?? `198.51.${Math.floor(number / 250)}.${number++ % 250}`
    const subject = randomUUID()
    const whose = { schemeId, purpose: 'sign_in' as const, subject, phone }
    return {
      ...whose,
      address,
      async ask(more: { isWanted?: boolean; isKnownDevice?: boolean; purpose?: CodePurpose } = {}) {
        const turn = await inScheme(database.db, schemeId, (tx) =>
          requestCode(tx, deps, {
            ...whose,
            address,
            destinations: ['FR', 'GF'],
            template: 'portal.sms.code',
            values: VALUES,
            isWanted: true,
            ...more,
          }),
        )
        const waiting = await database.db
          .selectFrom('outbox')
          .select('id')
          .where('channel', '=', 'sms')
          .execute()
        for (const { id } of waiting) await sendDirectMessage(deps, schemeId, id)
        const written = await database.db
          .deleteFrom('outbox')
          .where('channel', '=', 'mail')
          .returning(['address', 'template', 'values'])
          .execute()
        mails.push(...written)
        return turn
      },
      answer: (digits: string, as: Partial<typeof whose> = {}) =>
        inScheme(database.db, schemeId, (tx) => checkCode(tx, deps, { ...whose, digits, ...as })),
      /** Returns the digits of the codes that were sent for this subject, oldest first. */
      async sent() {
        const rows = await database.db
          .selectFrom('oneTimeCodes')
          .select('id')
          .where('subject', '=', subject)
          .where('sentAt', 'is not', null)
          .orderBy('createdAt')
          .execute()
        return rows.map(({ id }) => deriveCodeDigits(deps, id))
      },
      messages: () =>
        database.db
          .selectFrom('deliveries as d')
          .innerJoin('broadcasts as b', 'b.id', 'd.broadcastId')
          .select(['b.text', 'b.kind', 'b.lane', 'b.simulated', 'b.validUntil'])
          .where('d.phone', '=', phone)
          .orderBy('b.orderedAt')
          .execute(),
    }
  }
  const wrongDigits = (right: string) => (right === '000000' ? '000001' : '000000')

  test('a code is sent, works once and is stored nowhere', async () => {
    const one = newPerson()
    await one.ask()
    const [digits = ''] = await one.sent()
    expect(await one.messages()).toEqual([
      {
        text: TEXT,
        kind: 'code',
        lane: 'code',
        simulated: true,
        validUntil: new Date(nowMs + CODE_MINUTES * 60 * SECOND_MS),
      },
    ])
    const everything = JSON.stringify(
      await Promise.all(
        (['oneTimeCodes', 'outbox', 'broadcasts', 'deliveries'] as const).map((table) =>
          database.db.selectFrom(table).selectAll().execute(),
        ),
      ),
    )
    expect(everything).not.toContain(digits)
    // The requester is stored only as a hash.
    const codes = JSON.stringify(await database.db.selectFrom('oneTimeCodes').selectAll().execute())
    expect(codes).not.toContain(one.phone.slice(-8))
    expect(codes).not.toContain('198.51')

    expect(await one.answer(` ${digits.slice(0, 3)} ${digits.slice(3)} `)).toBe(true)
    expect(await one.answer(digits)).toBe(false)
  })

  test.each(['+41791234567', '+351912345678', '+881612345678', '+33890123456', '+33473890000'])(
    'sends none to %s, and writes and counts nothing',
    async (phone) => {
      await expect(newPerson({ phone }).ask()).rejects.toMatchObject({
        ...{ code: 'invalid_input', problems: [{ code: 'mobile.abroad', path: 'phone' }] },
      })
      expect(await database.db.selectFrom('outbox').select('id').execute()).toEqual([])
    },
  )

  test('sends none to a territory outside the list of the scheme, and writes and counts nothing', async () => {
    await expect(newPerson({ phone: '+262692123456' }).ask()).rejects.toMatchObject({
      ...{ code: 'invalid_input', problems: [{ code: 'mobile.outside', path: 'phone' }] },
    })
    expect(await database.db.selectFrom('outbox').select('id').execute()).toEqual([])
    const own = newPerson({ phone: '+594694123456' })
    await own.ask()
    expect(await own.sent()).toHaveLength(1)
  })

  test('accepts one of many concurrent answers', async () => {
    const one = newPerson()
    await one.ask()
    const [digits = ''] = await one.sent()
    const answers = await Promise.all([1, 2, 3, 4].map(() => one.answer(digits)))
    expect(answers.filter(Boolean)).toHaveLength(1)
  })

  test('accepts a code only for its purpose, its recipient and its scheme', async () => {
    const one = newPerson()
    await one.ask()
    const [digits = ''] = await one.sent()
    expect(await one.answer(digits, { subject: randomUUID() })).toBe(false)
    expect(await one.answer(digits, { purpose: 'phone_change' as 'sign_in' })).toBe(false)
    expect(await one.answer(digits, { phone: phoneOf(3) })).toBe(false)
    expect(
      await inScheme(database.db, 'ac39', (tx) => checkCode(tx, deps, { ...one, schemeId: 'ac63', digits })),
    ).toBe(false)
    expect(await one.answer(digits)).toBe(true)
  })

  test('expires after ten minutes', async () => {
    for (const [minutes, opens] of [
      [CODE_MINUTES - 0.01, true],
      [CODE_MINUTES, false],
    ] as const) {
      const one = newPerson()
      await one.ask()
      const [digits = ''] = await one.sent()
      nowMs += minutes * 60 * SECOND_MS
      expect(await one.answer(digits)).toBe(opens)
    }
  })

  test('accepts at most five answers for each code, in any order, concurrent or not', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 9 }), async (guesses) => {
        const one = newPerson()
        await one.ask()
        const [digits = ''] = await one.sent()
        let opened: boolean | undefined
        for (const [i, isRight] of guesses.entries()) {
          const expected = isRight && opened === undefined && i < CODE_TRIES
          expect(await one.answer(isRight ? digits : wrongDigits(digits))).toBe(expected)
          if (expected) opened = true
        }
      }),
      { numRuns: runsOf(12) },
    )
    const one = newPerson()
    await one.ask()
    const [digits = ''] = await one.sent()
    await Promise.all(Array.from({ length: 12 }, () => one.answer(wrongDigits(digits))))
    expect(await one.answer(digits)).toBe(false)
    const { tries } = await database.db
      .selectFrom('oneTimeCodes')
      .select('tries')
      .where('subject', '=', one.subject)
      .executeTakeFirstOrThrow()
    expect(tries).toBe(CODE_TRIES)
  })

  test('allows a network one code a minute and five a day for a number', async () => {
    const one = newPerson()
    const start = nowMs
    await one.ask()
    await one.ask()
    nowMs += 59 * SECOND_MS
    await one.ask()
    expect(await one.messages()).toHaveLength(1)
    nowMs += SECOND_MS
    await one.ask()
    expect(await one.messages()).toHaveLength(2)
    // The first code still works, because an SMS may arrive late.
    const [first = ''] = await one.sent()
    expect(await one.answer(first)).toBe(true)
    for (let i = 0; i < 6; i++) {
      nowMs += HOUR_MS
      await newPerson({ phone: one.phone, address: one.address }).ask()
    }
    expect(await one.messages()).toHaveLength(CODES_A_DAY)
    nowMs = start + 24 * HOUR_MS + 120 * SECOND_MS
    await one.ask()
    expect(await one.messages()).toHaveLength(CODES_A_DAY + 1)
  })

  test('lets no stranger keep a member from a code: by another network, to join, or beside a known browser', async () => {
    const member = newPerson()
    const stranger = newPerson({ phone: member.phone })
    const ask = async (whose: typeof member, more: Parameters<typeof member.ask>[0] = {}) => {
      nowMs += 61 * SECOND_MS
      return (await whose.ask(more)).accepted
    }
    for (let i = 0; i < CODES_A_DAY; i++) expect(await ask(stranger)).toBe(true)
    expect(await ask(stranger)).toBe(false)
    expect(await ask(member)).toBe(true)
    // Many networks together spend what a number gets in a day, except in a browser where it was proved.
    for (let i = 0; i < CODES_A_DAY_FROM_ALL - CODES_A_DAY - 1; i++)
      expect(await ask(newPerson({ phone: member.phone }))).toBe(true)
    expect(await ask(member)).toBe(false)
    expect(await ask(newPerson({ phone: member.phone }), { purpose: 'enrolment' })).toBe(true)
    expect(await ask(member)).toBe(false)
    for (let i = 0; i < CODES_AN_HOUR_FROM_ADDRESS; i++) {
      await newPerson({ address: member.address })
        .ask()
        .catch(() => undefined)
    }
    expect(await ask(member, { isKnownDevice: true })).toBe(true)
    for (let i = 0; i < CODES_A_DAY - 1; i++) expect(await ask(member, { isKnownDevice: true })).toBe(true)
    expect(await ask(member, { isKnownDevice: true })).toBe(false)
  })

  test('stops codes to join at the budget of the day, notifies the chamber once, and signs members in all the same', async () => {
    // An SMS costs 4.5 cents: 22 fit into one euro.
    const settings = { codeBudgets: { joinCents: 100, signInCents: 100 } }
    await sql`update schemes set enrolment = ${JSON.stringify(settings)}::jsonb`.execute(database.db)
    await sql`insert into "user" (id, name, email, email_verified, created_at, updated_at)
      values ('chamber', 'CCI', 'cci@demo.invalid', true, now(), now())`.execute(database.db)
    await sql`insert into grants (user_id, scheme_id, role) values ('chamber', 'ac63', 'chamber')`.execute(
      database.db,
    )
    const sentOf = async (purpose: 'enrolment' | 'sign_in', times: number, phone?: string) => {
      let sent = 0
      for (let i = 0; i < times; i++) {
        nowMs += 61 * SECOND_MS
        const one = newPerson(phone === undefined ? {} : { phone })
        await one.ask({ purpose })
        sent += (await one.sent()).length
      }
      return sent
    }
    nowMs = Date.parse('2026-03-20T08:00:00Z')
    expect(await sentOf('enrolment', 17)).toBe(17)
    expect(mails).toEqual([])
    expect(await sentOf('enrolment', 8)).toBe(5)
    expect(mails).toEqual([
      {
        address: 'cci@demo.invalid',
        template: 'mail.codes.low',
        values: { scheme: 'Alerte Commerces 63', budget: 'join', euros: 1 },
      },
    ])
    expect(await sentOf('sign_in', 22)).toBe(22)
    // The budget to sign in is spent now: each number still gets some codes.
    expect(await sentOf('sign_in', 8, phoneOf(9001))).toBe(CODES_OUTSIDE_BUDGET)
    expect(mails.map(({ values }) => values.budget)).toEqual(['join', 'sign_in'])
    // Midnight in France.
    nowMs = Date.parse('2026-03-20T23:01:00Z')
    expect(await sentOf('enrolment', 1)).toBe(1)
    await sql`update schemes set enrolment = '{}'`.execute(database.db)
  })

  test('states truly when the next code may be requested, the same whether or not someone has the number', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.integer({ min: 0, max: 130 }), fc.integer({ min: 3600, max: 40_000 })), {
          minLength: 1,
          maxLength: 7,
        }),
        async (pauses) => {
          const known = newPerson()
          const unknown = newPerson({ schemeId: 'ac39' })
          for (const pause of pauses) {
            nowMs += pause * SECOND_MS
            const before = (await known.messages()).length
            const turn = await known.ask()
            expect(await unknown.ask({ isWanted: false })).toEqual(turn)
            expect((await known.messages()).length).toBe(before + (turn.accepted ? 1 : 0))
            expect(Date.parse(turn.nextAt)).toBeGreaterThan(nowMs)
          }
          // The next code is accepted exactly at the announced time.
          const told = Date.parse((await known.ask()).nextAt)
          nowMs = told - 1
          expect(await known.ask()).toEqual({ accepted: false, nextAt: new Date(told).toISOString() })
          nowMs = told
          expect((await known.ask()).accepted).toBe(true)
          expect(await unknown.messages()).toEqual([])
        },
      ),
      { numRuns: runsOf(6) },
    )
  })

  test('counts codes of other schemes and purposes against the same number', async () => {
    const enrolling = newPerson()
    const signingIn = newPerson({ phone: enrolling.phone, schemeId: 'ac39' })
    const first = await enrolling.ask()
    expect(first).toEqual({ accepted: true, nextAt: new Date(nowMs + 60 * SECOND_MS).toISOString() })
    nowMs += 20 * SECOND_MS
    expect(await signingIn.ask()).toEqual({ accepted: false, nextAt: first.nextAt })
    expect(await signingIn.sent()).toEqual([])
    const turn = (whose: typeof enrolling) =>
      inScheme(database.db, whose.schemeId, (tx) => findTurn(tx, whose))
    expect(await turn(signingIn)).toEqual({ accepted: false, nextAt: first.nextAt })
    expect(await turn(enrolling)).toEqual(first)
    expect(await turn(newPerson())).toBeUndefined()
  })

  test('sends one code for concurrent requests', async () => {
    const phone = phoneOf(number++)
    await Promise.all([1, 2, 3, 4].map(() => newPerson({ phone }).ask()))
    expect(await newPerson({ phone }).messages()).toHaveLength(1)
  })

  test('writes the same rows and sends nothing for a number that no one has', async () => {
    const one = newPerson()
    await one.ask({ isWanted: false })
    expect(await one.messages()).toEqual([])
    const { id } = await database.db
      .selectFrom('oneTimeCodes')
      .select('id')
      .where('subject', '=', one.subject)
      .executeTakeFirstOrThrow()
    expect(await one.answer(deriveCodeDigits(deps, id))).toBe(false)
  })

  /** Requests codes from ten addresses, and stores each request as often as it takes to have this many. */
  async function requestMany(count: number, addressOf: (i: number) => string): Promise<void> {
    const addresses = 10
    for (let i = 0; i < addresses; i++) {
      const one = newPerson({ address: addressOf(i) })
      await one.ask()
      await sql`insert into one_time_codes
        select (jsonb_populate_record(c, jsonb_build_object('id', gen_random_uuid()))).*
        from one_time_codes c, generate_series(2, ${count / addresses}::int) where c.subject = ${one.subject}`.execute(
        database.db,
      )
    }
  }

  test('allows an address a hundred codes an hour over all numbers, and counts an IPv6 network as one', async () => {
    for (const addressOf of [() => '203.0.113.9', (i: number) => `2001:db8:7:1::${i.toString(16)}`]) {
      await requestMany(CODES_AN_HOUR_FROM_ADDRESS, addressOf)
      await expect(newPerson({ address: addressOf(99) }).ask()).rejects.toMatchObject({
        code: 'rate_limited',
        values: { seconds: expect.any(Number) },
      })
      await newPerson({ address: '2001:db8:7:2::1' }).ask()
      nowMs += HOUR_MS
      await newPerson({ address: addressOf(99) }).ask()
    }
  })

  async function spendBlock(addressOf: (i: number) => string): Promise<void> {
    await requestMany(CODES_AN_HOUR_FROM_BLOCK, addressOf)
    const one = newPerson({ address: addressOf(180) })
    await expect(one.ask()).rejects.toMatchObject({ code: 'rate_limited' })
    // A browser on which the number was proved is free of it, and so are other blocks.
    await one.ask({ isKnownDevice: true })
    await newPerson({ address: '203.0.111.1' }).ask()
    nowMs += HOUR_MS
    await newPerson({ address: addressOf(181) }).ask()
  }
  test('allows a block of networks three hundred codes an hour, whatever addresses of it are used', () =>
    spendBlock((i) => `203.0.112.${i % 250}`))
  test('allows as many to a block of IPv6 networks', { tags: 'long' }, () =>
    spendBlock((i) => `2001:db8:9:${i.toString(16)}::1`),
  )

  test('a number that asks again too soon takes nothing from the others of its network', async () => {
    const one = newPerson({ address: '203.0.110.1' })
    for (let i = 0; i <= CODES_AN_HOUR_FROM_ADDRESS; i++) await one.ask()
    expect(await newPerson({ address: one.address }).ask()).toMatchObject({ accepted: true })
  })

  test('deletes codes that no longer count', async () => {
    const old = newPerson()
    await old.ask()
    nowMs += 26 * HOUR_MS
    const fresh = newPerson()
    await fresh.ask()
    await acrossSchemes(database.db, (tx) => purgeCodes(tx, new Date(nowMs)))
    expect(await old.sent()).toHaveLength(0)
    expect(await fresh.sent()).toHaveLength(1)
  })
})
