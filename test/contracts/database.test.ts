import { readFileSync } from 'node:fs'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { UNCOUNTED_KINDS } from '../../src/deliveries/kinds.ts'
import { acrossSchemes, type Database, inScheme } from '../../src/platform/db.ts'
import { databaseKinds, testDatabase } from '../support/database.ts'

/**
 * Tables of the engine and of identity that refer to a scheme without belonging to it: the restricted role sees no row
 * of them.
 */
const OWNER_ONLY = ['grants', 'audit_seals']

/**
 * Tables with the scheme as the last column of their key. To be distributed by it, a key has to hold it, in whichever
 * place; `deliveries` is compared by broadcast and number first, which is faster (ADR 11).
 */
const SCHEME_LAST = ['deliveries']

describe.each(databaseKinds)('the tables on %s', (kind) => {
  let database: Database
  beforeAll(async () => {
    database = await testDatabase(kind)
  })
  afterAll(() => database.close())

  async function names(query: ReturnType<typeof sql<{ name: string }>>): Promise<string[]> {
    return (await query.execute(database.db)).rows.map((row) => row.name)
  }

  const tenantTables = () =>
    names(sql<{ name: string }>`
      select table_name as name from information_schema.columns
      where table_schema = 'public' and column_name = 'scheme_id' order by 1`)

  test('have keys and references with the scheme, so that they can be distributed by it', async () => {
    const { rows } = await sql<{ name: string; key: string; isOfAll: boolean }>`
      with t as (
        select c.oid, c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'scheme_id'
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
      )
      select t.relname::text as name, pg_get_indexdef(i.indexrelid) as key, false as is_of_all
      from t join pg_index i on i.indrelid = t.oid and i.indisunique
        join pg_attribute f on f.attrelid = t.oid
          and f.attnum = i.indkey[case when t.relname = any(${SCHEME_LAST}::text[]) then i.indnkeyatts - 1 else 0 end]
      where f.attname <> 'scheme_id'
      union all
      select t.relname::text, pg_get_constraintdef(k.oid), not exists (select from t o where o.oid = k.confrelid)
      from t join pg_constraint k on k.conrelid = t.oid and k.contype = 'f'
        join pg_attribute f on f.attrelid = t.oid and f.attnum = k.conkey[1]
      where f.attname <> 'scheme_id'`.execute(database.db)
    // A table of the installation (communes, accounts, schemes) is copied to every node.
    const others = rows.filter(({ name, isOfAll }) => !isOfAll && !OWNER_ONLY.includes(name))
    expect(others.map(({ name, key }) => `${name}: ${key}`)).toEqual([])
    expect(rows.some(({ name }) => name === 'members')).toBe(true)
  })

  test('have row-level security if they have a scheme, and show the rows of their own scheme only', async () => {
    const tables = await tenantTables()
    expect(tables.length).toBeGreaterThan(12)
    const { rows } = await sql<{
      name: string
      secured: boolean
      policies: string[]
      checks: string[]
      contacts: string[]
      across: string[]
      forced: boolean
    }>`
      select c.relname as name, c.relrowsecurity as secured,
        coalesce(array_agg(pg_get_expr(p.polqual, p.polrelid))
          filter (where p.polroles = array['tocsin_app'::regrole::oid]), '{}') as policies,
        coalesce(array_agg(pg_get_expr(p.polwithcheck, p.polrelid))
          filter (where p.polwithcheck is not null and p.polroles = array['tocsin_app'::regrole::oid]), '{}') as checks,
        coalesce(array_agg(pg_get_expr(p.polqual, p.polrelid))
          filter (where p.polroles = array['tocsin_contact'::regrole::oid]), '{}') as contacts,
        coalesce(array_agg(pg_get_expr(p.polqual, p.polrelid))
          filter (where p.polroles = array['tocsin_service'::regrole::oid]), '{}') as across, c.relforcerowsecurity as forced
      from pg_class c join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
      left join pg_policy p on p.polrelid = c.oid
      where c.relkind = 'r' group by 1, 2, c.relforcerowsecurity`.execute(database.db)
    for (const table of [...tables, 'schemes']) {
      const row = rows.find(({ name }) => name === table)
      expect(row, table).toMatchObject({ secured: true, forced: true, across: ['true'] })
      if (OWNER_ONLY.includes(table)) continue
      const column = table === 'schemes' ? 'id' : 'scheme_id'
      expect(row?.policies, table).toEqual([`(${column} = current_scheme())`])
      // A policy without a check of its own applies its read condition to writes.
      for (const check of row?.checks ?? [])
        expect(check, table).toBe(`(${column} = ( SELECT current_scheme() AS current_scheme))`)
      // The rows that contacts see are a subset.
      for (const policy of row?.contacts ?? [])
        expect(policy, table).toContain(`${column} = current_scheme()`)
    }
  })

  test('leave the kinds that are never counted out of the index of broadcasts to count, and no other', async () => {
    const [predicate = ''] = await names(sql<{ name: string }>`
      select pg_get_expr(indpred, indrelid) as name from pg_index where indexrelid = 'broadcasts_to_tally'::regclass`)
    const kindsIn = (text: string) => [...text.matchAll(/'(\w+)'/g)].map(([, word]) => word).sort()
    const [, left = ''] = predicate.split(/\bkind\b/)
    expect(kindsIn(left)).toEqual(kindsIn(sql`${UNCOUNTED_KINDS}`.compile(database.db).sql))
    expect(kindsIn(left)).toContain('digest')
  })

  test('give the restricted role no ownership, no bypass and no access to accounts', async () => {
    const { rows } = await sql<{ super: boolean; bypass: boolean; login: boolean; owned: number }>`
      select rolsuper as super, rolbypassrls as bypass, rolcanlogin as login,
        (select count(*) from pg_class where relowner = r.oid)::int as owned
      from pg_roles r where rolname = 'tocsin_app'`.execute(database.db)
    expect(rows).toEqual([{ super: false, bypass: false, login: false, owned: 0 }])
    const granted = await names(sql<{ name: string }>`
      select distinct table_name as name from information_schema.role_table_grants
      where grantee = 'tocsin_app' and table_name in ('user', 'session', 'account', 'verification', 'grants')`)
    expect(granted).toEqual([])
  })

  test('allow reading and writing in the current scheme only', async () => {
    await fill()
    const tables = (await tenantTables()).filter((name) => !OWNER_ONLY.includes(name))
    const filled: string[] = []
    for (const table of tables) {
      const count = async (schemeId: string) => {
        const { rows } = await inScheme(database.db, schemeId, (tx) =>
          sql<{ n: number }>`select count(*)::int as n from ${sql.table(table)}`.execute(tx),
        )
        return rows[0]?.n
      }
      if ((await count('aa1'))! > 0) filled.push(table)
      expect(await count(''), `${table} without a scheme`).toBe(0)
      expect(await count('bb2'), `${table} in another scheme`).toBe(0)
    }
    expect(filled).toEqual(
      expect.arrayContaining(['categories', 'agencies', 'members', 'contacts', 'sectors', 'audit_entries']),
    )
    await expect(
      inScheme(database.db, 'bb2', (tx) =>
        sql`insert into sectors (scheme_id, id, name, commune_codes) values ('aa1', gen_random_uuid(), 'Z', '{}')`.execute(
          tx,
        ),
      ),
    ).rejects.toThrow(/row-level security/)
    const { numAffectedRows } = await inScheme(database.db, 'bb2', (tx) =>
      sql`delete from sectors`.execute(tx),
    )
    expect(Number(numAffectedRows)).toBe(0)
  })

  test('reset the role at the end of the transaction', async () => {
    await inScheme(database.db, 'aa1', async () => {})
    const { rows } = await sql<{ role: string; scheme: string | null }>`
      select current_user as role, nullif(current_setting('tocsin.scheme', true), '') as scheme`.execute(
      database.db,
    )
    expect(rows[0]?.role).not.toBe('tocsin_app')
    expect(rows[0]?.scheme).toBeNull()
  })

  test('have the columns that src/schema.ts declares', async () => {
    const { rows } = await sql<{ table: string; column: string; nullable: boolean }>`
      select table_name as table, column_name as column, is_nullable = 'YES' as nullable
      from information_schema.columns where table_schema = 'public' order by 1, 2`.execute(database.db)
    const actual = new Map<string, string[]>()
    for (const { table, column, nullable } of rows) {
      actual.set(table, [...(actual.get(table) ?? []), `${column}${nullable ? '?' : ''}`])
    }
    // Only better-auth reads and writes these two.
    actual.delete('account')
    actual.delete('verification')
    expect(Object.fromEntries(declaredTables())).toEqual(
      Object.fromEntries([...actual].map(([table, columns]) => [table, columns.sort()])),
    )
  })

  async function fill(): Promise<void> {
    await acrossSchemes(database.db, (tx) =>
      sql
        .raw(`
        insert into regions (code, name) values ('84', 'R'); insert into departements (code, name, region_code) values ('63', 'D', '84');
        insert into communes (code, name, search_name, departement_code, region_code) values ('63178', 'Issoire', 'issoire', '63', '84');
        insert into schemes (id, name, territory, reference_prefix, trades, sender, closing_advice, created_at)
          select id, id, '{"kind":"departement","code":"63"}', '63', '{}', 'ALERTE', 'x', now() from unnest(array['aa1', 'bb2']) id;
        insert into categories (scheme_id, code, label_fr, label_en, severity, template, position) values ('aa1', 'c', 'c', 'c', 'alert', 't', 1);
        insert into agencies (scheme_id, id, code, name, kind) values ('aa1', gen_random_uuid(), 'a', 'a', 'police');
        insert into sectors (scheme_id, id, name, commune_codes) values ('aa1', gen_random_uuid(), 's', '{63178}');
        insert into members (scheme_id, id, name, search_name, trade, commune_code, status, created_at, updated_at)
          values ('aa1', '00000000-0000-7000-8000-000000000001', 'm', 'm', 't', '63178', 'active', now(), now());
        insert into contacts (scheme_id, id, member_id, person, mobile, sms)
          values ('aa1', gen_random_uuid(), '00000000-0000-7000-8000-000000000001', 'p', '+33639980001', true);
        insert into audit_heads values ('aa1', 1, 'h');
        insert into audit_entries values ('aa1', 1, now(), 'a', 'b', 'c', '{}', 'p', 'h')`)
        .execute(tx),
    )
  }
})

/** Parses the tables and columns of the interface in src/schema.ts, in SQL names, with ? for nullable ones. */
function declaredTables(): Map<string, string[]> {
  const text = readFileSync(new URL('../../src/schema.ts', import.meta.url), 'utf8')
  const body = text.slice(text.indexOf('export interface Schema {'), text.indexOf('\n}\n'))
  const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  const tables = new Map<string, string[]>()
  for (const [, table, columns] of body.matchAll(/^ {2}(\w+): \{([^}]*?)\n? ?\}$/gms)) {
    const names = [...(columns ?? '').matchAll(/(?:^|;|\{)\s*(\w+): ([^;\n]+)/gm)].map(([, name, type]) => {
      const isNullable = /\| null$/.test((type ?? '').trim())
      return `${snake(name ?? '')}${isNullable ? '?' : ''}`
    })
    tables.set(snake(table ?? ''), names.sort())
  }
  return tables
}
