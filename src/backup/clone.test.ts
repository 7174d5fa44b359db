import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type Database, openDatabase } from '../platform/db.ts'
import { readLinesBesideOthers } from './clone.ts'
import { readLines } from './read.ts'

/** Rows of the table that a backup is read of: more than are sent at once. */
const ROWS = 4000

let directory: string
let database: Database
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tocsin-clone-'))
  database = await openDatabase({ kind: 'embedded', directory })
  await database.pool.query('create table schema_migrations (version int, name text, hash text)')
  await database.pool.query('create table audit_heads (scheme_id text, seq int, hash text)')
  await database.pool.query('create table things (id int, word text)')
  await database.pool.query(
    `insert into things select n, repeat(n::text, 20) from generate_series(1, ${ROWS}) n`,
  )
})
afterAll(async () => {
  await database.close()
  rmSync(directory, { recursive: true })
})

const refuse = (error: unknown) => {
  throw error
}
const clones = () => readdirSync(directory).filter((name) => name.startsWith('clone-'))

/** Collects the lines after the header, which has the time. */
async function collect(lines: AsyncIterable<string>): Promise<string[]> {
  const collected: string[] = []
  for await (const line of lines) collected.push(line)
  return collected.slice(1)
}

test('a backup of the embedded database holds one instant, while others read and write', async () => {
  mkdirSync(join(directory, 'clone-left'))
  const expected = await collect(readLines(database, '1.0.0'))
  expect(expected.length).toBeGreaterThan(ROWS)
  const lines = readLinesBesideOthers(database, '1.0.0', refuse)
  const header = await lines.next()
  expect(clones()).toHaveLength(1)
  expect(existsSync(join(directory, 'clone-left'))).toBe(false)
  // The connection is free, and what is written from now on is not part of it.
  await database.pool.query(`update things set word = 'later'`)
  const rest = collect(lines)
  await database.pool.query(`insert into things values (0, 'later')`)
  expect(JSON.parse(String(header.value))).toMatchObject({ tocsin: 'backup', version: '1.0.0' })
  // The header is not among them: the first line is the start of a table.
  expect(await rest).toEqual(expected.slice(1))
  expect(clones()).toEqual([])
  // A backup that its reader gives up leaves nothing.
  const given = readLinesBesideOthers(database, '1.0.0', refuse)
  await given.next()
  await given.return(undefined)
  expect(clones()).toEqual([])
})

test('what was written just before the copy is in it', { tags: 'long' }, async () => {
  for (const word of ['one', 'two']) {
    await database.pool.query('update things set word = $1 where id = 7', [word])
    const lines = await collect(readLinesBesideOthers(database, '1.0.0', refuse))
    expect(lines.filter((line) => line.startsWith('["7",'))).toEqual([JSON.stringify(['7', word])])
  }
})

test('without room for a copy the backup is made, and says that others wait', { tags: 'long' }, async ({
  skip,
}) => {
  const small = mkdtempSync(join(tmpdir(), 'tocsin-small-'))
  onTestFinished(() => rmSync(small, { recursive: true, force: true }))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', small], { stdio: 'ignore' })
  } catch {
    skip('no disk can be mounted')
  }
  onTestFinished(() => void execFileSync('umount', ['-l', small]))
  symlinkSync(join(directory, 'pgdata'), join(small, 'pgdata'))
  const errors: unknown[] = []
  const lines = readLinesBesideOthers({ ...database, directory: small }, '1.0.0', (error) =>
    errors.push(error),
  )
  expect(await collect(lines)).toEqual(await collect(readLines(database, '1.0.0')))
  expect(errors).toMatchObject([{ code: 'ENOSPC' }])
  expect(readdirSync(small)).toEqual(['pgdata'])
})
