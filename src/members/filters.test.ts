import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../test/support/database.ts'
import { actorOf, testDeps } from '../../test/support/deps.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../test/support/fixtures.ts'
import type { Deps } from '../deps.ts'
import type { Actor } from '../permissions.ts'
import { acrossSchemes, type Database } from '../platform/db.ts'
import { listMembers } from './actions.ts'
import { MemberQuery } from './contract.ts'

describe.each(usualKinds)('the filters of the member list on %s', (kind) => {
  let database: Database
  let deps: Deps
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    deps = testDeps(database)
    await seedMembers(
      database.db,
      'ac63',
      ['Alpha', 'Bravo', 'Charlie'].map((name, n) => ({ id: idOf(n), name, phones: [phoneOf(n)] })),
    )
    // Alpha was billed and owes; Bravo was billed and paid; Charlie was not billed.
    await entry(1, 0, 'call', 'receivable', 'income')
    await entry(2, 1, 'call', 'receivable', 'income')
    await entry(3, 1, 'payment', 'bank', 'receivable')
  })
  afterAll(() => database.close())

  const entry = (no: number, member: number, what: string, debit: string, credit: string) =>
    acrossSchemes(database.db, async (tx) => {
      await sql`insert into ledger_entries (scheme_id, no, entered_on, kind, member_id, member, piece, written_at, written_by)
        values ('ac63', ${no}, '2026-01-01', ${what}, ${idOf(member)}, 'x', 'x', now(), 'x')`.execute(tx)
      const of = (account: string) => (account === 'receivable' ? idOf(member) : null)
      await sql`insert into ledger_lines (scheme_id, no, line, account, member_id, debit_cents, credit_cents) values
        ('ac63', ${no}, 1, ${debit}, ${of(debit)}::uuid, 1000, 0), ('ac63', ${no}, 2, ${credit}, ${of(credit)}::uuid, 0, 1000)`.execute(
        tx,
      )
    })
  const names = async (query: Partial<MemberQuery>, actor: Actor = actorOf('chamber', 'ac63')) =>
    (await listMembers(deps, actor, 'ac63', MemberQuery.parse(query))).members.map(({ name }) => name)

  test('find members who owe dues, for users who may see dues', async () => {
    expect(await names({ dues: 'owing' })).toEqual(['Alpha'])
    expect(await names({ dues: 'settled' })).toEqual(['Bravo', 'Charlie'])
    expect(await names({ dues: 'settled', q: 'bra' })).toEqual(['Bravo'])
    await expect(names({ dues: 'owing' }, actorOf('operator', 'ac63'))).rejects.toMatchObject({
      code: 'forbidden',
    })
  })

  test('find members by the first digits of a number as by words', async () => {
    expect(await names({ q: '06 39 98 00 02' })).toEqual(['Charlie'])
    expect(await names({ q: 'issoire cha' })).toEqual(['Charlie'])
    expect(await names({ q: '06 11 11' })).toEqual([])
  })
})
