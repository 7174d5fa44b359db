import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../test/support/database.ts'
import { testDeps } from '../../test/support/deps.ts'
import { phoneOf, seedSchemes } from '../../test/support/fixtures.ts'
import { sendDirectMessage } from '../deliveries/direct.ts'
import type { Deps } from '../deps.ts'
import { CODE_PLACE } from '../message/code.ts'
import { asOwner, type Database, inScheme } from '../platform/db.ts'
import {
  CODE_MINUTES,
  CODE_TRIES,
  CODES_A_DAY,
  CODES_AN_HOUR_FROM_ADDRESS,
  checkCode,
  digitsOfCode,
  findTurn,
  markOfSecret,
  purgeCodes,
  requestCode,
} from './codes.ts'

const TEXT = `Alerte Commerces 63 : votre code est ${CODE_PLACE}, valable 10 minutes.`
const SECOND = 1000
const HOUR = 3_600_000

describe('the digits of a code', () => {
  const secret = { secret: 's'.repeat(40) }

  test('are six, the same wherever the secret is the same, others with another secret', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.string({ minLength: 32 }), (id, other) => {
        expect(digitsOfCode(secret, id)).toMatch(/^\d{6}$/)
        expect(digitsOfCode({ secret: 's'.repeat(40) }, id)).toBe(digitsOfCode(secret, id))
        fc.pre(other !== secret.secret)
        expect(markOfSecret({ secret: other })).not.toBe(markOfSecret(secret))
      }),
    )
  })

  test('come up evenly', () => {
    const first = Array.from({ length: 10 }, () => 0)
    for (let i = 0; i < 10_000; i++) {
      const at = Number(digitsOfCode(secret, `00000000-0000-7000-8000-${String(i).padStart(12, '0')}`)[0])
      first[at] = (first[at] ?? 0) + 1
    }
    for (const count of first) expect(Math.abs(count - 1000)).toBeLessThan(200)
  })

  test('are not made without a secret', () => {
    expect(() => digitsOfCode({ secret: undefined }, randomUUID())).toThrow()
    expect(() => digitsOfCode({ secret: '' }, randomUUID())).toThrow()
  })
})

