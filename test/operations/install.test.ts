import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { READ_KEYS } from '../../src/cipher/sources.ts'
import { readInvocation } from '../../src/cli/config-file.ts'
import { readConfig } from '../../src/config.ts'
import { type Smsc, startSmsc } from '../../src/gateways/sms/simulator/smsc.ts'
import { startServer } from '../../src/start/serve.ts'
import { createTestLog } from '../support/log-scan.ts'
import { runBlock } from '../support/page-commands.ts'
import { codeBlocks, readPage } from '../support/pages.ts'
import { type PostgresServer, startPostgres } from '../support/postgres.ts'
import { runInProcess } from '../support/program.ts'
import { PRODUCTION } from '../support/server.ts'

const [PAGE = ''] = readPage('docs/runbook/install.md').split('\n## ')
let server: PostgresServer
let provider: Smsc
let directory: string
let env: Record<string, string>
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tocsin-install-'))
  mkdirSync(join(directory, 'data'))
  server = await startPostgres({ roles: false })
  provider = await startSmsc({
    answersAs: 'PROVIDER',
    account: { systemId: 'ACCOUNT', password: 'PASSWORD' },
  })
  env = {
    TOCSIN_CONFIG: join(directory, 'tocsin.env'),
    TOCSIN_LANG: 'en',
    TOCSIN_LOG_LEVEL: 'warn',
    TOCSIN_SMPP_HOST: '127.0.0.1',
    TOCSIN_SMPP_PORT: String(provider.port),
    TOCSIN_SMPP_TLS: 'false',
  }
})
afterAll(async () => {
  await provider.stop()
  await server.stop()
  rmSync(directory, { recursive: true })
})

/** Puts the directory and the server of the test in place of those of the page. */
const here = (text: string) =>
  text.replaceAll('/etc/tocsin', directory).replaceAll('127.0.0.1:5432', `127.0.0.1:${server.port}`)

test('the commands of the page lead from a fresh server to the first SMS and the first account', async () => {
  const [roles] = codeBlocks(PAGE, 'sql')
  const admin = new pg.Client({ connectionString: server.url })
  await admin.connect()
  // Without the roles it says which to make.
  await admin.query(`create role early login password 'early'`)
  await admin.query('create database early owner early')
  const early = `postgres://early:early@127.0.0.1:${server.port}/early`
  const refused = await runInProcess(['migrate'], {
    TOCSIN_LANG: 'en',
    ...PRODUCTION,
    DATABASE_URL: early,
    DATABASE_OWNER_URL: early,
  })
  expect(refused.code).toBe(1)
  expect(refused.stderr).toContain('create role tocsin_worker nologin in role tocsin_service;')
  expect(refused.stderr).toContain('tocsin_worker to "early" with admin option;')
  for (const statement of (roles ?? '').trim().split(/;\n?/)) if (statement) await admin.query(statement)
  await admin.end()

  const [settings, owner] = codeBlocks(PAGE, 'ini').map(here)
  writeFileSync(join(directory, 'tocsin.env'), settings ?? '')
  writeFileSync(join(directory, 'owner.env'), owner ?? '')
  const [, secrets, starts, firstSms, scheme, ...more] = codeBlocks(PAGE, 'sh')
  expect(more).toEqual([])
  await runBlock(secrets, env, here)
  expect(statSync(join(directory, 'owner.env')).mode & 0o777).toBe(0o600)

  // The two units run these commands.
  expect(starts).toContain('systemctl start tocsin-migrate')
  const config = () => {
    const invocation = readInvocation([], { ...env, PORT: '0', TOCSIN_DATA_DIR: join(directory, 'data') })
    return readConfig(invocation.env, (path) => readFileSync(path, 'utf8'), READ_KEYS)
  }
  const options = { webDirectory: null, base: { log: createTestLog() } }
  await expect(startServer(config(), options)).rejects.toMatchObject({ code: 'schema_older' })
  const ownerUrl = /^DATABASE_OWNER_URL=(\S+)/.exec(owner ?? '')?.[1] ?? ''
  const migrated = await runInProcess(['migrate'], { ...env, DATABASE_OWNER_URL: ownerUrl })
  expect(migrated.code, migrated.stderr).toBe(0)
  const running = await startServer(config(), options)
  try {
    expect((await fetch(`${running.url}/readyz`)).status).toBe(200)
    const [checked] = await runBlock(firstSms, env, here)
    expect(checked?.stdout).toContain('test message delivered')
    const [, invited] = await runBlock(scheme, env, here)
    expect(invited?.stdout).toMatch(/https:\/\/alerte\.example\.fr\/\S+/)
  } finally {
    await running.stop()
  }
})
