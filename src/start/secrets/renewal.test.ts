import { randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { expect, onTestFinished, test, vi } from 'vitest'
import { territoryUrl } from '../../../test/support/database.ts'
import { asOwnerUrl } from '../../../test/support/owner-url.ts'
import { PRODUCTION } from '../../../test/support/server.ts'
import { serveCommand } from '../../cli/serve.ts'
import { type Config, readConfig } from '../../config.ts'
import { formatMessage } from '../../i18n/format.ts'
import { openDatabase } from '../../platform/db.ts'
import { createRenewal } from './renewal.ts'

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

test.for(['one address', 'an address past the pooler'])(
  'new connections use the password that was read again, with %s: those of statements, listeners and locks',
  async (kind) => {
    const login = await createLogin(await territoryUrl())
    const sessionUrlOf = (password: string) => (kind === 'one address' ? undefined : login.urlOf(password))
    const database = await openDatabase({
      kind: 'postgres',
      url: login.urlOf('before'),
      poolSize: 2,
      sessionUrl: sessionUrlOf('before'),
    })
    try {
      const onReady = vi.fn()
      await database.listen('renewal_test', () => {}, onReady)
      expect(onReady).toHaveBeenCalledTimes(1)
      await login.changePassword()
      await expect
        .poll(() => database.pool.query('select 1').catch((error: Error) => error.message))
        .toMatch(/password/)
      database.renewUrl(login.urlOf('after'), sessionUrlOf('after'))
      await expect(database.pool.query('select 1 as one')).resolves.toMatchObject({ rows: [{ one: 1 }] })
      await expect(database.sessions.query('select 1 as one')).resolves.toMatchObject({ rows: [{ one: 1 }] })
      await expect.poll(() => onReady.mock.calls.length).toBe(2)
    } finally {
      await database.close()
    }
  },
)

const config = (env: Record<string, string>): Config =>
  readConfig({ ...PRODUCTION, TOCSIN_LOG_LEVEL: 'silent', DATABASE_URL: 'postgres://a:b@db/tocsin', ...env })

/** The renewals of a process with these settings, and what its parts were given. */
function renewalOf(started: Config) {
  const database = { renewUrl: vi.fn() }
  const replica = { renewUrl: vi.fn() }
  const renewGateway = vi.fn()
  const renew = createRenewal(started, {
    databases: [database],
    replicas: [replica],
    gateways: started.gateways.map(({ name }) => ({ name, renewSecrets: renewGateway })),
  })
  return { renew, database, replica, renewGateway }
}

test('says what is used from now on, and what waits for a start', () => {
  const started = { TOCSIN_METRICS_TOKEN: 'x'.repeat(16) }
  const { renew, database, renewGateway } = renewalOf(config(started))
  expect(renew(config(started))).toEqual({ renewed: [], needRestart: [] })
  const next = config({
    DATABASE_URL: 'postgres://a:other@db/tocsin',
    TOCSIN_SMPP_PASSWORD: 'other',
    TOCSIN_METRICS_TOKEN: 'y'.repeat(16),
    TOCSIN_SECRET: 'z'.repeat(32),
  })
  const needRestart = ['TOCSIN_SECRET', 'TOCSIN_METRICS_TOKEN']
  expect(renew(next)).toEqual({ renewed: ['DATABASE_URL', 'smpp'], needRestart })
  expect(database.renewUrl).toHaveBeenCalledWith('postgres://a:other@db/tocsin', undefined)
  expect(renewGateway).toHaveBeenCalledTimes(1)
  expect(renew(next)).toEqual({ renewed: [], needRestart })
})

test('another server or login of the database waits for a start, whatever is read after it', () => {
  const { renew, database } = renewalOf(config({}))
  for (const DATABASE_URL of [
    'postgres://a:b@elsewhere/tocsin',
    'postgres://a:other@elsewhere/tocsin',
    'postgres://owner:b@db/tocsin',
  ])
    expect(renew(config({ DATABASE_URL }))).toEqual({ renewed: [], needRestart: ['DATABASE_URL'] })
  expect(database.renewUrl).not.toHaveBeenCalled()
  expect(renew(config({ DATABASE_URL: 'postgres://a:other@db/tocsin' })).renewed).toEqual(['DATABASE_URL'])
})

test('all addresses of the database take the new password, or none', () => {
  const urls = (password: string, read = 'replica') => ({
    DATABASE_URL: `postgres://a:${password}@pooler/tocsin`,
    DATABASE_SESSION_URL: `postgres://a:${password}@db/tocsin`,
    DATABASE_READ_URL: `postgres://a:${password}@${read}/tocsin`,
  })
  const names = Object.keys(urls(''))
  const { renew, database, replica } = renewalOf(config(urls('before')))
  expect(renew(config(urls('after', 'elsewhere')))).toEqual({ renewed: [], needRestart: names })
  expect(database.renewUrl).not.toHaveBeenCalled()
  expect(renew(config(urls('after')))).toEqual({ renewed: names, needRestart: [] })
  const after = urls('after')
  expect(database.renewUrl).toHaveBeenCalledWith(after.DATABASE_URL, after.DATABASE_SESSION_URL)
  expect(replica.renewUrl).toHaveBeenCalledWith(after.DATABASE_READ_URL)
})

test('a gateway that differs in more than its secrets keeps them all until the next start', () => {
  const { renew, renewGateway } = renewalOf(config({}))
  const other = config({ TOCSIN_SMPP_SYSTEM_ID: 'other', TOCSIN_SMPP_PASSWORD: 'other' })
  expect(renew(other)).toEqual({ renewed: [], needRestart: ['smpp'] })
  // It may be missing in a file that is half written.
  expect(renew({ ...config({}), gateways: [] })).toEqual({ renewed: [], needRestart: ['smpp'] })
  expect(renewGateway).not.toHaveBeenCalled()
  expect(renew(config({ TOCSIN_SMPP_PASSWORD: 'other' })).renewed).toEqual(['smpp'])
})

test('SIGHUP reads files of secrets again at any time, and settings that became wrong change nothing', async () => {
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
  let heardWhileStopping: NodeJS.SignalsListener | undefined
  const note = (text: string) => {
    if (text.includes(formatMessage('en', 'start.stopping'))) heardWhileStopping = ownOf('SIGHUP')
    lines.push(text)
  }
  const io = { lang: 'en', stdout: note, stderr: note, progress() {} } as const
  const known = [...process.listeners('SIGHUP'), ...process.listeners('SIGTERM')]
  const ownOf = (signal: 'SIGHUP' | 'SIGTERM') =>
    process.listeners(signal).find((listener) => !known.includes(listener))
  const code = serveCommand(read(), ['--role', 'worker'], io, {}, read)
  // During the start it would end the process if nothing listened; it takes effect once started.
  ownOf('SIGHUP')?.('SIGHUP')
  await expect.poll(() => lines.join('')).toContain('In use from now on: -.')
  await login.changePassword()
  writeFileSync(file, login.urlOf('after'))
  ownOf('SIGHUP')?.('SIGHUP')
  expect(lines.join('')).toContain('In use from now on: DATABASE_URL.')
  writeFileSync(file, '')
  ownOf('SIGHUP')?.('SIGHUP')
  expect(lines.at(-1)).toContain('DATABASE_URL_FILE')
  ownOf('SIGTERM')?.('SIGTERM')
  expect(await code).toBe(0)
  expect(heardWhileStopping).toBeDefined()
  expect(ownOf('SIGHUP')).toBeUndefined()
})
