import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { mkdtemp, readdir, rm, stat, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { summarizeDatabase } from '../../src/backup/check.ts'
import { checkFile, decodeBackup } from '../../src/backup/file.ts'
import { compareSummaries, countRows } from '../../src/backup/format.ts'
import { backUpIfDue } from '../../src/backup/handlers.ts'
import { loadLines, requireEmpty } from '../../src/backup/load.ts'
import { nameOf } from '../../src/backup/store.ts'
import { backUpCommand, keysBackupCommand } from '../../src/cli/backup.ts'
import { moveCommand } from '../../src/cli/move.ts'
import { reportComparison, restoreCommand } from '../../src/cli/restore.ts'
import { dataCommands } from '../../src/commands/data-commands.ts'
import { writeServerAddress } from '../../src/commands/wire.ts'
import { readConfig } from '../../src/config.ts'
import { installJobs } from '../../src/jobs.ts'
import { migrate } from '../../src/platform/database/migrate.ts'
import { type Database, openDatabase } from '../../src/platform/db.ts'
import { cliEndpoint } from '../../src/start/http/cli-door.ts'
import { testDatabaseUrl } from '../support/database.ts'
import { testDeps } from '../support/deps.ts'
import { readSchema } from '../support/dump.ts'
import { withLogin } from '../support/engine-login.ts'
import { PRODUCTION, testConfig, testServer } from '../support/server.ts'

const now = () => new Date('2027-03-01T09:00:00Z')
const OWNER = { name: `tocsin_test_owner_${process.pid}`, password: 'word-of-the-owner' }

let root: string
let url: string
let source: Database
let recipient: string
let backup: string
/** A database that has what the backup has. */
let copy: string
let embedded: ReturnType<typeof copyIntoDirectory> | undefined
const opened: Database[] = []

/** Runs a command, with its output. */
async function run(
  command: (args: string[], io: never, config: () => ReturnType<typeof testConfig>) => Promise<number>,
  args: string[],
  env: Record<string, string> = {},
) {
  let stdout = ''
  let stderr = ''
  const io = {
    lang: 'en' as const,
    stdout: (text: string) => {
      stdout += text
    },
    stderr: (text: string) => {
      stderr += text
    },
    progress() {},
  }
  const config = () => readConfig({ TOCSIN_LOG_LEVEL: 'silent', ...env })
  const code = await command(args, io as never, config)
  return { code, stdout, stderr }
}

async function emptyUrl(): Promise<string> {
  return testDatabaseUrl({ migrated: false })
}
async function openOwned(address: string): Promise<Database> {
  const database = await openDatabase({ kind: 'postgres', url: address, poolSize: 2 })
  opened.push(database)
  return database
}
const identity = () => join(root, 'backup-key')
const service = (address: string) => ({ ...PRODUCTION, DATABASE_URL: address })

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tocsin-backup-'))
  url = await emptyUrl()
  source = await openOwned(url)
  await source.pool.query(readFileSync(new URL('../upgrades/0.4.1.sql', import.meta.url), 'utf8'))
  await migrate(source.db, now)
  await installJobs(source)
  await source.pool.query(
    `set role none; insert into pgboss.job (name, data, state) values ('mail.send', '{"mailId":"of-the-test"}', 'active')`,
  )
  recipient = (await run(keysBackupCommand, ['--file', identity()])).stdout.trim()
  backup = join(root, 'one.age')
  const env = service(withLogin(url, 'tocsin_engine'))
  expect(await run(backUpCommand, ['--to', backup, '--to-key', recipient], env)).toMatchObject({
    code: 0,
    stderr: '',
  })
})
afterAll(async () => {
  await Promise.all(opened.map((database) => database.close()))
  await rm(root, { recursive: true, force: true })
})

test('a backup is encrypted for a public key, or refused; one in clear says so in its name', async () => {
  expect(recipient).toMatch(/^age1/)
  expect((await stat(identity())).mode & 0o777).toBe(0o600)
  expect(readFileSync(backup, 'latin1').startsWith('age-encryption.org/v1\n-> X25519')).toBe(true)
  const env = service(url)
  await expect(run(backUpCommand, ['--to', join(root, 'x')], env)).rejects.toMatchObject({
    code: 'backup_no_key',
  })
  await expect(run(backUpCommand, ['--to', backup, '--to-key', recipient], env)).rejects.toMatchObject({
    code: 'file_exists',
  })
  await run(backUpCommand, ['--to', join(root, 'clear'), '--plain'], env)
  expect(existsSync(join(root, 'clear'))).toBe(false)
  const clear = await checkFile(join(root, 'clear.plain'), undefined)
  expect(countRows(clear)).toBeGreaterThan(500)
  expect(clear.header.roles.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['tocsin_app', 'tocsin_engine', 'tocsin_service', 'tocsin_web', 'tocsin_worker']),
  )
})

