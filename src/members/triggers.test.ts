import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../test/support/database.ts'
import { runsOf } from '../../test/support/random.ts'
import { type Database, inScheme } from '../platform/db.ts'

const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
const phone = (n: number) => `+3363998000${n}`

/** Changes made by users and imports, over few members and numbers so that they often conflict. */
const member = fc.integer({ min: 1, max: 5 })
const contact = fc.integer({ min: 1, max: 12 })
const mobile = fc.option(fc.integer({ min: 0, max: 5 }))
const change = fc.oneof(
  fc.record({
    kind: fc.constant('insert' as const),
    rows: fc.array(fc.record({ contact, member, mobile, sms: fc.boolean() }), { minLength: 1, maxLength: 4 }),
  }),
  fc.record({ kind: fc.constant('mobile' as const), contact, mobile }),
  fc.record({ kind: fc.constant('sms' as const), from: contact, to: contact, sms: fc.boolean() }),
  fc.record({ kind: fc.constant('owner' as const), contact, member }),
  fc.record({ kind: fc.constant('person' as const), contact }),
  fc.record({ kind: fc.constant('delete' as const), contacts: fc.array(contact, { maxLength: 3 }) }),
  fc.record({ kind: fc.constant('deleteMember' as const), member }),
  fc.record({
    kind: fc.constant('status' as const),
    from: member,
    to: member,
    status: fc.constantFrom('active', 'pending', 'left'),
  }),
  fc.record({
    kind: fc.constant('move' as const),
    from: member,
    to: member,
    commune: fc.constantFrom('63178', '63050'),
    trade: fc.constantFrom('t', 'u'),
  }),
  fc.record({ kind: fc.constant('renew' as const), status: fc.constantFrom('active', 'pending') }),
)

