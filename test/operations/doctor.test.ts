import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { nameOf } from '../../src/backup/store.ts'
import { type DoctorProbes, doctorCommand } from '../../src/cli/doctor/doctor.ts'
import { dataCommands } from '../../src/commands/data-commands.ts'
import type { Finding } from '../../src/commands/doctor/findings.ts'
import { writeServerAddress } from '../../src/commands/wire.ts'
import { readConfig } from '../../src/config.ts'
import { type Database, openDatabase } from '../../src/platform/db.ts'

import { lockDirectory } from '../../src/platform/process/lock.ts'
import { cliEndpoint } from '../../src/start/http/cli-door.ts'
import { expired } from '../support/certificates.ts'
import { testDatabase, testDatabaseUrl } from '../support/database.ts'
import { testDeps } from '../support/deps.ts'
import { asOwnerUrl } from '../support/owner-url.ts'
import { PRODUCTION, testConfig, testServer } from '../support/server.ts'
import { asTableOwner } from '../support/table-owner.ts'

let root: string
let database: Database
let url: string
const site = createServer({ key: expired.key, cert: expired.cert }, (_request, response) => response.end())

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tocsin-doctor-'))
  url = await testDatabaseUrl()
  database = await openDatabase({ kind: 'postgres', url, poolSize: 2 })
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  await database.close()
  site.close()
  await rm(root, { recursive: true, force: true })
})

const absent = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }))

async function run(env: Record<string, string>, probes: Partial<DoctorProbes> = {}) {
  let stdout = ''
  const io = {
    lang: 'en' as const,
    stdout: (text: string) => {
      stdout += text
    },
    stderr() {},
    progress() {},
  }
  const given = { TOCSIN_LOG_LEVEL: 'silent', TOCSIN_LANG: 'en', ...env }
  const code = await doctorCommand(['--json'], io, () => readConfig(given, () => 'x'.repeat(32)), given, {
    now: () => new Date(),
    lookUpText: absent('ETIMEOUT'),
    ...probes,
  })
  const { findings } = JSON.parse(stdout) as { findings: Finding[] }
  return { code, findings, codes: findings.map((one) => `${one.level} ${one.code}`) }
}

test('finds the faults that were planted in an installation in service', async () => {
  const secret = join(root, 'secret')
  await writeFile(secret, 'x'.repeat(32), { mode: 0o644 })
  await chmod(secret, 0o644)
  const settings = join(root, 'tocsin.env')
  await writeFile(settings, '', { mode: 0o644 })
  await chmod(settings, 0o644)
  await asTableOwner(database, (tx) =>
    sql`insert into audit_checks (scheme_id, checked_at, entries, broken_seq, broken_reason, anchor_problems)
      values ('', now(), 3, 4, 'changed', 0) on conflict do nothing`.execute(tx),
  )
  const slow = `${asOwnerUrl(url)}?options=${encodeURIComponent('-c statement_timeout=60000')}`
  const { TOCSIN_SECRET: _, ...service } = PRODUCTION
  const { code, codes, findings } = await run(
    {
      ...service,
      TOCSIN_SECRET_FILE: secret,
      TOCSIN_CONFIG: settings,
      DATABASE_URL: slow,
      DATABASE_POOL: '100',
      TOCSIN_BASE_URL: `https://localhost:${(site.address() as AddressInfo).port}`,
      TOCSIN_SMPP_HOST: '127.0.0.1',
      TOCSIN_SMPP_PORT: '1',
      TOCSIN_SMTP_URL: 'smtp://127.0.0.1:1',
      TOCSIN_MAIL_FROM: 'alerte@cci.example',
      TOCSIN_BACKUP_DIR: secret,
      TOCSIN_BACKUP_KEY: `age1${'q'.repeat(58)}`,
    },
    { now: () => new Date(Date.now() - 90_000), lookUpText: absent('ENOTFOUND') },
  )
  expect(code).toBe(2)
  const open = findings.filter((one) => one.code === 'file_open').map(({ what }) => what)
  expect(open).toEqual([
    expect.stringContaining('TOCSIN_SECRET_FILE'),
    expect.stringContaining('TOCSIN_CONFIG'),
  ])
  expect(codes).toEqual(
    expect.arrayContaining([
      'error fsync_off',
      'error full_page_writes_off',
      'error synchronous_commit_off',
      'error autovacuum_off',
      'warning statement_timeout',
      'warning connections_few',
      'error clock_differs',
      'error database_login',
      'warning not_encrypted',
      'error workers_none',
      'warning backup_directory',
      'error audit_broken',
      'error file_open',
      'error route_unreachable',
      'error site_certificate',
      'error certificate_expired',
      'error mail_unreachable',
      'warning spf_missing',
      'warning dkim_missing',
      'warning dmarc_missing',
    ]),
  )
  for (const finding of findings) {
    expect(Object.keys(finding)).toEqual(['code', 'level', 'what', 'do'])
    expect(finding.what).not.toMatch(/^doctor\./)
    expect(finding.do === '', finding.code).toBe(finding.level === 'ok')
  }
})

