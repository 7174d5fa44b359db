import { randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { expect, onTestFinished, test, vi } from 'vitest'
import { territoryUrl } from '../../test/support/database.ts'
import { asOwnerUrl } from '../../test/support/owner-url.ts'
import { PRODUCTION } from '../../test/support/server.ts'
import { serveCommand } from '../cli/serve.ts'
import { type Config, readConfig } from '../config.ts'
import { openDatabase } from '../platform/db.ts'
import { renewSecrets } from './renewal.ts'

/** A login of one test, whose password it changes. */
async function createLogin(database: string) {
  const name = `tocsin_renewed_${randomUUID().slice(0, 8)}`
  const owner = new pg.Client(asOwnerUrl(database))
  await owner.connect()
  await owner.query(`create role ${name} login noinherit password 'before'
    in role tocsin_app, tocsin_contact, tocsin_service, tocsin_worker`)
  onTestFinished(async () => {
    await owner.query(`drop role ${name}`)
    await owner.end()
  })
  const urlOf = (password: string) => {
    const url = new URL(database)
    url.username = name
    url.password = password
    return url.href
  }
  return {
    urlOf,
    async changePassword() {
      await owner.query(`alter role ${name} password 'after'`)
      await owner.query(`select pg_terminate_backend(pid) from pg_stat_activity where usename = '${name}'`)
    },
  }
}

test('new connections use the password that was read again: those of statements and of listeners', async () => {
  const login = await createLogin(await territoryUrl())
  const database = await openDatabase({ kind: 'postgres', url: login.urlOf('before'), poolSize: 2 })
  try {
    const onReady = vi.fn()
    await database.listen('renewal_test', () => {}, onReady)
    expect(onReady).toHaveBeenCalledTimes(1)
    await login.changePassword()
    await expect
      .poll(() => database.pool.query('select 1').catch((error: Error) => error.message))
      .toMatch(/password/)
    database.renewUrl(login.urlOf('after'))
    await expect(database.pool.query('select 1 as one')).resolves.toMatchObject({ rows: [{ one: 1 }] })
    await expect.poll(() => onReady.mock.calls.length, { timeout: 5000 }).toBe(2)
  } finally {
    await database.close()
  }
})

const config = (env: Record<string, string>): Config =>
  readConfig({ ...PRODUCTION, TOCSIN_LOG_LEVEL: 'silent', DATABASE_URL: 'postgres://a:b@db/tocsin', ...env })

test('says what is used from now on, and what waits for a start', () => {
  const started = config({ TOCSIN_METRICS_TOKEN: 'x'.repeat(16) })
  const renewUrl = vi.fn()
  const renewGateway = vi.fn()
  const parts = {
    databases: [{ renewUrl } as never],
    gateways: started.gateways.map(({ name }) => ({ name, renewSecrets: renewGateway }) as never),
  }
  const same = config({ TOCSIN_METRICS_TOKEN: 'x'.repeat(16) })
  expect(renewSecrets({ started, last: started, next: same }, parts)).toEqual({
    renewed: [],
    needRestart: [],
  })
  const next = config({
    DATABASE_URL: 'postgres://a:other@db/tocsin',
    TOCSIN_SMPP_PASSWORD: 'other',
    TOCSIN_METRICS_TOKEN: 'y'.repeat(16),
    TOCSIN_SECRET: 'z'.repeat(32),
  })
  expect(renewSecrets({ started, last: started, next }, parts)).toEqual({
    renewed: ['DATABASE_URL', 'smpp'],
    needRestart: ['TOCSIN_SECRET', 'TOCSIN_METRICS_TOKEN'],
  })
  expect(renewUrl).toHaveBeenCalledWith('postgres://a:other@db/tocsin')
  expect(renewGateway).toHaveBeenCalledTimes(1)
  const elsewhere = config({
    DATABASE_URL: 'postgres://a:b@elsewhere/tocsin',
    TOCSIN_METRICS_TOKEN: 'x'.repeat(16),
  })
  expect(renewSecrets({ started, last: started, next: elsewhere }, parts)).toEqual({
    renewed: [],
    needRestart: ['DATABASE_URL'],
  })
})

test('SIGHUP reads files of secrets again, and settings that became wrong change nothing', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tocsin-renewal-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const login = await createLogin(await territoryUrl())
  const file = join(directory, 'database')
  writeFileSync(file, login.urlOf('before'))
  const { TOCSIN_SMPP_HOST: _, ...service } = PRODUCTION
  const env = {
    ...service,
    TOCSIN_SMPP_HOST: '127.0.0.1',
    TOCSIN_SMPP_PORT: '1',
    TOCSIN_LOG_LEVEL: 'silent',
    DATABASE_URL_FILE: file,
  }
  const read = () => readConfig(env, (path) => readFileSync(path, 'utf8'))
  const lines: string[] = []
  const note = (text: string) => void lines.push(text)
  const io = { lang: 'en', stdout: note, stderr: note, progress() {} } as const
  const known = [...process.listeners('SIGHUP'), ...process.listeners('SIGTERM')]
  const ownOf = (signal: 'SIGHUP' | 'SIGTERM') =>
    process.listeners(signal).find((listener) => !known.includes(listener))
  const code = serveCommand(read(), ['--role', 'worker'], io, {}, read)
  await expect.poll(() => ownOf('SIGHUP'), { timeout: 20_000 }).toBeDefined()
  await login.changePassword()
  writeFileSync(file, login.urlOf('after'))
  ownOf('SIGHUP')?.('SIGHUP')
  expect(lines.join('')).toContain('In use from now on: DATABASE_URL.')
  writeFileSync(file, '')
  ownOf('SIGHUP')?.('SIGHUP')
  expect(lines.at(-1)).toContain('DATABASE_URL_FILE')
  ownOf('SIGTERM')?.('SIGTERM')
  expect(await code).toBe(0)
  expect(ownOf('SIGHUP')).toBeUndefined()
}, 40_000)