describe.each(usualKinds)('one-time codes on %s', (kind) => {
  let database: Database
  let deps: Deps
  let nowMs = Date.parse('2026-03-12T10:00:00Z')
  let number = 100
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    deps = testDeps(database, { now: () => new Date(nowMs) })
  })
  afterAll(() => database.close())

  /** Someone with a phone of their own, at an address of their own. */
  function person(over: { phone?: string; address?: string; schemeId?: string } = {}) {
    const schemeId = over.schemeId ?? 'ac63'
    const phone = over.phone ?? phoneOf(number++)
    const address = over.address ?? `198.51.${Math.floor(number / 250)}.${number++ % 250}`
    const subject = randomUUID()
    const whose = { schemeId, purpose: 'sign_in' as const, subject, phone }
    return {
      ...whose,
      async ask(more: { isWanted?: boolean } = {}) {
        const turn = await inScheme(database.db, schemeId, (tx) =>
          requestCode(tx, deps, { ...whose, address, text: TEXT, isWanted: true, ...more }),
        )
        const waiting = await database.db.selectFrom('directMessages').select('id').execute()
        for (const { id } of waiting) await sendDirectMessage(deps, schemeId, id)
        return turn
      },
      answer: (digits: string, as: Partial<typeof whose> = {}) =>
        inScheme(database.db, schemeId, (tx) => checkCode(tx, deps, { ...whose, digits, ...as })),
      /** Digits of the codes that were sent for this subject, oldest first. */
      async sent() {
        const rows = await database.db
          .selectFrom('oneTimeCodes')
          .select('id')
          .where('subject', '=', subject)
          .where('sentAt', 'is not', null)
          .orderBy('createdAt')
          .execute()
        return rows.map(({ id }) => digitsOfCode(deps, id))
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
  const wrong = (right: string) => (right === '000000' ? '000001' : '000000')

  test('one is sent, opens once, and stands nowhere', async () => {
    const one = person()
    await one.ask()
    const [digits = ''] = await one.sent()
    expect(await one.messages()).toEqual([
      {
        text: TEXT,
        kind: 'code',
        lane: 'code',
        simulated: true,
        validUntil: new Date(nowMs + CODE_MINUTES * 60 * SECOND),
      },
    ])
    const everything = JSON.stringify(
      await Promise.all(
        (['oneTimeCodes', 'directMessages', 'broadcasts', 'deliveries'] as const).map((table) =>
          database.db.selectFrom(table).selectAll().execute(),
        ),
      ),
    )
    expect(everything).not.toContain(digits)
    // Who asked for what is known by its hash alone.
    const codes = JSON.stringify(await database.db.selectFrom('oneTimeCodes').selectAll().execute())
    expect(codes).not.toContain(one.phone.slice(-8))
    expect(codes).not.toContain('198.51')

    expect(await one.answer(` ${digits.slice(0, 3)} ${digits.slice(3)} `)).toBe(true)
    expect(await one.answer(digits)).toBe(false)
  })

  test.each(['+41791234567', '+351912345678', '+881612345678', '+33890123456', '+33473890000'])(
    'none goes to %s, and nothing is written or counted',
    async (phone) => {
      await expect(person({ phone }).ask()).rejects.toMatchObject({
        ...{ code: 'invalid_input', problems: [{ code: 'mobile.abroad', path: 'phone' }] },
      })
      expect(await database.db.selectFrom('directMessages').select('id').execute()).toEqual([])
    },
  )

  test('one answer of many at once opens', async () => {
    const one = person()
    await one.ask()
    const [digits = ''] = await one.sent()
    const answers = await Promise.all([1, 2, 3, 4].map(() => one.answer(digits)))
    expect(answers.filter(Boolean)).toHaveLength(1)
  })

  test('it opens what it was asked for, for whom it was sent to, in its scheme', async () => {
    const one = person()
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

  test('it is over after ten minutes', async () => {
    for (const [minutes, opens] of [
      [CODE_MINUTES - 0.01, true],
      [CODE_MINUTES, false],
    ] as const) {
      const one = person()
      await one.ask()
      const [digits = ''] = await one.sent()
      nowMs += minutes * 60 * SECOND
      expect(await one.answer(digits)).toBe(opens)
    }
  })

  test('guessing: no more answers count than five a code, in whatever order, at once or not', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 9 }), async (guesses) => {
        const one = person()
        await one.ask()
        const [digits = ''] = await one.sent()
        let opened: boolean | undefined
        for (const [i, isRight] of guesses.entries()) {
          const expected = isRight && opened === undefined && i < CODE_TRIES
          expect(await one.answer(isRight ? digits : wrong(digits))).toBe(expected)
          if (expected) opened = true
        }
      }),
      { numRuns: 12 },
    )
    const one = person()
    await one.ask()
    const [digits = ''] = await one.sent()
    await Promise.all(Array.from({ length: 12 }, () => one.answer(wrong(digits))))
    expect(await one.answer(digits)).toBe(false)
    const { tries } = await database.db
      .selectFrom('oneTimeCodes')
      .select('tries')
      .where('subject', '=', one.subject)
      .executeTakeFirstOrThrow()
    expect(tries).toBe(CODE_TRIES)
  })

  test('a number gets one a minute and five a day', async () => {
    const one = person()
    const start = nowMs
    await one.ask()
    await one.ask()
    nowMs += 59 * SECOND
    await one.ask()
    expect(await one.messages()).toHaveLength(1)
    nowMs += SECOND
    await one.ask()
    expect(await one.messages()).toHaveLength(2)
    // The first still opens: an SMS may be late.
    const [first = ''] = await one.sent()
    expect(await one.answer(first)).toBe(true)
    for (let i = 0; i < 6; i++) {
      nowMs += HOUR
      await person({ phone: one.phone }).ask()
    }
    expect(await one.messages()).toHaveLength(CODES_A_DAY)
    nowMs = start + 24 * HOUR + 120 * SECOND
    await one.ask()
    expect(await one.messages()).toHaveLength(CODES_A_DAY + 1)
  })

  test('what is told of the next one is true, and the same whether anybody has the number', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.integer({ min: 0, max: 130 }), fc.integer({ min: 3600, max: 40_000 })), {
          minLength: 1,
          maxLength: 7,
        }),
        async (pauses) => {
          const known = person()
          const unknown = person({ schemeId: 'ac39' })
          for (const pause of pauses) {
            nowMs += pause * SECOND
            const before = (await known.messages()).length
            const turn = await known.ask()
            expect(await unknown.ask({ isWanted: false })).toEqual(turn)
            expect((await known.messages()).length).toBe(before + (turn.taken ? 1 : 0))
            expect(Date.parse(turn.nextAt)).toBeGreaterThan(nowMs)
          }
          // Not a moment sooner than it was told, and not later.
          const told = Date.parse((await known.ask()).nextAt)
          nowMs = told - 1
          expect(await known.ask()).toEqual({ taken: false, nextAt: new Date(told).toISOString() })
          nowMs = told
          expect((await known.ask()).taken).toBe(true)
          expect(await unknown.messages()).toEqual([])
        },
      ),
      { numRuns: 6 },
    )
  }, 120_000)

  test('a code of another scheme, or for something else, takes the turn of the number all the same', async () => {
    const enrolling = person()
    const signingIn = person({ phone: enrolling.phone, schemeId: 'ac39' })
    const first = await enrolling.ask()
    expect(first).toEqual({ taken: true, nextAt: new Date(nowMs + 60 * SECOND).toISOString() })
    nowMs += 20 * SECOND
    expect(await signingIn.ask()).toEqual({ taken: false, nextAt: first.nextAt })
    expect(await signingIn.sent()).toEqual([])
    const turn = (whose: typeof enrolling) =>
      inScheme(database.db, whose.schemeId, (tx) => findTurn(tx, whose))
    expect(await turn(signingIn)).toEqual({ taken: false, nextAt: first.nextAt })
    expect(await turn(enrolling)).toEqual(first)
    expect(await turn(person())).toBeUndefined()
  })

  test('asked for at once, one is sent', async () => {
    const phone = phoneOf(number++)
    await Promise.all([1, 2, 3, 4].map(() => person({ phone }).ask()))
    expect(await person({ phone }).messages()).toHaveLength(1)
  })

  test('for a number that nobody has, the same is written and nothing sent', async () => {
    const one = person()
    await one.ask({ isWanted: false })
    expect(await one.messages()).toEqual([])
    const { id } = await database.db
      .selectFrom('oneTimeCodes')
      .select('id')
      .where('subject', '=', one.subject)
      .executeTakeFirstOrThrow()
    expect(await one.answer(digitsOfCode(deps, id))).toBe(false)
  })

  test('an address asks for twenty an hour, over all numbers; a network of IPv6 counts as one', async () => {
    for (const addressOf of [() => '203.0.113.9', (i: number) => `2001:db8:7:1::${i.toString(16)}`]) {
      for (let i = 0; i < CODES_AN_HOUR_FROM_ADDRESS; i++) await person({ address: addressOf(i) }).ask()
      await expect(person({ address: addressOf(99) }).ask()).rejects.toMatchObject({
        code: 'rate_limited',
        values: { seconds: expect.any(Number) },
      })
      await person({ address: '2001:db8:7:2::1' }).ask()
      nowMs += HOUR
      await person({ address: addressOf(99) }).ask()
    }
  })

  test('what counts for nothing any more is forgotten', async () => {
    const old = person()
    await old.ask()
    nowMs += 26 * HOUR
    const fresh = person()
    await fresh.ask()
    await asOwner(database.db, (tx) => purgeCodes(tx, new Date(nowMs)))
    expect(await old.sent()).toHaveLength(0)
    expect(await fresh.sent()).toHaveLength(1)
  })
})