test('it goes on the record, after what it holds', async () => {
  const { rows } = await sql<{ details: object }>`
    select details from audit_entries where action = 'backup.make' order by seq limit 1`.execute(source.db)
  expect(rows[0]?.details).toMatchObject({ isEncrypted: true })
})

test('an owner who is no superuser restores it: the same rows, heads, rights and jobs', async () => {
  const admin = new pg.Client({ connectionString: url })
  await admin.connect()
  await admin.query(`
    create role ${OWNER.name} login password '${OWNER.password}' createrole;
    grant tocsin_app, tocsin_contact, tocsin_service, tocsin_worker to ${OWNER.name} with admin option;
    `)
  await admin.query(`create database ${OWNER.name} owner ${OWNER.name}`)
  const target = new URL(url)
  target.pathname = `/${OWNER.name}`
  target.username = OWNER.name
  target.password = OWNER.password
  try {
    const result = await run(restoreCommand, [backup, '--into', target.href, '--key', identity()])
    expect(result).toMatchObject({ code: 0, stderr: '' })
    expect(result.stdout).toContain('The audit chains are intact.')
    expect(result.stdout).not.toContain(OWNER.password)
    const restored = await openDatabase({ kind: 'postgres', url: target.href, poolSize: 2 })
    try {
      const file = await checkFile(backup, readFileSync(identity(), 'utf8'))
      expect(compareSummaries(file, await summarizeDatabase(restored))).toEqual([])
      expect(await readSchema(restored.db, 'name')).toEqual(await readSchema(source.db, 'name'))
      const { rows } = await restored.pool.query(
        `select data, state from pgboss.job where name = 'mail.send'`,
      )
      expect(rows).toEqual([{ data: { mailId: 'of-the-test' }, state: 'retry' }])
      await expect(
        run(restoreCommand, [backup, '--into', target.href, '--key', identity()]),
      ).rejects.toMatchObject({
        code: 'target_not_empty',
      })
    } finally {
      await restored.close()
    }
  } finally {
    await admin.query(`drop database ${OWNER.name} with (force)`)
    await admin.query(
      `revoke tocsin_app, tocsin_contact, tocsin_service, tocsin_worker from ${OWNER.name} cascade; drop role ${OWNER.name}`,
    )
    await admin.end()
  }
})

test('a file that is cut, changed or for another key is refused before anything is touched', async () => {
  const target = await emptyUrl()
  const restore = (file: string, key = identity()) =>
    run(restoreCommand, [file, '--into', target, '--key', key])
  const bytes = readFileSync(backup)
  const cut = join(root, 'cut.age')
  writeFileSync(cut, bytes.subarray(0, bytes.length - 100))
  await expect(restore(cut)).rejects.toMatchObject({ code: 'backup_damaged' })
  const changed = Buffer.from(bytes)
  changed[bytes.length - 5000]! ^= 1
  writeFileSync(cut, changed)
  await expect(restore(cut)).rejects.toMatchObject({ code: 'backup_damaged' })
  const clear = readFileSync(join(root, 'clear.plain'))
  writeFileSync(cut, clear.subarray(0, clear.length >> 1))
  await expect(restore(cut)).rejects.toMatchObject({ code: 'backup_damaged' })
  writeFileSync(cut, 'no backup')
  await expect(restore(cut)).rejects.toMatchObject({ code: 'backup_damaged', values: { reason: 'header' } })
  const other = join(root, 'other-key')
  await run(keysBackupCommand, ['--file', other])
  await expect(restore(backup, other)).rejects.toMatchObject({
    code: 'backup_key',
    values: { reason: 'other' },
  })
  await expect(run(restoreCommand, [backup, '--into', target])).rejects.toMatchObject({
    code: 'backup_key',
    values: { reason: 'missing' },
  })
  const database = await openOwned(target)
  const { rows } = await database.pool.query(
    `select from pg_class where relnamespace = 'public'::regnamespace`,
  )
  expect(rows).toEqual([])
})

test('backup, wipe, restore: the same heads; --check finds a log that was changed, and leaves nothing', async () => {
  const before = await summarizeDatabase(source)
  const file = join(root, 'before.age')
  await run(backUpCommand, ['--to', file, '--to-key', recipient], service(url))
  const wipe = () =>
    source.pool.query(
      'set role none; drop schema public cascade; drop schema pgboss cascade; create schema public',
    )
  await wipe()
  const result = await run(restoreCommand, [file, '--key', identity()], service(url))
  expect(result).toMatchObject({ code: 0, stderr: '' })
  const after = await summarizeDatabase(source)
  expect(compareSummaries(before, after)).toEqual([])
  expect(after.header.heads.length).toBeGreaterThan(1)
  await source.pool.query(
    `set role none; set session_replication_role = replica; update audit_entries set actor = 'user:somebody-else' where seq = 2 and scheme_id = 'ac63';
     set session_replication_role = origin`,
  )
  const changed = join(root, 'changed.age')
  await run(backUpCommand, ['--to', changed, '--to-key', recipient], service(url))
  const left = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('tocsin-check-'))
  const leftBefore = await left()
  const check = await run(restoreCommand, [changed, '--check', '--key', identity()])
  expect(await left()).toEqual(leftBefore)
  expect(check.code).toBe(1)
  expect(check.stderr).toContain('ac63')
})

