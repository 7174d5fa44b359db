import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabaseUrl } from '../../test/support/database.ts'
import { PRODUCTION, testConfig } from '../../test/support/server.ts'
import { dataCommands } from '../commands/data-commands.ts'
import { openDatabase } from '../platform/db.ts'
import { runDataCommand } from './run.ts'

const io = { lang: 'en', stdout() {}, stderr() {}, progress() {}, close() {} } as const

/** One read-only call of each command. */
const READING: readonly (readonly string[])[] = [
  ['schemes', 'list'],
  ['users', 'list'],
  ['audit', 'verify'],
  ['routes'],
  ['deliveries', '--alert', '63-26-0001'],
  ['keys', 'status'],
  ['members', 'import', join(import.meta.dirname, 'run.test.ts'), '--scheme', 'ac63', '--dry-run'],
  ['compose', '--scheme', 'ac63', '--line', 'fb issoire'],
  ['message', 'Faux billets à Issoire.', '--scheme', 'ac63'],
  ['break-glass', 'status'],
  ['doctor'],
  ['backup', '--version', '1.0.0'],
]

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tocsin-run-'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

const run = async (config: ReturnType<typeof testConfig>, [name = '', ...args]: readonly string[]) => {
  const command = await dataCommands[name]?.()
  if (command === undefined) throw new Error(`no command ${name}`)
  return runDataCommand(config, name, command, args, io)
}

test('the list has a call of every command that can be read-only', () => {
  const covered = new Set(READING.map(([name]) => name))
  expect(Object.keys(dataCommands).filter((name) => !covered.has(name))).toEqual(['territory'])
})

describe.each(READING.map((call) => [call.join(' '), call] as const))('%s', (_, call) => {
  test('creates no directory', async () => {
    const directory = join(root, 'nothing')
    const config = testConfig({ TOCSIN_DATA_DIR: directory })
    await expect(run(config, call)).rejects.toMatchObject({ code: 'no_data', values: { directory } })
    expect(existsSync(directory)).toBe(false)
  })
})

test('a read-only command refuses a database without migrations and leaves it empty', async () => {
  const url = await testDatabaseUrl({ migrated: false })
  const config = testConfig({ ...PRODUCTION, DATABASE_URL: url })
  for (const call of READING) {
    // It takes any schema, and prints that there is none.
    if (call[0] === 'backup') expect(await run(config, call)).toBe(1)
    else await expect(run(config, call)).rejects.toMatchObject({ code: 'schema_older' })
  }
  const database = await openDatabase({ kind: 'postgres', url, poolSize: 1 })
  const { rows } = await database.pool.query(
    `select count(*)::int as tables from information_schema.tables where table_schema = 'public'`,
  )
  expect(rows).toEqual([{ tables: 0 }])
  await database.close()
})
