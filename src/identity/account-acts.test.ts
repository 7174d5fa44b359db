import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testDatabase } from '../../test/support/database.ts'
import { testDeps } from '../../test/support/deps.ts'
import { seedSchemes } from '../../test/support/fixtures.ts'
import { noteStatements, rowsReadBy } from '../../test/support/sent-statements.ts'
import type { Deps } from '../deps.ts'
import { type Database, inScheme } from '../platform/db.ts'
import { listGivenAccess, listTakenAccess, wasBreakGlass, wasRoleRemoved } from './account-acts.ts'

const NOW = new Date('2026-06-01T12:00:00Z')
const ENTRIES = 60_000
/** One wrote a third of the log, one another third; one was invited today, one was the break-glass account last year. */
const [BUSY, OTHER, INVITED, SEALED] = ['user:busy', 'user:other', 'user:invited', 'user:sealed']
const ACCOUNTS = [BUSY, OTHER, INVITED, SEALED] as string[]
/** Entries about accounts, of which a scheme has few. */
const ABOUT_ACCOUNTS = 300

let database: Database
let deps: Deps

beforeAll(async () => {
  database = await testDatabase('postgres')
  await seedSchemes(database)
  deps = testDeps(database, { now: () => NOW })
  // One every half an hour, the last now.
  await sql`
    insert into audit_entries (scheme_id, seq, at, actor, action, subject, details, prev_hash, hash)
    select 'ac63', n, ${NOW}::timestamptz - (${ENTRIES}::int - n) * interval '30 minutes',
      (array[${BUSY}, ${OTHER}, 'user:' || n])[n % 3 + 1], case when n % 200 = 0 then 'user.role' else 'alert.compose' end,
      case when n % 2 = 0 then ${BUSY} else 'alert:' || n end, '{"role":"operator"}', 'p', 'h'
    from generate_series(1, ${ENTRIES}::int) n`.execute(database.db)
  await sql`
    insert into audit_entries (scheme_id, seq, at, actor, action, subject, details, prev_hash, hash)
    values ('ac63', ${ENTRIES + 1}, ${NOW}::timestamptz - interval '1 hour', ${OTHER}, 'user.invite', ${INVITED}, '{}', 'p', 'h'),
      ('ac63', 0, ${NOW}::timestamptz - interval '1 year', ${SEALED}, 'break_glass.open', 'installation',
        ${JSON.stringify({ sealedBy: BUSY, drill: false })}::jsonb, 'p', 'h')`.execute(database.db)
})
afterAll(() => database.close())

test.each(['without statistics', 'with statistics'])(
  'what accounts did to each other is found without reading the log, %s',
  async (state) => {
    if (state === 'with statistics') await sql`analyze audit_entries`.execute(database.db)
    const notes = noteStatements()
    try {
      await inScheme(database.db, 'ac63', async (tx) => {
        const given = await listGivenAccess(tx, deps, 'ac63', ACCOUNTS)
        expect(given.toSorted((a, b) => a.to.localeCompare(b.to))).toEqual([
          { by: OTHER, to: INVITED },
          { by: BUSY, to: SEALED },
        ])
        await listTakenAccess(tx, deps, 'ac63')
        expect(await wasBreakGlass(tx, 'ac63', 'sealed')).toBe(true)
        expect(await wasBreakGlass(tx, 'ac63', 'busy')).toBe(false)
        await wasRoleRemoved(tx, 'ac63')
      })
    } finally {
      notes.stop()
    }
    const statements = [...notes.sent.values()].filter(({ text }) => text.includes('audit_entries'))
    expect(statements).toHaveLength(4)
    const client = await database.pool.connect()
    try {
      for (const statement of statements) {
        const read = await rowsReadBy(client, statement)
        expect(read.audit_entries, statement.text).toBeLessThan(ABOUT_ACCOUNTS + 10)
      }
    } finally {
      client.release()
    }
  },
)