test('a load that is interrupted leaves an empty database, and is run again', async () => {
  copy = await emptyUrl()
  const target = await openOwned(copy)
  const key = readFileSync(identity(), 'utf8')
  async function* interrupted() {
    let lines = 0
    for await (const line of decodeBackup(backup, key)) {
      lines += 1
      if (lines === 400) throw new Error('interrupted')
      yield line
    }
  }
  await expect(loadLines(target, interrupted(), now)).rejects.toThrow('interrupted')
  await requireEmpty(target)
  // The tables are those of this backup, and not of one that an older program made.
  async function* older() {
    for await (const line of decodeBackup(backup, key)) {
      const header = JSON.parse(line) as { migrations: unknown[] }
      yield JSON.stringify({ ...header, migrations: header.migrations.slice(0, -1) })
    }
  }
  await expect(loadLines(target, older(), now)).rejects.toMatchObject({
    code: 'target_not_empty',
    values: { table: 'schema_migrations' },
  })
  const summary = await loadLines(target, decodeBackup(backup, key), now)
  expect(compareSummaries(summary, await checkFile(backup, key))).toEqual([])
})

test('audit chains that cannot be verified without the keys are said so, and count as a warning', async () => {
  const encrypted = await openOwned(copy)
  await encrypted.pool.query(`set role none; insert into encryption (index_check) values ('of-other-keys')`)
  const expected = await summarizeDatabase(encrypted)
  let isRight: boolean | undefined
  const { stderr } = await run(async (_args, io, config) => {
    isRight = await reportComparison(io, config(), encrypted, expected)
    return 0
  }, [])
  await encrypted.pool.query('set role none; delete from encryption')
  expect(isRight).toBe(false)
  expect(stderr).toContain('NOT verified')
})

test('a full disk is said, and leaves no file', async () => {
  const file = join(root, 'full.age')
  symlinkSync('/dev/full', `${file}.part`)
  const made = await run(backUpCommand, ['--to', file, '--to-key', recipient], service(url))
  expect(made.code).toBe(1)
  expect(made.stderr).toContain('ENOSPC')
  expect((await readdir(root)).filter((name) => name.startsWith('full'))).toEqual([])
})

test('a part that the disk takes half of is no backup', () => {
  const file = join(root, 'short.age')
  const store = new URL('../../src/backup/store.ts', import.meta.url).href
  const program = `const { writeWhole } = await import('${store}')
    await writeWhole('${file}', (write) => write(Buffer.alloc(1500)))`
  // Files of 1,024 bytes at most.
  const script = 'ulimit -f 1; exec "$0" --input-type=module -e "$1"'
  const { status, stderr } = spawnSync('bash', ['-c', script, process.execPath, program], {
    encoding: 'utf8',
  })
  expect(status).not.toBe(0)
  expect(stderr).toContain('EFBIG')
  expect(existsSync(file)).toBe(false)
})

test('an interrupted check leaves nothing decrypted behind', async () => {
  const temporary = await mkdtemp(join(root, 'temporary-'))
  const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
  const args = [main, 'restore', backup, '--check', '--key', identity()]
  const env = { PATH: process.env.PATH, TMPDIR: temporary, NODE_DISABLE_COMPILE_CACHE: '1' }
  const child = spawn(process.execPath, args, { env })
  const ended = once(child, 'exit')
  const filled = () => readdirSync(temporary).some((name) => existsSync(join(temporary, name, 'pgdata')))
  await expect.poll(filled).toBe(true)
  child.kill('SIGINT')
  expect(await ended).toEqual([130, null])
  expect(readdirSync(temporary)).toEqual([])
})

