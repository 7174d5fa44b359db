import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AppError } from '../../src/errors.ts'
import { formatError } from '../../src/i18n/format.ts'
import { acrossSchemes, type Database, inScheme, openDatabase } from '../../src/platform/db.ts'
import { requireProcessLogin } from '../../src/start/schema.ts'
import { crossingFunctions } from '../support/crossing-functions.ts'
import { territoryUrl, testDatabase, testDatabaseUrl } from '../support/database.ts'
import { asOwnerUrl } from '../support/owner-url.ts'
import { asTableOwner } from '../support/table-owner.ts'
import { ACROSS_SCHEMES } from './across-schemes.ts'
import { OTHER_LOGINS } from './other-logins.ts'

/** The sources of the program, by path. */
const sources = new Map(
  readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => [join('src', name), readFileSync(join('src', name), 'utf8')]),
)

test('each function that works across schemes is on the list, with a reason, and nothing else is', () => {
  const found = [...sources].flatMap(([path, text]) => {
    const functions = crossingFunctions(path, text)
    return functions.length > 0 ? [[path, functions] as const] : []
  })
  expect(found.length).toBeGreaterThan(100)
  const listed = Object.entries(ACROSS_SCHEMES)
  for (const [path, { reason }] of listed) expect(reason, path).toMatch(/^[A-Z].{20,}\.$/)
  expect(Object.fromEntries(listed.map(([path, { functions }]) => [path, functions.toSorted()]))).toEqual(
    Object.fromEntries(found),
  )
})

test.each([
  ['function f(deps) { return deps.db.selectFrom("members").execute() }', ['f']],
  ['export const f = async ({ db }) => { await sql`select 1`.execute(db) }', ['f']],
  [
    'class A { f() { return acrossSchemes(this.db, work) }\n g() { return inScheme(this.db, "x", work) } }',
    ['A.f'],
  ],
  ['function f({ pool }) { return pool.query("select 1") }', ['f']],
  ['const work = { run: (deps) => runOn(deps.pool, "select 1") }', ['work']],
  ['function f(deps) { const other = deps.db\n return other.selectFrom("members") }', ['f']],
  ['function f({ db: other }) { return other.selectFrom("members") }', ['f']],
  ['function f(tx: Db | Tx) { return tx.selectFrom("members") }', ['f']],
  ['function f(deps) { return inScheme(deps.db, "x", (tx) => tx.selectFrom("members").execute()) }', []],
  ['// acrossSchemes(db)\nfunction f({ db }) { return list(db, "db.selectFrom") }', []],
])('finds what works across schemes in: %s', (text, functions) => {
  expect(crossingFunctions('x.ts', text)).toEqual(functions)
})

/** The pieces of SQL that are not parameters: what each is made of. A new one must be made of constants too. */
const RAW: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'src/deliveries/kinds.ts': {
    "`(${kinds.map((kind) => `'${kind}'`).join(', ')})`": 'kinds, named in the file',
  },
  'src/deliveries/settle/ledger.ts': {
    "FINAL_STATES.map((state) => `'${state}'`).join(', ')": 'states, named in the program',
    "`array[${states.map((state) => `'${state}'`).join(',')}]`": 'the same',
    type: 'types of columns, named in the file',
    name: 'columns, named in the file',
    '`o.${name}`': 'the same',
    "'no'": 'a constant',
  },
  'src/platform/database/client.ts': {
    PREPARED_MARK: 'a constant',
    AS_STORED_MARK: 'a constant',
    LEAVE_UNREADABLE_MARK: 'a constant',
  },
  'src/platform/database/merge.ts': {
    "'when not matched and false then insert default values'": 'a constant',
    'parts.table': 'tables, named in the program',
  },
  'src/platform/database/migrate.ts': {
    TAKE_ROLE: 'a constant',
    'forVersion(majorVersionOf(tx), text)': 'a file of the program',
    'forVersion(majorVersionOf(tx), next.text)': 'the same',
  },
  'src/reports/journal.ts': { order: 'constants of the file', columns: 'the same', from: 'the same' },
  'src/statistics/store.ts': { '…': 'a constant', name: 'columns, named in the file' },
}

