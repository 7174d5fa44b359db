import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type Database, openDatabase } from '../platform/db.ts'
import { readInThread, readLinesBesideOthers } from './clone.ts'
import { readLines } from './read.ts'

/** Rows of the table that a backup is read of: more than are sent at once. */
const ROWS = 4000

let directory: string
let database: Database
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tocsin-clone-'))
  mkdirSync(join(directory, 'clone-left', 'pgdata'), { recursive: true })
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
  const expected = await collect(readLines(database, '1.0.0'))
  expect(expected.length).toBeGreaterThan(ROWS)
  const lines = readLinesBesideOthers(database, '1.0.0', refuse)
  const header = await lines.next()
  expect(clones()).toHaveLength(1)
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

test('what a killed backup left is gone once the database is open', () => {
  expect(clones()).toEqual([])
})

test('where no copy can be made, the backup reads directly, says so and leaves nothing', async () => {
  const expected = await collect(readLines(database, '1.0.0'))
  const errors: unknown[] = []
  const note = (error: unknown) => errors.push(error)
  const full = readLinesBesideOthers(database, '1.0.0', note, 1e18)
  await full.next()
  // Nothing is copied, not even in part: the last bytes of a disk are those of the database.
  expect(clones()).toEqual([])
  expect(await collect(full)).toEqual(expected.slice(1))
  const gone = { ...database, directory: join(directory, 'gone') }
  expect(await collect(readLinesBesideOthers(gone, '1.0.0', note))).toEqual(expected)
  expect(errors).toMatchObject([{ code: 'ENOSPC' }, { code: 'ENOENT' }])
})

test('two backups at a time have a copy each', { tags: 'long' }, async () => {
  const both = [1, 2].map(() => collect(readLinesBesideOthers(database, '1.0.0', refuse)))
  const [first, second] = await Promise.all(both)
  expect(first).toEqual(second)
  expect(clones()).toEqual([])
})

test('a thread that ends early fails the backup', async () => {
  const program = new URL('data:text/javascript,process.exit(0)')
  await expect(collect(readInThread({ directory, version: '1.0.0' }, program))).rejects.toThrow('ended early')
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