/** Restores the backup, copies it into a directory, and makes a backup through the process that uses that. */
async function copyIntoDirectory() {
  const directory = join(root, 'embedded')
  const restored = await emptyUrl()
  await loadLines(await openOwned(restored), decodeBackup(backup, readFileSync(identity(), 'utf8')), now)
  const copied = await run(moveCommand, ['--to', directory], service(restored))
  expect(copied).toMatchObject({ code: 0, stderr: '' })
  const database = await openDatabase({ kind: 'embedded', directory })
  try {
    const deps = testDeps(database, { config: testConfig() })
    const token = 't'.repeat(40)
    const app = await testServer(deps, {
      moreRoutes: (routes) => cliEndpoint(routes, deps, { token, commands: dataCommands }),
    })
    writeServerAddress(directory, { url: await app.listen({ host: '127.0.0.1', port: 0 }), token })
    const file = join(root, 'embedded.age')
    const made = await run(backUpCommand, ['--to', file, '--to-key', recipient], {
      TOCSIN_DATA_DIR: directory,
    })
    expect(made).toMatchObject({ code: 0, stderr: '' })
    await app.close()
    return { directory, file }
  } finally {
    await database.close()
  }
}

/** An embedded database with the rows of the backup, and its own backup, made for the first test that needs them. */
function openEmbedded() {
  embedded ??= copyIntoDirectory()
  return embedded
}

test('PostgreSQL is copied into a directory, which is backed up through the process that uses it', {
  tags: 'long',
}, async () => {
  const { file } = await openEmbedded()
  const key = readFileSync(identity(), 'utf8')
  expect(compareSummaries(await checkFile(backup, key), await checkFile(file, key))).toEqual([])
})

test('the timer makes a backup when one is due and keeps the newest ones', async () => {
  const directory = join(root, 'timer')
  let at = new Date('2027-03-01T02:00:00Z')
  const config = testConfig({
    TOCSIN_BACKUP_DIR: directory,
    TOCSIN_BACKUP_KEY: recipient,
    TOCSIN_BACKUP_HOURS: '12',
    TOCSIN_BACKUP_KEEP: '2',
  })
  const deps = testDeps(source, { config, now: () => at })
  expect(await backUpIfDue(deps, '1.0.0')).toBe(join(directory, 'tocsin-2027-03-01T02-00-00Z.backup.age'))
  at = new Date('2027-03-01T13:00:00Z')
  expect(await backUpIfDue(deps, '1.0.0')).toBeUndefined()
  writeFileSync(join(directory, 'of-somebody-else.age'), '')
  // Another process writes one, until it has been silent for an hour.
  const partial = join(directory, `${nameOf(at)}.part`)
  writeFileSync(partial, '')
  at = new Date('2027-03-01T22:00:00Z')
  await utimes(partial, at, new Date('2027-03-01T21:30:00Z'))
  expect(await backUpIfDue(deps, '1.0.0')).toBeUndefined()
  expect(existsSync(partial)).toBe(true)
  for (const day of [2, 3]) {
    at = new Date(`2027-03-0${day}T02:00:00Z`)
    expect(await backUpIfDue(deps, '1.0.0')).toBeDefined()
  }
  expect((await readdir(directory)).toSorted()).toEqual([
    'of-somebody-else.age',
    'tocsin-2027-03-02T02-00-00Z.backup.age',
    'tocsin-2027-03-03T02-00-00Z.backup.age',
  ])
})

test('the embedded database moves to PostgreSQL with nothing lost; no process opens what was moved', {
  tags: 'long',
}, async () => {
  const { directory, file: backupOfEmbedded } = await openEmbedded()
  const address = await emptyUrl()
  const move = (to: string, env: Record<string, string>) => run(moveCommand, ['--to', to], env)
  const embedded = { TOCSIN_DATA_DIR: directory }
  const moved = await move(address, embedded)
  expect(moved).toMatchObject({ code: 0, stderr: '' })
  expect(moved.stdout).toContain('The audit chains are intact.')
  expect(moved.stdout).not.toContain(`${new URL(address).password}@`)
  const target = await openOwned(address)
  // The backup of the embedded database went on its record.
  const file = await checkFile(backupOfEmbedded, readFileSync(identity(), 'utf8'))
  expect(compareSummaries(file, await summarizeDatabase(target))).toEqual([
    'audit_entries',
    'audit_heads',
    'audit –',
  ])
  const opening = openDatabase({ kind: 'embedded', directory })
  await expect(opening).rejects.toMatchObject({ code: 'directory_moved' })
  // It holds no lock.
  await expect(openDatabase({ kind: 'embedded', directory })).rejects.toMatchObject({
    code: 'directory_moved',
  })

  const mark = join(directory, 'moved.json')
  // Killed after the copy and before the mark: run again, it finds everything there.
  await rm(mark)
  expect(await move(address, embedded)).toMatchObject({ code: 0 })
  expect(existsSync(mark)).toBe(true)
  await rm(mark)
  await target.pool.query(
    `set role none; update members set name = 'Another name' where id = (select min(id::text)::uuid from members)`,
  )
  await expect(move(address, embedded)).rejects.toMatchObject({ code: 'target_not_empty' })
  expect(existsSync(mark)).toBe(false)
})