test('SQL that is not a parameter is made of constants of the program', () => {
  const found: Record<string, string[]> = {}
  for (const [path, text] of sources)
    for (const { index } of text.matchAll(/sql\.raw\(/g)) {
      const argument = argumentAt(text, index + 'sql.raw('.length)
      found[path] = [...(found[path] ?? []), argument.includes('\n') ? '…' : argument]
    }
  const known = Object.entries(RAW).map(([path, pieces]) => [path, Object.keys(pieces).toSorted()])
  const all = Object.entries(found).map(([path, pieces]) => [path, [...new Set(pieces)].toSorted()])
  expect(Object.fromEntries(all)).toEqual(Object.fromEntries(known))
})

/** Returns the argument that starts at a position, up to the parenthesis that closes its call. */
function argumentAt(text: string, start: number): string {
  let depth = 1
  let end = start
  for (; depth > 0; end++) depth += text[end] === '(' ? 1 : text[end] === ')' ? -1 : 0
  return text.slice(start, end - 1).trim()
}

/** Code by which a file uses a database with another login than `tocsin_web`. */
const ASKS = {
  tocsin_engine: /'tocsin_engine'|\basEngine\(/,
  owner:
    /\basOwnerUrl\(|\bmigrated(?:: | === )false\b|\bstart(?:Restartable)?Postgres(?:Pair)?\(|\bfreshDatabase\(/,
}

test.each(['tocsin_engine', 'owner'] as const)(
  'the tests use databases as %s only where a list says why',
  (login) => {
    const names = ['src', 'test', 'web'].flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
    )
    const asking = names
      .filter((name) => /\.tsx?$/.test(name) && (name.startsWith('test') || name.includes('.test.')))
      .filter((name) => ASKS[login].test(readFileSync(name, 'utf8')) && !name.endsWith('other-logins.ts'))
    const listed = Object.entries(OTHER_LOGINS[login])
    for (const [path, reason] of listed) expect(reason, path).toMatch(/^[A-Z].{15,}\.$/)
    expect(listed.map(([path]) => path).toSorted()).toEqual(asking.toSorted())
  },
)

test('the tests use databases as tocsin_web, without asking for it', async () => {
  for (const address of [await testDatabaseUrl(), await territoryUrl()])
    expect(new URL(address).username).toBe('tocsin_web')
  const database = await testDatabase('postgres', { poolSize: 1 })
  const { rows } = await sql`select session_user as login, current_user as role`.execute(database.db)
  await database.close()
  expect(rows).toEqual([{ login: 'tocsin_web', role: 'tocsin_service' }])
})

describe('the logins of processes', () => {
  let url: string
  let database: Database
  beforeAll(async () => {
    url = await testDatabaseUrl()
    database = await openDatabase({ kind: 'postgres', url: as('tocsin_web'), poolSize: 1 })
    await acrossSchemes(database.db, (tx) =>
      sql`insert into schemes (id, name, territory, reference_prefix, trades, sender, closing_advice, created_at)
        values ('aa1', 'aa1', '{}', '63', '{}', 'X', '', now())`.execute(tx),
    )
  })
  afterAll(() => database.close())

  function as(login: string, password = login): string {
    const other = new URL(url)
    other.username = login
    other.password = password
    return other.href
  }

  async function refusal(
    address: string,
    role: 'web' | 'worker' | 'all',
    databaseSessionUrl?: string,
  ): Promise<unknown> {
    const opened = await openDatabase({ kind: 'postgres', url: address, poolSize: 1 })
    try {
      return await requireProcessLogin(opened, { role, databaseUrl: address, databaseSessionUrl }).then(
        () => 'accepted',
        (error: AppError) => [error.code, error.values?.reason ?? formatError('en', error)],
      )
    } finally {
      await opened.close()
    }
  }

  test('behind a pooler in transaction mode they must take their role by themselves', async () => {
    const login = `pooled_of${new URL(url).pathname.replace('/', '_')}`
    const run = (statement: string) => asTableOwner(database, (tx) => sql.raw(statement).execute(tx))
    await run(`drop role if exists ${login}`)
    await run(
      `create role ${login} login password '${login}' noinherit in role tocsin_app, tocsin_contact, tocsin_service`,
    )
    try {
      expect(await refusal(as(login), 'web')).toBe('accepted')
      const [code, words] = (await refusal(as(login), 'web', as(login))) as [string, string]
      expect(code).toBe('database_login_pooled')
      const statements = words.match(/alter role .*;/g) ?? []
      expect(statements).toEqual([
        `alter role ${login} set role = 'tocsin_service';`,
        `alter role ${login} set idle_in_transaction_session_timeout = '15s';`,
      ])
      for (const statement of statements) await run(statement)
      expect(await refusal(as(login), 'web', as(login))).toBe('accepted')
      const timeout = 'idle_in_transaction_session_timeout'
      const isAccepted = async () => (await refusal(as(login), 'web', as(login))) === 'accepted'
      for (const [value, isFit] of [
        ['0', false],
        ['16s', false],
        ['1min', false],
        ['14000', true],
      ] as const) {
        await run(`alter role ${login} set ${timeout} = '${value}'`)
        expect(await isAccepted(), value).toBe(isFit)
      }
      // Settings in this database win over those everywhere; those in another one do not count.
      const here = new URL(url).pathname.slice(1)
      await run(`alter role ${login} in database ${here} set ${timeout} = '0'`)
      expect(await isAccepted()).toBe(false)
      await run(`alter role ${login} in database ${here} reset ${timeout}`)
      await run(`alter role ${login} reset role`)
      await run(`alter role ${login} in database postgres set role = 'tocsin_service'`)
      expect(await isAccepted()).toBe(false)
      for (const statement of statements) await run(statement)
      const pooled = readFileSync(new URL('../../deploy/ha/logins.sql', import.meta.url), 'utf8')
      for (const statement of statements) expect(pooled).toContain(statement.replace(login, 'tocsin_web'))
      // A connection that no process has prepared, as a pooler gives it.
      const client = new pg.Client({ connectionString: as(login) })
      await client.connect()
      const { rows } = await client.query(
        'select current_user as role, count(*)::int as schemes from schemes',
      )
      await client.end()
      expect(rows).toEqual([{ role: 'tocsin_service', schemes: 1 }])
    } finally {
      await run(`drop role ${login}`)
    }
  })

  test('are accepted for what they are for; others are refused, with the reason', async () => {
    expect(await refusal(as('tocsin_web'), 'web')).toBe('accepted')
    expect(await refusal(as('tocsin_engine'), 'all')).toBe('accepted')
    expect(await refusal(as('tocsin_engine'), 'worker')).toBe('accepted')
    expect(await refusal(as('tocsin_web'), 'all')).toEqual(['database_login', 'worker'])
    expect(await refusal(asOwnerUrl(url), 'web')).toEqual(['database_login', 'superuser'])
    // Roles belong to the whole server, which may be kept from an earlier run.
    const nameOf = (what: string) => `${what}_of${new URL(url).pathname.replace('/', '_')}`
    const others = {
      owner: 'inherit in role tocsin_service',
      bypass: 'noinherit bypassrls in role tocsin_service',
      inherits: 'inherit in role tocsin_service',
      roles: 'inherit',
    }
    for (const [reason, options] of Object.entries(others)) {
      const login = nameOf(reason)
      await asTableOwner(database, async (tx) => {
        await sql.raw(`drop role if exists ${login}`).execute(tx)
        await sql.raw(`create role ${login} login password '${login}' ${options}`).execute(tx)
        if (reason === 'owner')
          await sql.raw(`create table notes (id int); alter table notes owner to ${login}`).execute(tx)
      })
      expect(await refusal(as(login), 'web')).toEqual(['database_login', reason])
    }
  })

  test('see nothing once a transaction gives its role back', async () => {
    const count = sql<{ n: number }>`select count(*)::int as n from schemes`
    await inScheme(database.db, 'aa1', async (tx) => {
      expect((await count.execute(tx)).rows).toEqual([{ n: 1 }])
      await sql`select set_config('role', 'none', true)`.execute(tx)
      await expect(count.execute(tx)).rejects.toThrow(/permission denied/)
    }).catch((error: unknown) => expect(String(error)).toMatch(/aborted|rollback/i))
    await expect(inScheme(database.db, 'bb2', (tx) => count.execute(tx))).resolves.toMatchObject({
      rows: [{ n: 0 }],
    })
  })

  test('have no right on any table of their own', async () => {
    const client = new pg.Client({ connectionString: as('tocsin_engine') })
    await client.connect()
    try {
      const { rows } = await client.query<{ name: string }>(`
        select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname in ('public', 'pgboss') and c.relkind in ('r', 'p')
          and has_table_privilege(c.oid, 'select, insert, update, delete, truncate, references, trigger')`)
      expect(rows).toEqual([])
    } finally {
      await client.end()
    }
  })

  test.each([
    'update audit_entries set actor = $$x$$',
    'delete from audit_entries',
    'truncate audit_entries',
    'alter table audit_entries disable trigger audit_entries_append_only',
    'delete from schema_migrations',
    'delete from audit_anchors',
    'insert into audit_seals values ($$$$, $$$$, $$$$, $$$$)',
    'create table mine (id int)',
    'alter table schemes no force row level security',
    'drop policy schemes_own on schemes',
  ])('cannot %s', async (statement) => {
    await expect(sql.raw(statement).execute(database.db)).rejects.toThrow(/permission denied|must be owner/)
  })

  test('leave anchors and seals to the processes that send', async () => {
    const engine = await openDatabase({ kind: 'postgres', url: as('tocsin_engine'), poolSize: 1 })
    await sql`insert into audit_seals values ('aa1', 'orders', 'x', '')`.execute(engine.db)
    await sql`delete from audit_seals`.execute(engine.db)
    await engine.close()
  })
})

test('the embedded database works as tocsin_worker too', async () => {
  const database = await testDatabase('embedded')
  const { rows } = await sql<{ role: string }>`select current_user as role`.execute(database.db)
  expect(rows).toEqual([{ role: 'tocsin_worker' }])
  await expect(sql`delete from audit_entries`.execute(database.db)).rejects.toThrow(/permission denied/)
  await database.close()
})
