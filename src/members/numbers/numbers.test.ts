import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../../test/support/database.ts'
import { actorOf, contactOf, noteJobs, testDeps } from '../../../test/support/deps.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../../test/support/fixtures.ts'
import { listMemberChanges } from '../../changes/actions.ts'
import { correctNumber } from '../../changes/numbers.ts'
import { undoChange } from '../../changes/undo.ts'
import type { Deps } from '../../deps.ts'
import type { AppError } from '../../errors.ts'
import type { Actor } from '../../permissions.ts'
import { type Database, inScheme } from '../../platform/db.ts'
import { getMember, listMembers } from '../actions.ts'
import type { NumberFacet } from '../contract.ts'
import { setContactSms } from '../opt-out/opt-out.ts'
import { isMobile } from '../rules.ts'
import { listNumbers } from './actions.ts'
import { type NumberConsequence, NumberQuery } from './contract.ts'

const chamber = actorOf('chamber', 'ac63')
const tobacconists = actorOf('trade_chamber', 'ac63', { trades: ['tobacco-press'] })
const LANDLINE = '+33473000001'

describe.each(usualKinds)('numbers to review on %s', (kind) => {
  let database: Database
  let deps: Deps
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    deps = testDeps(database, { jobs: noteJobs() })
  })
  afterAll(() => database.close())
  beforeEach(async () => {
    await sql`delete from number_health`.execute(database.db)
    await sql`delete from opt_outs`.execute(database.db)
    await sql`delete from members`.execute(database.db)
    await seedMembers(database.db, 'ac63', [
      { id: idOf(1), name: 'Alpha', phones: [phoneOf(1)] },
      { id: idOf(2), name: 'Bravo', trade: 'bakeries', phones: [phoneOf(2), phoneOf(12)] },
      { id: idOf(3), name: 'Charlie', phones: [{ mobile: LANDLINE, sms: false }] },
      { id: idOf(4), name: 'Delta', phones: [phoneOf(4)] },
      { id: idOf(5), name: 'Echo', trade: 'bakeries', phones: [phoneOf(4)] },
      { id: idOf(6), name: 'Foxtrot', phones: [] },
      { id: idOf(7), name: 'Golf', phones: [phoneOf(7)] },
      { id: idOf(8), name: 'Hotel', status: 'left', phones: [phoneOf(8)] },
    ])
    await seedMembers(database.db, 'ac39', [
      { id: idOf(101), name: 'India', communeCode: '39300', phones: [phoneOf(1)] },
    ])
    for (const [n, state] of [
      [1, 'dead'],
      [2, 'dead'],
      [7, 'doubtful'],
      [8, 'dead'],
    ] as const) {
      await sql`insert into number_health (scheme_id, phone, state, since, delivered_at)
        values ('ac63', ${phoneOf(n)}, ${state}, '2026-05-01', '2026-01-01')`.execute(database.db)
    }
  })

  const names = async (facet: NumberFacet, actor: Actor = chamber, over: Partial<NumberQuery> = {}) => {
    const page = await listNumbers(deps, actor, 'ac63', { ...NumberQuery.parse({ facet }), ...over })
    return page.members.map(({ name }) => name)
  }

  test('are found by facet, with the counts of all facets', async () => {
    expect(await names('dead')).toEqual(['Alpha', 'Bravo'])
    expect(await names('doubtful')).toEqual(['Golf'])
    // Bravo has another number.
    expect(await names('unreachable')).toEqual(['Alpha', 'Charlie', 'Foxtrot'])
    expect(await names('landline')).toEqual(['Charlie'])
    expect(await names('shared')).toEqual(['Delta', 'Echo'])
    const { counts, members } = await listNumbers(
      deps,
      chamber,
      'ac63',
      NumberQuery.parse({ facet: 'shared' }),
    )
    expect(counts).toEqual({ dead: 2, doubtful: 1, gone: 0, unreachable: 3, landline: 1, shared: 2 })
    expect(members[0]?.numbers).toEqual([
      expect.objectContaining({
        phone: phoneOf(4),
        kind: 'mobile',
        health: null,
        sharedWith: [{ id: idOf(5), name: 'Echo' }],
      }),
    ])
  })

  test('are found by name, commune, number or trade, one page at a time', async () => {
    expect(await names('dead', chamber, { q: 'brav' })).toEqual(['Bravo'])
    expect(await names('dead', chamber, { q: phoneOf(1) })).toEqual(['Alpha'])
    expect(await names('dead', chamber, { trade: 'bakeries' })).toEqual(['Bravo'])
    const query = NumberQuery.parse({ facet: 'dead', limit: 1 })
    const first = await listNumbers(deps, chamber, 'ac63', query)
    const second = await listNumbers(deps, chamber, 'ac63', { ...query, after: first.next ?? '' })
    expect([first, second].map(({ members }) => members.map(({ name }) => name))).toEqual([
      ['Alpha'],
      ['Bravo'],
    ])
    expect([second.next, second.counts]).toEqual([null, null])
    await expect(listNumbers(deps, chamber, 'ac63', { ...query, after: 'x' })).rejects.toMatchObject({
      code: 'invalid_input',
    })
  })

  test('a trade chamber sees members of its trades only, and no other member beside a shared number', async () => {
    expect(await names('dead', tobacconists)).toEqual(['Alpha'])
    const { counts, members } = await listNumbers(
      deps,
      tobacconists,
      'ac63',
      NumberQuery.parse({ facet: 'shared' }),
    )
    expect(counts).toEqual({ dead: 1, doubtful: 1, gone: 0, unreachable: 3, landline: 1, shared: 1 })
    expect(members.flatMap(({ numbers }) => numbers.flatMap(({ sharedWith }) => sharedWith))).toEqual([])
  })

  test('are visible to chambers only, each scheme separately', async () => {
    for (const role of ['operator', 'chief', 'magistrate'] as const) {
      await expect(names('dead', actorOf(role, 'ac63'))).rejects.toMatchObject({ code: 'forbidden' })
    }
    await expect(names('dead', contactOf('ac63', idOf(1)))).rejects.toMatchObject({ code: 'forbidden' })
    await expect(names('dead', actorOf('chamber', 'ac39'))).rejects.toMatchObject({ code: 'unknown_scheme' })
    expect(
      await inScheme(database.db, 'ac39', (tx) => tx.selectFrom('numberHealth').select('phone').execute()),
    ).toEqual([])
    const other = await listNumbers(deps, actorOf('chamber', 'ac39'), 'ac39', NumberQuery.parse({}))
    expect(other.counts).toEqual({ dead: 0, doubtful: 0, gone: 0, unreachable: 0, landline: 0, shared: 0 })
  })

  test("are shown in the member list and on each member's page", async () => {
    const page = await listMembers(deps, chamber, 'ac63', { limit: 50, numbers: 'dead' })
    expect(page.members.map(({ name, numbers }) => [name, numbers])).toEqual([
      ['Alpha', 'dead'],
      ['Bravo', 'dead'],
    ])
    const all = await listMembers(deps, chamber, 'ac63', { limit: 50 })
    expect(all.members.map(({ numbers }) => numbers)).toEqual([
      'dead',
      'dead',
      'ok',
      'ok',
      'ok',
      'ok',
      'doubtful',
      'dead',
    ])
    const { contacts } = await getMember(deps, chamber, 'ac63', idOf(1))
    expect(contacts[0]?.health).toEqual({
      state: 'dead',
      since: '2026-05-01T00:00:00.000Z',
      deliveredAt: '2026-01-01T00:00:00.000Z',
      notifiedAt: null,
    })
  })

  const contactOfMember = async (n: number) => (await getMember(deps, chamber, 'ac63', idOf(n))).contacts[0]!
  const correct = async (
    n: number,
    phone: string,
    actor: Actor = chamber,
    confirm: NumberConsequence[] = [],
  ) => {
    const id = { member: idOf(n), contact: (await contactOfMember(n)).id }
    return (await correctNumber(deps, actor, 'ac63', id, { phone, confirm })).member.contacts[0]
  }

  test('a corrected number is healthy and leaves the list', async () => {
    expect(await correct(1, '06 39 98 00 51')).toMatchObject({ phone: phoneOf(51), sms: true, health: null })
    expect(await names('dead')).toEqual(['Bravo'])
    const entries = await database.db
      .selectFrom('auditEntries')
      .select(['action', 'actor', 'details'])
      .where('action', '=', 'contact.phone_corrected')
      .execute()
    expect(entries).toHaveLength(1)
    expect(JSON.stringify(entries)).not.toContain('3998')
    // Storing the same number again is not a change.
    await correct(1, phoneOf(51))
    const { rows } = await sql<{ n: number }>`
      select count(*)::int as n from audit_entries where action = 'contact.phone_corrected'`.execute(
      database.db,
    )
    expect(rows).toEqual([{ n: 1 }])
  })

  test('a correction is undone: the number before is back with its state; one corrected again since stays', async () => {
    const contact = (await contactOfMember(1)).id
    const correctTo = async (phone: string) => {
      const id = { member: idOf(1), contact }
      const { change } = await correctNumber(deps, tobacconists, 'ac63', id, { phone, confirm: [] })
      return change?.id ?? ''
    }
    const first = await correctTo(phoneOf(51))
    expect((await listMemberChanges(deps, chamber, 'ac63'))[0]).toMatchObject({
      ...{ id: first, kind: 'edit', note: 'Alpha', undoableUntil: expect.any(String) },
    })
    await undoChange(deps, tobacconists, 'ac63', first)
    expect(await contactOfMember(1)).toMatchObject({
      phone: phoneOf(1),
      sms: true,
      health: { state: 'dead' },
    })
    expect(await names('dead')).toEqual(['Alpha', 'Bravo'])
    const second = await correctTo(phoneOf(51))
    await correctTo(phoneOf(52))
    expect((await undoChange(deps, chamber, 'ac63', second)).kept).toMatchObject([{ fields: ['contacts'] }])
    expect((await contactOfMember(1)).phone).toBe(phoneOf(52))
  })

  test('a mobile that replaces a landline gets SMS, a landline gets none, and an opt-out stays in force', async () => {
    expect(await correct(3, '0639980053')).toMatchObject({ mobile: true, sms: true })
    expect(await correct(3, '04 73 00 00 02', chamber, ['number.last_mobile'])).toMatchObject({
      mobile: false,
      sms: false,
    })
    const { id } = await contactOfMember(4)
    await setContactSms(
      deps,
      chamber,
      'ac63',
      { member: idOf(4), contact: id },
      { sms: false, reason: 'demande' },
    )
    expect(await correct(4, '0639980054')).toMatchObject({ sms: false, optOut: { how: 'chamber' } })
  })

  test('requires confirmation of a correction that ends alerts, listing all consequences at once', async () => {
    const asked = async (work: Promise<unknown>) =>
      work.then(
        () => 'done',
        (error: AppError) => [error.code, ...error.problems.map(({ code, values }) => ({ code, ...values }))],
      )
    const last = { code: 'number.last_mobile' }
    const foreign = { code: 'number.foreign' }
    expect(await asked(correct(1, '04 73 00 00 02'))).toEqual(['number_confirm', last])
    expect(await asked(correct(1, '+41 22 700 00 00'))).toEqual(['number_confirm', last, foreign])
    expect(await asked(correct(1, '+41 79 123 45 67'))).toEqual(['number_confirm', foreign])
    const ofBravo = { code: 'number.of_member', known: 'yes', name: 'Bravo' }
    expect(await asked(correct(1, phoneOf(12)))).toEqual(['number_confirm', ofBravo])
    // A trade chamber learns that the number is taken, not by whom.
    expect(await asked(correct(1, phoneOf(12), tobacconists))).toEqual([
      ...['number_confirm', { code: 'number.of_member', known: 'no', name: '' }],
    ])
    // Confirming one consequence does not confirm another.
    expect(await asked(correct(1, '+41 22 700 00 00', chamber, ['number.foreign']))).toEqual([
      ...['number_confirm', last, foreign],
    ])
    expect((await contactOfMember(1)).phone).toBe(phoneOf(1))
    expect(await correct(1, phoneOf(12), chamber, ['number.of_member'])).toMatchObject({ sms: true })
    expect(
      await correct(1, '+41 22 700 00 00', chamber, ['number.last_mobile', 'number.foreign']),
    ).toMatchObject({ mobile: false, sms: false })
    // Another mobile of the member still receives alerts; a contact that received none loses none.
    expect(await asked(correct(2, '04 73 00 00 03'))).toBe('done')
    expect(await asked(correct(3, '04 73 00 00 04'))).toBe('done')
  })

  test('accepts a mobile of a neighbouring country from the chamber; refuses farther countries and satellite phones', async () => {
    expect(await correct(1, '+41 79 123 45 67', chamber, ['number.foreign'])).toMatchObject({ sms: true })
    for (const [phone, code] of [
      ['+351 912 345 678', 'mobile.far'],
      ['+1 202 555 0123', 'mobile.far'],
      ['+881 612 345 678', 'phone.special'],
      ['+882 16 123 456', 'phone.special'],
    ] as const) {
      await expect(correct(2, phone, chamber, ['number.foreign'])).rejects.toMatchObject({
        ...{ code: 'invalid_input', problems: [{ code, path: 'phone' }] },
      })
    }
  })

  test('refuses invalid numbers, numbers that the member has already, and members of other schemes', async () => {
    for (const phone of ['', '12', 'abc', '0800 00 00 00']) {
      await expect(correct(1, phone)).rejects.toMatchObject({ code: 'invalid_input' })
    }
    await expect(correct(2, phoneOf(12))).rejects.toMatchObject({
      code: 'invalid_input',
      problems: [{ code: 'contact.phone_taken', path: 'phone' }],
    })
    await expect(correct(2, '0639980055', tobacconists)).rejects.toMatchObject({ code: 'not_found' })
    expect(await correct(1, '0639980056', tobacconists)).toMatchObject({ phone: phoneOf(56) })
    await expect(correct(1, '0639980057', actorOf('operator', 'ac63'))).rejects.toMatchObject({
      code: 'forbidden',
    })
  })

  test('SQL and the rules agree on what a landline is, over the whole numbering plan', async () => {
    const prefixes = ['+33', '+262', '+590', '+594', '+596'] as const
    const numbers = prefixes.flatMap((prefix) =>
      Array.from({ length: 1000 }, (_, n) => `${prefix}${String(n).padStart(3, '0')}123456`),
    )
    const { rows } = await sql<{ phone: string }>`
      select phone from unnest(${numbers}::text[]) as n (phone) where is_landline(phone)`.execute(database.db)
    expect(rows.length).toBeGreaterThan(500)
    expect(rows.filter(({ phone }) => isMobile(phone))).toEqual([])
    for (const phone of [
      '+33473000001',
      '+33973000001',
      '+262262410203',
      '+590590201234',
      '+594594301234',
      '+596596301234',
    ]) {
      expect(rows.length > 0 && !isMobile(phone), phone).toBe(true)
      const one = await sql<{ is: boolean }>`select is_landline(${phone}) as is`.execute(database.db)
      expect(one.rows, phone).toEqual([{ is: true }])
    }
  })
})
