import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../test/support/database.ts'
import { testDeps } from '../../test/support/deps.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../test/support/fixtures.ts'
import { takeWaitingSms } from '../../test/support/outbox.ts'
import type { Deps } from '../deps.ts'
import {
  admitCode,
  CODES_A_DAY,
  CODES_AN_HOUR_FROM_ADDRESS,
  deriveCodeDigits,
} from '../identity/codes/codes.ts'
import { DAY_MS } from '../message/clock.ts'
import { acrossSchemes, type Database, inScheme, inShop } from '../platform/db.ts'
import {
  findContactActor,
  getPortalSession,
  openContactSession,
  SESSION_DAYS,
  SESSION_DAYS_MAX,
} from './session/session.ts'
import { sendSignInCode, signInByCode } from './session/sign-in.ts'
import { purgeSessions } from './store.ts'

/** The numbers of a shop in each scheme, of two shops of one scheme, of a former member, of no contact. */
const BOTH = phoneOf(1)
const OWNER = phoneOf(2)
const GONE = phoneOf(3)
const NOBODY = phoneOf(99)

describe.each(usualKinds)('the portal on %s', (kind) => {
  let database: Database
  let deps: Deps
  let clock: Date
  let address = 1
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    await seedMembers(database.db, 'ac63', [
      { id: idOf(1), name: 'Tabac', phones: [BOTH, phoneOf(11)] },
      { id: idOf(2), name: 'Boulangerie', phones: [OWNER] },
      { id: idOf(3), name: 'Annexe', phones: [OWNER], status: 'suspended' },
      { id: idOf(4), name: 'Parti', phones: [GONE], status: 'left' },
    ])
    await seedMembers(database.db, 'ac39', [
      { id: idOf(101), name: 'Comptoir', communeCode: '39300', phones: [BOTH] },
    ])
    clock = new Date('2026-03-12T10:00:00Z')
    deps = testDeps(database, { now: () => clock })
  })
  afterAll(() => database.close())
  beforeEach(() => {
    clock = new Date(clock.getTime() + 2 * DAY_MS)
  })

  const ask = (phone: string) => sendSignInCode(deps, { address: `198.51.100.${address++ % 250}` }, { phone })
  /** Sends the waiting codes as the engine does. @returns their digits and recipients */
  async function sendCodes(): Promise<{ phone: string; digits: string; scheme: string; text: string }[]> {
    const sent = []
    for (const { schemeId, codeId, phone, text } of await takeWaitingSms(database.db)) {
      const { outcome } = await inScheme(database.db, schemeId, (tx) =>
        admitCode(tx, deps, { schemeId, id: codeId ?? '' }),
      )
      if (outcome === 'sent') {
        sent.push({ phone, digits: deriveCodeDigits(deps, codeId ?? ''), scheme: schemeId, text })
      }
    }
    return sent
  }
  async function signIn(phone: string): Promise<string> {
    const { attempt } = await ask(phone)
    const [code] = await sendCodes()
    return signInByCode(deps, { attempt, phone, code: code?.digits ?? '' })
  }
  const shopsOf = async (token: string) =>
    (await getPortalSession(deps, token)).shops.map(({ scheme, member }) => `${scheme.id} ${member.name}`)
  const refusal = (work: Promise<unknown>) =>
    work.then(
      () => 'done',
      (error: { code: string }) => error.code,
    )

  test('a number opens all its shops, of every scheme, with one code', async () => {
    const token = await signIn('06 39 98 00 01')
    expect(await shopsOf(token)).toEqual(['ac39 Comptoir', 'ac63 Tabac'])
    expect((await getPortalSession(deps, token)).phone).toBe(BOTH)
    expect(await shopsOf(await signIn(OWNER))).toEqual(['ac63 Annexe', 'ac63 Boulangerie'])
    const { rows } = await sql<{ entries: string }>`
      select coalesce(string_agg(details::text || actor, ''), '') as entries from audit_entries
      where action = 'session.open'`.execute(database.db)
    expect(rows[0]?.entries).toContain(idOf(101))
    expect(rows[0]?.entries).not.toContain('39980001')
  })

  test("the database stores neither the browser's token nor the digits", async () => {
    const token = await signIn(OWNER)
    const all = JSON.stringify([
      await database.db.selectFrom('contactSessions').selectAll().execute(),
      await database.db.selectFrom('oneTimeCodes').selectAll().execute(),
    ])
    expect(all).not.toContain(token)
    expect(token).toMatch(/^[\w-]{43}$/)
  })

  test('an unknown number gets the same response and the same rows, and no code', async () => {
    const rowsOf = async () => {
      const { rows } = await sql<{ what: object }>`
        select jsonb_build_object('purpose', c.purpose, 'lives', c.expires_at - c.created_at, 'text', d.template <> '',
          'by', d.created_by) as what
        from one_time_codes c join outbox d on d.scheme_id = c.scheme_id and d.code_id = c.id
        order by c.created_at desc, c.id desc limit 1`.execute(database.db)
      return rows[0]?.what
    }
    const answers = []
    const written = []
    for (const phone of [OWNER, NOBODY, GONE]) {
      const answer = await ask(phone)
      answers.push(Object.keys(answer))
      expect(answer.phone).toBe(phone)
      written.push(await rowsOf())
      const sent = await sendCodes()
      expect(
        sent.map((one) => one.phone),
        phone,
      ).toEqual(phone === OWNER ? [OWNER] : [])
      expect(await refusal(signInByCode(deps, { attempt: answer.attempt, phone, code: '000000' }))).toBe(
        sent[0]?.digits === '000000' ? 'done' : 'code_wrong',
      )
    }
    expect(answers[1]).toEqual(answers[0])
    expect(answers[2]).toEqual(answers[0])
    expect(written[1]).toEqual(written[0])
    expect(written[2]).toEqual(written[0])
    for (const phone of ['', 'abc', '04 73 00 00 00']) {
      await expect(ask(phone)).rejects.toMatchObject({ code: 'invalid_input', problems: [{ path: 'phone' }] })
    }
  })

  test('a code works once, for its number and its attempt, for ten minutes', async () => {
    const first = await ask(OWNER)
    const [code] = await sendCodes()
    const digits = code?.digits ?? ''
    const other = await ask(BOTH)
    expect(await refusal(signInByCode(deps, { attempt: other.attempt, phone: OWNER, code: digits }))).toBe(
      'code_wrong',
    )
    expect(await refusal(signInByCode(deps, { attempt: first.attempt, phone: BOTH, code: digits }))).toBe(
      'code_wrong',
    )
    const right = { attempt: first.attempt, phone: OWNER, code: digits }
    expect(await refusal(signInByCode(deps, right))).toBe('done')
    expect(await refusal(signInByCode(deps, right))).toBe('code_wrong')
    clock = new Date(clock.getTime() + 2 * 60_000)
    const late = await ask(OWNER)
    const lateCode = (await sendCodes()).find(({ phone }) => phone === OWNER)
    clock = new Date(clock.getTime() + 11 * 60_000)
    expect(
      await refusal(
        signInByCode(deps, { attempt: late.attempt, phone: OWNER, code: lateCode?.digits ?? '' }),
      ),
    ).toBe('code_wrong')
  })

  test('five wrong tries end a code, a network gets five codes a day for a number, and an address is limited over all schemes', async () => {
    const { attempt } = await ask(OWNER)
    const [code] = await sendCodes()
    const wrong = code?.digits === '000000' ? '000001' : '000000'
    for (let i = 0; i < 5; i++) {
      expect(await refusal(signInByCode(deps, { attempt, phone: OWNER, code: wrong }))).toBe('code_wrong')
    }
    expect(await refusal(signInByCode(deps, { attempt, phone: OWNER, code: code?.digits ?? '' }))).toBe(
      'code_wrong',
    )
    let sent = 1
    for (let i = 0; i < 7; i++) {
      clock = new Date(clock.getTime() + 61_000)
      await sendSignInCode(deps, { address: '203.0.113.10' }, { phone: OWNER })
      sent += (await sendCodes()).length
    }
    expect(sent).toBe(1 + CODES_A_DAY)
    // Numbers known in one scheme, in the other, and nowhere, from one address: one limit for all.
    const from = { address: '203.0.113.9' }
    const phones = [BOTH, OWNER, NOBODY]
    clock = new Date(clock.getTime() + 61_000)
    for (let i = 0; i < CODES_AN_HOUR_FROM_ADDRESS; i++)
      await sendSignInCode(deps, from, { phone: phoneOf(200 + i) })
    for (const phone of phones)
      expect(await refusal(sendSignInCode(deps, from, { phone }))).toBe('rate_limited')
    await sendCodes()
  })

  test('a number that is removed, or whose member leaves, loses access at once', async () => {
    const token = await signIn(phoneOf(11))
    expect(await findContactActor(deps, token)).toMatchObject({
      kind: 'contact',
      shops: [{ schemeId: 'ac63', memberId: idOf(1) }],
    })
    await sql`update members set status = 'left' where id = ${idOf(1)}`.execute(database.db)
    expect(await findContactActor(deps, token)).toBeUndefined()
    await sql`update members set status = 'active' where id = ${idOf(1)}`.execute(database.db)
    // Access does not return by itself.
    expect(await findContactActor(deps, token)).toBeUndefined()
    expect(await findContactActor(deps, 'x'.repeat(43))).toBeUndefined()
  })

  test('a session lasts while it is used, and is deleted when it expires', async () => {
    const token = await openContactSession(deps, { phone: OWNER })
    clock = new Date(clock.getTime() + (SESSION_DAYS - 1) * DAY_MS)
    expect(await findContactActor(deps, token)).toBeDefined()
    clock = new Date(clock.getTime() + (SESSION_DAYS - 1) * DAY_MS)
    expect(await findContactActor(deps, token)).toBeDefined()
    clock = new Date(clock.getTime() + (SESSION_DAYS + 1) * DAY_MS)
    expect(await findContactActor(deps, token)).toBeUndefined()
    await acrossSchemes(database.db, (tx) => purgeSessions(tx, clock))
    const left = await database.db
      .selectFrom('contactSessions')
      .select('id')
      .where('phone', '=', OWNER)
      .execute()
    expect(left).toEqual([])
  })

  test('a session in use ends a year after it was opened', async () => {
    const token = await openContactSession(deps, { phone: OWNER })
    const opened = clock
    for (let day = 60; day < SESSION_DAYS_MAX; day += 60) {
      clock = new Date(opened.getTime() + day * DAY_MS)
      expect(await findContactActor(deps, token)).toBeDefined()
    }
    clock = new Date(opened.getTime() + SESSION_DAYS_MAX * DAY_MS)
    expect(await findContactActor(deps, token)).toBeUndefined()
  })

  test('the database role of contacts reads only what its policies allow, in its own scheme only', async () => {
    const { rows } = await sql<{ super: boolean; bypass: boolean; login: boolean; owned: number }>`
      select rolsuper as super, rolbypassrls as bypass, rolcanlogin as login,
        (select count(*) from pg_class where relowner = r.oid)::int as owned
      from pg_roles r where rolname = 'tocsin_contact'`.execute(database.db)
    expect(rows).toEqual([{ super: false, bypass: false, login: false, owned: 0 }])
    const shop = { schemeId: 'ac63', memberId: idOf(1) }
    const read = (of: typeof shop) =>
      inShop(database.db, of, async (tx) => ({
        members: await tx.selectFrom('members').select('id').execute(),
        phones: await tx.selectFrom('contacts').select('mobile').orderBy('position').execute(),
        schemes: await tx.selectFrom('schemes').select('id').execute(),
      }))
    expect(await read(shop)).toEqual({
      members: [{ id: idOf(1) }],
      phones: [{ mobile: BOTH }, { mobile: phoneOf(11) }],
      schemes: [{ id: 'ac63' }],
    })
    expect(await read({ schemeId: 'ac39', memberId: idOf(1) })).toMatchObject({ members: [], phones: [] })
    for (const table of [
      'deliveries',
      'oneTimeCodes',
      'enrolments',
      'contactSessions',
      'auditEntries',
      'user',
    ] as const) {
      await expect(
        inShop(database.db, shop, (tx) => tx.selectFrom(table).select(sql`1`.as('one')).execute()),
        table,
      ).rejects.toThrow(/permission denied/)
    }
    for (const table of ['members', 'contacts', 'alerts'] as const) {
      await expect(
        inShop(database.db, shop, (tx) => tx.deleteFrom(table).execute()),
        table,
      ).rejects.toThrow(/permission denied/)
    }
    // Nor the notes for the file.
    await expect(
      inShop(database.db, shop, (tx) => sql`select doctrine from alerts`.execute(tx)),
    ).rejects.toThrow(/permission denied/)
  })
})