describe.each(usualKinds)('shared numbers on %s', (kind) => {
  let database: Database
  beforeAll(async () => {
    database = await testDatabase(kind)
    await sql`insert into schemes (id, name, territory, reference_prefix, trades, sender, closing_advice, created_at)
      select id, id, '{}', '1', '{}', 'A1', '', now() from unnest(array['aa', 'bb']) as s (id)`.execute(
      database.db,
    )
    await sql`insert into regions values ('84', 'R')`.execute(database.db)
    await sql`insert into departements (code, name, region_code) values ('63', 'D', '84')`.execute(
      database.db,
    )
    await sql`insert into communes (code, name, search_name, departement_code, region_code)
      values ('63178', 'Issoire', 'issoire', '63', '84'), ('63050', 'Brassac', 'brassac', '63', '84')`.execute(
      database.db,
    )
    // The same numbers in another scheme do not count here.
    await addMembers('bb')
    await sql`insert into contacts (scheme_id, id, member_id, person, mobile, sms)
      select 'bb', ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, ${uuid(1)}, '', '+3363998000' || n, true
      from generate_series(0, 5) n`.execute(database.db)
  })
  afterAll(() => database.close())

  const addMembers = (scheme: string) =>
    sql`insert into members (scheme_id, id, name, search_name, trade, commune_code, status, created_at, updated_at)
      select ${scheme}, ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'M', 'm', 't', '63178', 'active', now(), now()
      from generate_series(1, 5) n on conflict do nothing`.execute(database.db)

  async function apply(one: typeof change extends fc.Arbitrary<infer T> ? T : never): Promise<void> {
    await inScheme(database.db, 'aa', async (tx) => {
      switch (one.kind) {
        case 'insert':
          await sql`insert into contacts (scheme_id, id, member_id, person, mobile, sms)
            select 'aa', d.id, d.member_id, '', d.mobile, d.sms and d.mobile is not null
            from unnest(${one.rows.map((r) => uuid(r.contact))}::uuid[], ${one.rows.map((r) => uuid(r.member))}::uuid[],
              ${one.rows.map((r) => (r.mobile === null ? null : phone(r.mobile)))}::text[], ${one.rows.map((r) => r.sms)}::boolean[])
              as d (id, member_id, mobile, sms)
            where exists (select from members m where m.scheme_id = 'aa' and m.id = d.member_id)
            on conflict do nothing`.execute(tx)
          break
        case 'mobile':
          await sql`update contacts c set mobile = ${one.mobile === null ? null : phone(one.mobile)}, sms = sms and ${one.mobile !== null}
            where id = ${uuid(one.contact)} and not exists (select from contacts o
              where o.member_id = c.member_id and o.id <> c.id and o.mobile = ${one.mobile === null ? null : phone(one.mobile)})`.execute(
            tx,
          )
          break
        case 'sms':
          await sql`update contacts set sms = ${one.sms} and mobile is not null
            where id between ${uuid(one.from)} and ${uuid(one.to)}`.execute(tx)
          break
        case 'owner':
          await sql`update contacts c set member_id = ${uuid(one.member)} where id = ${uuid(one.contact)}
            and exists (select from members where scheme_id = 'aa' and id = ${uuid(one.member)})
            and not exists (select from contacts o where o.member_id = ${uuid(one.member)} and o.mobile = c.mobile)`.execute(
            tx,
          )
          break
        case 'person':
          await sql`update contacts set person = person || 'x' where id = ${uuid(one.contact)}`.execute(tx)
          break
        case 'delete':
          await sql`delete from contacts where id = any (${one.contacts.map(uuid)}::uuid[])`.execute(tx)
          break
        case 'deleteMember':
          await sql`delete from members where id = ${uuid(one.member)}`.execute(tx)
          break
        case 'status':
          await sql`update members set status = ${one.status}
            where id between ${uuid(one.from)} and ${uuid(one.to)}`.execute(tx)
          break
        case 'move':
          await sql`update members set commune_code = ${one.commune}, trade = ${one.trade}
            where id between ${uuid(one.from)} and ${uuid(one.to)}`.execute(tx)
          break
        case 'renew':
          await sql`insert into members (scheme_id, id, name, search_name, trade, commune_code, status, created_at, updated_at)
            select 'aa', ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'M', 'm', 'u', '63050', ${one.status}, now(), now()
            from generate_series(1, 5) n on conflict do nothing`.execute(tx)
      }
    })
  }

  /** Compares the counts that the triggers maintain with counts computed from scratch. */
  async function wrong(): Promise<unknown[]> {
    const { rows } = await sql`
      select m.scheme_id, m.id, m.sms_contacts, (
        select count(*) from contacts c where c.scheme_id = m.scheme_id and c.member_id = m.id and c.sms
          and not exists (select from contacts o where o.scheme_id = c.scheme_id and o.mobile = c.mobile
            and o.member_id <> c.member_id and o.sms)) as expected
      from members m
      where m.sms_contacts <> (
        select count(*) from contacts c where c.scheme_id = m.scheme_id and c.member_id = m.id and c.sms
          and not exists (select from contacts o where o.scheme_id = c.scheme_id and o.mobile = c.mobile
            and o.member_id <> c.member_id and o.sms))
      union all
      select c.scheme_id, c.id, c.shared::int, 0 from contacts c
      where c.sms and c.shared <> exists (select from contacts o where o.scheme_id = c.scheme_id
        and o.mobile = c.mobile and o.member_id <> c.member_id and o.sms)`.execute(database.db)
    return rows
  }

  /** Lists the cells that differ from the sum of their members. */
  async function wrongCells(): Promise<unknown[]> {
    const { rows } = await sql`
      select * from (
        select scheme_id, coalesce(commune_code, '') as commune_code, coalesce(trade, '') as trade, sum(sms_contacts)::int as sms_contacts,
          (count(*) filter (where sms_contacts > 0))::int as reachable, count(*)::int as members
        from members where status = 'active'
        group by grouping sets ((scheme_id, commune_code, trade), (scheme_id, commune_code), (scheme_id, trade))
      ) expected
      full join (
        select * from audience_cells where members <> 0 or reachable <> 0 or sms_contacts <> 0
      ) kept using (scheme_id, commune_code, trade, sms_contacts, reachable, members)
      where kept is null or expected is null`.execute(database.db)
    return rows
  }

  /** Lists the contacts that have another commune than their member. */
  async function wrongCommunes(): Promise<unknown[]> {
    const { rows } = await sql`
      select c.id, c.commune_code, m.commune_code as expected
      from contacts c join members m on m.scheme_id = c.scheme_id and m.id = c.member_id
      where c.commune_code <> m.commune_code`.execute(database.db)
    return rows
  }

  test('after any changes, numbers and members of each cell are counted, and contacts are where their members are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 3, maxLength: 15 }), async (changes) => {
        await sql`delete from contacts where scheme_id = 'aa'`.execute(database.db)
        await addMembers('aa')
        for (const one of changes) {
          await apply(one)
          expect(await wrong()).toEqual([])
          expect(await wrongCells()).toEqual([])
          expect(await wrongCommunes()).toEqual([])
        }
      }),
      { numRuns: runsOf(40) },
    )
  })

  test('a contact cannot be given another commune than that of its member', async () => {
    await addMembers('aa')
    await apply({ kind: 'insert', rows: [{ contact: 1, member: 1, mobile: 0, sms: true }] })
    await expect(
      inScheme(database.db, 'aa', (tx) =>
        sql`update contacts set commune_code = case commune_code when '63178' then '63050' else '63178' end`.execute(
          tx,
        ),
      ),
    ).rejects.toMatchObject({ code: '23503' })
    expect(await wrongCommunes()).toEqual([])
  })

  test('a scheme without planner statistics is not read once per row', async () => {
    await sql`analyze members, contacts`.execute(database.db)
    await sql`insert into schemes (id, name, territory, reference_prefix, trades, sender, closing_advice, created_at)
      values ('new', 'new', '{}', '1', '{}', 'A1', '', now())`.execute(database.db)
    const rowsRead = await inScheme(database.db, 'new', async (tx) => {
      await sql`insert into members (scheme_id, id, name, search_name, trade, commune_code, status, created_at, updated_at)
        select 'new', ('00000000-0000-4000-9000-' || lpad(n::text, 12, '0'))::uuid, 'M', 'm', 't', '63178', 'active', now(), now()
        from generate_series(1, 6000) n`.execute(tx)
      await sql`insert into contacts (scheme_id, id, member_id, person, mobile, sms)
        select 'new', id, id, '', '+336' || right(id::text, 8), true from members where scheme_id = 'new'`.execute(
        tx,
      )
      // The restricted role may run it through the owner's function.
      await sql`select analyze_members()`.execute(tx)
      const { rows } = await sql<{ n: number }>`
        select sum(pg_stat_get_xact_tuples_returned(t) + pg_stat_get_xact_tuples_fetched(t))::int as n
        from unnest(array['members', 'contacts']::regclass[]) t`.execute(tx)
      return rows[0]?.n
    })
    // A loop over the scheme would read 36 million.
    expect(rowsRead).toBeGreaterThan(0)
    expect(rowsRead).toBeLessThan(100 * 6000)
    expect(await wrong()).toEqual([])
    expect(await wrongCells()).toEqual([])
  })

  test('the restricted role reads the cells of its scheme and writes none', async () => {
    await addMembers('aa')
    const cells = await inScheme(database.db, 'aa', (tx) =>
      tx.selectFrom('audienceCells').selectAll().execute(),
    )
    expect(cells.length).toBeGreaterThan(0)
    expect(new Set(cells.map(({ schemeId }) => schemeId))).toEqual(new Set(['aa']))
    for (const statement of [
      sql`update audience_cells set members = 0`,
      sql`insert into audience_cells values ('aa', 'x', 'x', 1, 1, 1)`,
      sql`delete from audience_cells`,
      sql`select audience_add(array[row ('aa', 'x', 'x', 1, 1, 1)::audience_cells])`,
    ]) {
      await expect(inScheme(database.db, 'aa', (tx) => statement.execute(tx))).rejects.toThrow(
        /permission denied/,
      )
    }
  })

  test.skipIf(kind === 'embedded')(
    "two concurrent writers do not miss each other's rows (PGlite has one connection)",
    async () => {
      await sql`delete from contacts where scheme_id = 'aa'`.execute(database.db)
      await addMembers('aa')
      const add = (id: number, owner: number) =>
        inScheme(database.db, 'aa', async (tx) => {
          await sql`insert into contacts (scheme_id, id, member_id, person, mobile, sms)
          values ('aa', ${uuid(id)}, ${uuid(owner)}, '', ${phone(1)}, true)`.execute(tx)
          await sql`select pg_sleep(0.1)`.execute(tx)
        })
      await Promise.all([add(1, 1), add(2, 2), add(3, 3)])
      expect(await wrong()).toEqual([])
    },
  )

  test.skipIf(kind === 'embedded')(
    'writers of members and writers of contacts never deadlock (PGlite has one connection)',
    async () => {
      await sql`delete from contacts where scheme_id = 'aa'`.execute(database.db)
      await addMembers('aa')
      await inScheme(database.db, 'aa', (tx) =>
        sql`insert into contacts (scheme_id, id, member_id, person, mobile, sms)
          select 'aa', id, id, '', '+33639980000', true from members where scheme_id = 'aa'`.execute(tx),
      )
      // Each locks a row that another's triggers need, then needs a row that the other has locked.
      const steps = (n: number) => [
        sql`update members set status = case status when 'active' then 'left' else 'active' end where id = ${uuid(n)}`,
        sql`update contacts set mobile = ${phone(n)} where id = ${uuid((n % 5) + 1)}`,
        sql`update members set commune_code = '63050' where id = ${uuid(6 - n)}`,
        sql`update contacts set mobile = ${phone(0)} where id = ${uuid((n % 5) + 1)}`,
      ]
      const writer = (n: number) =>
        inScheme(database.db, 'aa', async (tx) => {
          const mine = steps(n)
          for (const step of n % 2 === 0 ? mine : mine.toReversed()) {
            await step.execute(tx)
            await sql`select pg_sleep(0.02)`.execute(tx)
          }
        })
      await Promise.all([1, 2, 3, 4, 5, 1, 2, 3].map(writer))
      expect(await wrong()).toEqual([])
      expect(await wrongCells()).toEqual([])
    },
  )
})