test('reports a missing migration, an old backup, and a domain that cannot be looked up without a fault', async () => {
  const other = await testDatabase('postgres')
  await asTableOwner(other, (tx) =>
    sql`delete from schema_migrations where version = (select max(version) from schema_migrations)`.execute(
      tx,
    ),
  )
  const backups = join(root, 'backups')
  await mkdir(backups)
  await writeFile(join(backups, nameOf(new Date(Date.now() - 100 * 3_600_000))), '')
  const { codes } = await run({
    ...PRODUCTION,
    DATABASE_URL: other.pool.options.connectionString ?? '',
    TOCSIN_BACKUP_DIR: backups,
    TOCSIN_BACKUP_KEY: `age1${'q'.repeat(58)}`,
    TOCSIN_SMTP_URL: 'smtp://127.0.0.1:1',
    TOCSIN_MAIL_FROM: 'alerte@cci.example',
  })
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from schema_migrations`.execute(
    other.db,
  )
  await other.close()
  expect(codes).toContain('error schema_older')
  expect(codes).toContain('ok spf_unknown')
  expect(codes).toContain('ok dkim_unknown')
  expect(codes).toContain('error backup_old')
  expect(rows[0]?.count).toBeGreaterThan(40)
})

test('does not judge the login of a database that has no tables yet', async () => {
  const { codes } = await run({ ...PRODUCTION, DATABASE_URL: await testDatabaseUrl({ migrated: false }) })
  expect(codes).toContain('ok database')
  expect(codes).not.toContain('error database_login')
})

test('reports an unreachable database, wrong settings and a directory that does not exist, which it does not create', async () => {
  expect((await run({ ...PRODUCTION, DATABASE_URL: 'postgres://x:x@127.0.0.1:1/x' })).codes).toContain(
    'error database_down',
  )
  const wrong = await run({ ...PRODUCTION, TOCSIN_BASE_URL: '' })
  expect(wrong.codes).toEqual(['error settings_wrong'])
  const directory = join(root, 'absent')
  const { code, codes } = await run({ TOCSIN_DATA_DIR: directory })
  expect(codes).toContain('warning no_data')
  expect(code).toBe(1)
  await expect(mkdir(directory)).resolves.toBeUndefined()
})

test('asks the process that uses the embedded directory, and says so when that one does not answer', async () => {
  const directory = join(root, 'used')
  await mkdir(directory, { mode: 0o700 })
  await mkdir(join(directory, 'pgdata'))
  const lock = lockDirectory(directory)
  try {
    const silent = await run({ TOCSIN_DATA_DIR: directory })
    expect(silent.codes).toContain('warning in_use_unread')
    const token = 't'.repeat(40)
    const deps = testDeps(database, { config: testConfig() })
    const app = await testServer(deps, {
      moreRoutes: (routes) => cliEndpoint(routes, deps, { token, commands: dataCommands }),
    })
    writeServerAddress(directory, { url: await app.listen({ host: '127.0.0.1', port: 0 }), token })
    const asked = await run({ TOCSIN_DATA_DIR: directory })
    await app.close()
    expect(asked.codes).toContain('ok in_use')
    expect(asked.codes).toContain('ok migrations')
  } finally {
    lock.release()
  }
})
