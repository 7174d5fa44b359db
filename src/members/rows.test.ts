import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../test/support/database.ts'
import { actorOf, testDeps } from '../../test/support/deps.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../test/support/fixtures.ts'
import type { Deps } from '../deps.ts'
import type { Actor } from '../permissions.ts'
import { encodeCursor } from '../platform/database/cursor.ts'
import { acrossSchemes, type Database } from '../platform/db.ts'
import { listMembers } from './actions.ts'
import { MEMBER_SORTS, MemberQuery, type MemberSort } from './contract.ts'

const camille = actorOf('chamber', 'ac63')
const CENTRE = '00000000-0000-4000-8000-0000000000c1'
const EAST = '00000000-0000-4000-8000-0000000000c2'

describe.each(usualKinds)('the order of the member list on %s', (kind) => {
  let database: Database
  let deps: Deps
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    deps = testDeps(database)
    await seedMembers(database.db, 'ac63', [
      { id: idOf(0), name: 'Alpha', trade: 'tobacco-press', communeCode: '63178', phones: [phoneOf(0)] },
      { id: idOf(1), name: 'Bravo', trade: 'bakeries', communeCode: '63003', status: 'suspended' },
      { id: idOf(2), name: 'Charlie', trade: 'bakeries', communeCode: '63113', phones: [phoneOf(2)] },
      { id: idOf(3), name: 'Delta', trade: 'butchers', communeCode: '63178', status: 'pending' },
    ])
    await acrossSchemes(database.db, async (tx) => {
      await sql`delete from sectors where scheme_id = 'ac63'`.execute(tx)
      await sql`insert into sectors (scheme_id, id, name, commune_codes) values
        ('ac63', ${CENTRE}, 'Ville', array['63113']), ('ac63', ${EAST}, 'Étang', array['63003', '63178'])`.execute(
        tx,
      )
      await sql`update members set joined_on = '2020-05-01', siret = '00000000000017' where id = ${idOf(2)}`.execute(
        tx,
      )
      await sql`update members set joined_on = '2019-05-01' where id = ${idOf(3)}`.execute(tx)
      await sql`insert into number_health (scheme_id, phone, state, since) values ('ac63', ${phoneOf(0)}, 'dead', now())`.execute(
        tx,
      )
      await sql`insert into dues_campaigns (scheme_id, year, fee_cents, pro_rata, due_on, opened_at, opened_by)
        values ('ac63', 2020, 1000, false, '2020-03-01', now(), 'x'), ('ac63', 2098, 500, false, '2098-03-01', now(), 'x')`.execute(
        tx,
      )
      await sql`insert into dues (scheme_id, year, member_id, amount_cents, due_on, assessed_at) values
        ('ac63', 2020, ${idOf(0)}, 1000, '2020-03-01', now()), ('ac63', 2098, ${idOf(1)}, 500, '2098-03-01', now())`.execute(
        tx,
      )
    })
    await bill(1, 0, 1000)
    await bill(2, 1, 500)
  })
  afterAll(() => database.close())

  const bill = (no: number, member: number, cents: number) =>
    acrossSchemes(database.db, async (tx) => {
      await sql`insert into ledger_entries (scheme_id, no, entered_on, kind, member_id, member, piece, written_at, written_by)
        values ('ac63', ${no}, '2026-01-01', 'call', ${idOf(member)}, 'x', 'x', now(), 'x')`.execute(tx)
      await sql`insert into ledger_lines (scheme_id, no, line, account, member_id, debit_cents, credit_cents) values
        ('ac63', ${no}, 1, 'receivable', ${idOf(member)}, ${cents}, 0), ('ac63', ${no}, 2, 'income', null, 0, ${cents})`.execute(
        tx,
      )
    })
  const list = (query: Record<string, string>, actor: Actor = camille) =>
    listMembers(deps, actor, 'ac63', MemberQuery.parse(query))
  const names = async (query: Record<string, string>) =>
    (await list(query)).members.map(({ name }) => name.slice(0, 1)).join('')

  test.each<[MemberSort, string, string]>([
    ['name', 'ABCD', 'DCBA'],
    // Boulangeries, Boucheries and Tabac by their French names; equal ones by name in both directions.
    ['trade', 'DBCA', 'ABCD'],
    ['commune', 'BCAD', 'ADCB'],
    // An accent does not move Étang behind Ville.
    ['sector', 'ABDC', 'CABD'],
    ['numbers', 'BDAC', 'CABD'],
    // Members without an account, a day or a SIRET come last in both directions.
    ['dues', 'BACD', 'ABCD'],
    ['status', 'DACB', 'BACD'],
    ['joined', 'DCAB', 'CDAB'],
    ['siret', 'CABD', 'CABD'],
    ['charter', 'ABCD', 'ABCD'],
  ])('sorts by %s: %s, and from the other end: %s', async (sort, up, down) => {
    expect(await names({ sort })).toBe(up)
    expect(await names({ sort, descending: 'true' })).toBe(down)
  })

  test('sorts trades of the scheme by their names, also a renamed one', async () => {
    const own = (code: string, nameFr: string) => ({
      code,
      nameFr,
      nameEn: nameFr,
      naf: [],
      naf2025: [],
      words: [],
    })
    const set = (ownTrades: object[], tradeOfDelta: string) =>
      acrossSchemes(database.db, async (tx) => {
        await sql`update schemes set own_trades = ${JSON.stringify(ownTrades)}::jsonb where id = 'ac63'`.execute(
          tx,
        )
        await sql`update members set trade = ${tradeOfDelta} where id = ${idOf(3)}`.execute(tx)
      })
    // No built-in trade is called so; bakeries have another name here.
    await set([own('gunsmiths', 'Armuriers'), own('bakeries', 'Viennoiseries')], 'gunsmiths')
    expect(await names({ sort: 'trade' })).toBe('DABC')
    expect(await names({ sort: 'trade', descending: 'true' })).toBe('BCAD')
    await set([own('zoos', 'Zoos')], 'zoos')
    expect(await names({ sort: 'trade' })).toBe('BCAD')
    await set([], 'butchers')
  })

  test('pages follow one another without a gap in every order, and a jump leads into the same list', async () => {
    for (const sort of MEMBER_SORTS)
      for (const descending of ['true', 'false']) {
        const order = { sort, descending }
        const whole = await names(order)
        let walked = ''
        let after: string | null = ''
        while (after !== null) {
          const page: Awaited<ReturnType<typeof list>> = await list({
            ...order,
            limit: '1',
            ...(after && { after }),
          })
          walked += page.members[0]?.name.slice(0, 1) ?? ''
          after = page.next
        }
        expect(walked, sort).toBe(whole)
        expect(await names({ ...order, skip: '2' }), sort).toBe(whole.slice(2))
      }
    expect((await list({ skip: '2' })).counts).toBeNull()
    expect((await list({})).counts?.total).toBe(4)
  })

  test('refuses a cursor of another order', async () => {
    const { next } = await list({ limit: '1', sort: 'dues' })
    await expect(list({ sort: 'name', after: next ?? '' })).rejects.toMatchObject({ code: 'invalid_input' })
    await expect(list({ sort: 'dues', descending: 'true', after: next ?? '' })).rejects.toMatchObject({
      code: 'invalid_input',
    })
    for (const key of [
      ['dues', 'x', 'bravo'],
      ['dues', '1', 'bra\0vo'],
    ]) {
      const forged = encodeCursor({ id: idOf(1), key: JSON.stringify(key) })
      await expect(list({ sort: 'dues', after: forged })).rejects.toMatchObject({ code: 'invalid_input' })
    }
  })

  test('shows sector, dues and what is late, and filters by them', async () => {
    const { members } = await list({})
    expect(members.map(({ sectors }) => sectors[0])).toEqual(['Étang', 'Étang', 'Ville', 'Étang'])
    expect(members.map(({ dues }) => dues)).toEqual([
      { owedCents: 1000, late: true },
      { owedCents: 500, late: false },
      null,
      null,
    ])
    expect(await names({ dues: 'late' })).toBe('A')
    expect(await names({ dues: 'owing' })).toBe('AB')
    expect(await names({ sector: EAST, sort: 'dues', descending: 'true' })).toBe('ABD')
    expect(await names({ sector: idOf(9) })).toBe('')
  })

  test('says nothing of dues to users who may not see them', async () => {
    const operator = actorOf('operator', 'ac63')
    expect((await list({}, operator)).members.map(({ dues }) => dues)).toEqual([null, null, null, null])
    await expect(list({ sort: 'dues' }, operator)).rejects.toMatchObject({ code: 'forbidden' })
    await expect(list({ dues: 'late' }, operator)).rejects.toMatchObject({ code: 'forbidden' })
  })
})
