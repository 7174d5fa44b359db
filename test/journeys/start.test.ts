import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { AlertPage } from '../../src/alerts/contract.ts'
import { openDatabase } from '../../src/platform/db.ts'
import { startServer } from '../../src/start/serve.ts'
import { launchBrowser } from '../support/browser.ts'
import { askCopy, territoryUrl, testDatabaseUrl } from '../support/database.ts'
import { copyFirstStart, enterCall, sendByKeyboard, settled, startOn } from '../support/demo.ts'
import { makeDatabaseDirectory } from '../support/directory.ts'
import type { FirstStart } from '../support/global-setup.ts'
import { createTestLog, scanOutput } from '../support/log-scan.ts'
import { asOwnerUrl } from '../support/owner-url.ts'
import { type Program, ROOT, runInProcess, runProgram, startProgram } from '../support/program.ts'
import { PRODUCTION, testConfig } from '../support/server.ts'
import { asTableOwner } from '../support/table-owner.ts'

const READY = /prêt en ([\d.]+) s : (http:\S+)/
/** The request of a stream that the stop cuts is logged when its connection closes, before or after the last line. */
const STOPPED = /Arrêt : on termine ce qui est en route…\n(?:\{"level".*\n)*Arrêté\.\n(?:\{"level".*\n)*$/

/** A test starts up to eight programs, each of which takes 2 s on an idle machine. */
const LIMIT_MS = 240_000

let root: string
/** The embedded database of this file, filled by its first start. */
let firstStart: FirstStart
const directory = () => firstStart.directory
const running = new Set<Program>()
beforeAll(() => {
  root = makeDatabaseDirectory('tocsin-start-')
})
// The first caller waits until it is filled, which has a timeout of its own.
beforeAll(async () => {
  firstStart = await copyFirstStart()
}, Number.POSITIVE_INFINITY)
afterEach(() => {
  for (const program of running) program.process.kill('SIGKILL')
  running.clear()
})
afterAll(() => {
  for (const made of [root, firstStart.directory]) rmSync(made, { recursive: true, force: true })
})

function serve(env: Record<string, string>): Program {
  const program = startProgram(['serve', '--no-web'], { PORT: '0', TOCSIN_LANG: 'fr', ...env })
  running.add(program)
  return program
}

/** @param run how it runs: by default in this process. @returns what it writes to stderr */
async function refused(env: Record<string, string>, run = runInProcess, exitCode = 1): Promise<string> {
  const settings = { PORT: '0', TOCSIN_LANG: 'fr', ...env }
  const { code, stdout, stderr } = await run(['serve', '--no-web'], settings)
  expect(code, stdout + stderr).toBe(exitCode)
  return stderr
}

describe('on the embedded database', () => {
  const env = () => ({ TOCSIN_DATA_DIR: directory() })

  test('a first start fills the demo, and leaves nothing of a running server behind when it stops', async () => {
    expect(firstStart).toMatchObject({ code: 0, stderr: '' })
    expect(firstStart.stdout).toMatch(READY)
    expect(firstStart.stdout).toMatch(/5 dispositifs/)
    expect(firstStart.stdout).toMatch(STOPPED)
    // It has credentials, which only its owner may read.
    expect(statSync(join(directory(), 'secret')).mode & 0o777).toBe(0o600)
    for (const file of ['server.json', 'lock.pid'])
      expect(existsSync(join(directory(), file)), file).toBe(false)
    const database = await openDatabase({ kind: 'embedded', directory: directory() })
    const { rows } = await sql<{ members: number; dues: number }>`
      select (select reltuples from pg_class where relname = 'members')::int as members,
        (select reltuples from pg_class where relname = 'dues')::int as dues`.execute(database.db)
    await database.close()
    // The tables are analysed for the query planner.
    expect(rows[0]?.members).toBeGreaterThan(2000)
    expect(rows[0]?.dues).toBeGreaterThan(1000)
  })

  test(
    'an existing directory starts quickly, with its sessions still valid, and the demo not filled again',
    async () => {
      const first = serve(env())
      const [, , url] = await first.says(READY)
      expect((await fetch(`${url}/readyz`)).status).toBe(200)
      expect(statSync(join(directory(), 'server.json')).mode & 0o777).toBe(0o600)
      const door = await fetch(`${url}/api/demo/sessions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ as: 'chief' }),
      })
      const cookie = door.headers.getSetCookie()[0]?.split(';')[0] ?? ''
      first.process.kill('SIGKILL')
      await first.ended

      const second = serve(env())
      const [, seconds, again] = await second.says(READY)
      // 3 s is promised, and measured on an idle machine (docs/benchmarks.md); other tests run beside this one.
      expect(Number(seconds)).toBeGreaterThan(0)
      expect(second.output.stdout).not.toMatch(/dispositifs/)
      expect((await fetch(`${again}/api/session`, { headers: { cookie } })).status).toBe(200)
      // An open event stream does not keep the server from stopping.
      const live = await fetch(`${again}/api/demo/handsets/live`)
      second.process.kill('SIGINT')
      expect(await second.ended).toBe(0)
      await live.text()
      expect(second.output.stdout).toMatch(STOPPED)
      expect(second.output.stderr).toBe('')
      expect(existsSync(join(directory(), 'server.json'))).toBe(false)
    },
    LIMIT_MS,
  )

  test('the call to 17 by keyboard rings the phones; the chamber and a merchant have their screens', {
    tags: 'long',
    timeout: LIMIT_MS,
  }, async () => {
    await askCopy('/web')
    const server = await startOn({ directory: directory() })
    const browser = await launchBrowser({ maps: false })
    const enter = async (door: string, data?: object) => {
      const context = await browser.newContext({
        baseURL: server.url,
        locale: 'fr-FR',
        reducedMotion: 'reduce',
      })
      context.setDefaultTimeout(20_000)
      const answer = await context.request.post(`/api/demo/${door}`, {
        data,
        headers: { origin: server.url },
      })
      expect(answer.status()).toBeLessThan(300)
      return context.newPage()
    }
    try {
      const operator = await enter('sessions', { as: 'operator' })
      await operator.goto('/salle')
      await enterCall(operator, '2', 'iss', /Issoire/)
      await settled(operator)
      const id = await sendByKeyboard(operator)
      const alert = async () => {
        const answer = await operator.request.get(`/api/schemes/ac63/alerts/${id}`)
        return ((await answer.json()) as AlertPage).alert
      }
      await expect
        .poll(async () => {
          const { progress } = await alert()
          return progress !== null && progress.planned > 50 && progress.delivered === progress.planned
        })
        .toBe(true)
      const { sentText, reference } = await alert()
      await operator.goto('/telephones')
      await operator
        .getByText(sentText ?? '?')
        .first()
        .waitFor()

      const chamber = await enter('sessions', { as: 'chamber' })
      await chamber.goto('/adherents')
      await chamber.getByRole('table').getByRole('button').first().waitFor()
      const merchant = await enter('portal')
      await merchant.goto('/portail')
      await merchant.getByText(reference, { exact: false }).first().waitFor()
    } finally {
      await browser.close()
      await server.stop()
    }
  })

  test('a first start killed while it fills the demo is completed by the next one, at once', {
    tags: 'long',
    timeout: LIMIT_MS,
  }, async () => {
    const fresh = { TOCSIN_DATA_DIR: join(root, 'interrupted') }
    const first = serve(fresh)
    await first.says(/adhérents…/)
    first.process.kill('SIGKILL')
    await first.ended
    const second = serve(fresh)
    await second.says(READY)
    expect(second.output.stdout).toMatch(/5 dispositifs/)
    expect(await runInProcess(['audit', 'verify'], fresh)).toMatchObject({ code: 0 })
    second.process.kill('SIGTERM')
    expect(await second.ended).toBe(0)
    expect(second.output.stderr).toBe('')
  })

  test('a second process is refused; a command goes through the first, or names it when it does not respond', {
    tags: 'long',
    timeout: LIMIT_MS,
  }, async () => {
    const first = serve(env())
    await first.says(READY)
    expect(await refused(env())).toBe(
      `Le dossier ${directory()} est déjà utilisé par le processus ${first.process.pid}. ` +
        'Arrêtez-le, ou choisissez un autre dossier avec TOCSIN_DATA_DIR.\n',
    )

    const list = await runProgram(['schemes', 'list'], env())
    expect(list).toMatchObject({ code: 0, stderr: '' })
    expect(list.stdout).toMatch(/^ac63 +Alerte Commerces 63/m)
    expect(await runInProcess(['audit', 'verify'], env())).toMatchObject({ code: 0 })
    // A file is read here and sent there; wrong usage exits with 2 there too.
    const geojson = join(root, 'empty.geojson')
    writeFileSync(geojson, '{"type":"Nothing"}')
    const bad = await runInProcess(['territory', 'import', '63', '--file', geojson], {
      ...env(),
      TOCSIN_LANG: 'en',
    })
    expect(bad.code).toBe(1)
    expect(bad.stderr).toContain('empty.geojson')
    expect(await runInProcess(['schemes', 'nothing'], env())).toMatchObject({ code: 2 })
    expect(await runInProcess(['territory', 'import', '63', '--file', '/nowhere'], env())).toMatchObject({
      code: 1,
    })

    const file = join(directory(), 'server.json')
    const address = JSON.parse(readFileSync(file, 'utf8'))
    // Its server does not respond.
    for (const wrong of [{ url: 'http://127.0.0.1:9' }, { token: 'x'.repeat(43) }]) {
      writeFileSync(file, JSON.stringify({ ...address, ...wrong }))
      const failed = await runInProcess(['schemes', 'list'], env())
      expect(failed.code).toBe(1)
      expect(failed.stderr).toContain(`processus ${first.process.pid}`)
    }

    // A second signal does not wait.
    first.process.kill('SIGTERM')
    first.process.kill('SIGTERM')
    expect([0, 1]).toContain(await first.ended)
    // It works without the server once that has stopped.
    expect((await runInProcess(['schemes', 'list'], env())).stdout).toBe(list.stdout)
  })
})

describe('reports what prevents the start, and exits with 1, or with 78 until the settings or the database change', () => {
  test(
    'the port is taken',
    async () => {
      const server = createServer().listen(0, '127.0.0.1')
      await new Promise((resolve) => server.once('listening', resolve))
      const { port } = server.address() as { port: number }
      const env = { TOCSIN_DATA_DIR: directory(), PORT: String(port) }
      expect(await refused(env, runProgram)).toBe(
        `Le port ${port} est déjà pris. Choisissez-en un autre avec PORT (0 : un port libre).\n`,
      )
      expect(await refused({ ...env, TOCSIN_LANG: 'en' })).toMatch(/^Port \d+ is already in use\./)
      server.close()
    },
    LIMIT_MS,
  )

  test(
    'the address does not belong to this machine',
    async () => {
      const error = await refused({ TOCSIN_DATA_DIR: directory(), HOST: '192.0.2.1', TOCSIN_DEMO: 'true' })
      expect(error).toMatch(/^Impossible d’écouter sur 192\.0\.2\.1:0 \(EADDRNOTAVAIL\)/)
    },
    LIMIT_MS,
  )

  test(
    'the directory cannot be used',
    async () => {
      writeFileSync(join(root, 'file'), '')
      expect(await refused({ TOCSIN_DATA_DIR: join(root, 'file/data') })).toMatch(
        /ne peut pas être utilisé \(ENOTDIR\)/,
      )
    },
    LIMIT_MS,
  )

  test(
    'the database is down',
    async () => {
      const env = { DATABASE_URL: 'postgres://tocsin:secret@127.0.0.1:9/x', TOCSIN_DEMO: 'true' }
      const error = await refused({ ...env, TOCSIN_DATA_DIR: join(root, 'down') })
      expect(error).toMatch(/^La base de données ne répond pas/)
      expect(error).toContain('ECONNREFUSED')
      expect(error).not.toContain('secret')
    },
    LIMIT_MS,
  )

  test(
    'in service, the login of the process owns the tables, or none may migrate',
    async () => {
      const owner = asOwnerUrl(await testDatabaseUrl())
      const error = await refused({ ...PRODUCTION, DATABASE_URL: owner }, runInProcess, 78)
      expect(error).toMatch(/^Le compte tocsin de DATABASE_URL est superutilisateur\./)
      expect(error).toContain("create role tocsin_engine login noinherit password '…';")
      expect(error).toContain('DATABASE_OWNER_URL')
      const empty = new URL(await testDatabaseUrl({ migrated: false }))
      empty.username = empty.password = 'tocsin_engine'
      const env = { ...PRODUCTION, DATABASE_URL: empty.href, TOCSIN_LANG: 'fr' }
      expect(await refused(env, runInProcess, 3)).toMatch(
        /^La base de données n’est pas prête pour cette version.+Lancez `tocsin migrate`/,
      )
      const migrated = await runInProcess(['migrate'], env)
      expect(migrated).toMatchObject({ code: 1, stdout: '' })
      expect(migrated.stderr).toMatch(
        /^La base de données attend des migrations, et le compte tocsin_engine n’en possède pas les tables\./,
      )
    },
    LIMIT_MS,
  )

  test(
    'the database was migrated by a newer version',
    async () => {
      const url = await testDatabaseUrl()
      const database = await openDatabase({ kind: 'postgres', url, poolSize: 2 })
      await asTableOwner(database, (tx) =>
        sql`insert into schema_migrations values (9999, '9999_future.sql', 'x', now())`.execute(tx),
      )
      await database.close()
      const env = { DATABASE_URL: url, TOCSIN_DEMO: 'true', TOCSIN_DATA_DIR: join(root, 'newer') }
      const error = await refused(env, runInProcess, 78)
      expect(error).toMatch(/version plus récente de Tocsin \(9999_future\.sql\)/)
    },
    LIMIT_MS,
  )

  test(
    'settings are invalid: all of them are reported',
    async () => {
      const env = {
        TOCSIN_DEMO: 'false',
        PORT: 'x',
        TOCSIN_SECRET: 'short',
        LANG: 'en_US.UTF-8',
        TOCSIN_LANG: '',
      }
      const error = await refused(env, runInProcess, 78)
      expect(error.split('\n')).toEqual([
        'Invalid settings:',
        expect.stringMatching(/^ {2}- PORT: invalid value/),
        expect.stringMatching(/^ {2}- TOCSIN_SECRET: invalid value/),
        expect.stringMatching(/^ {2}- TOCSIN_BASE_URL is required/),
        expect.stringMatching(/^ {2}- TOCSIN_SMPP_HOST is required/),
        expect.stringMatching(/^ {2}- The keys that encrypt .* `tocsin keys create --file/),
        '',
      ])
    },
    LIMIT_MS,
  )
})

test('npm start passes the signal on, and waits for the end', {
  tags: 'long',
  timeout: LIMIT_MS,
}, async () => {
  const npm = spawn('npm', ['start', '--', '--no-web'], {
    cwd: ROOT,
    env: {
      ...process.env,
      PORT: '0',
      TOCSIN_LANG: 'fr',
      TOCSIN_DATA_DIR: directory(),
      TOCSIN_GEO_API: 'http://127.0.0.1:9',
    },
  })
  for (const written of [npm.stdout, npm.stderr]) scanOutput(written, 'npm start')
  let output = ''
  const ready = new Promise<void>((resolve) => {
    npm.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
      if (READY.test(output)) resolve()
    })
  })
  await ready
  npm.kill('SIGTERM')
  await new Promise((resolve) => npm.once('close', resolve))
  expect(output).toMatch(/"msg":"Arrêt : on termine ce qui est en route…"\}\n[\s\S]*"msg":"Arrêté\."\}\n$/)
})

test(
  'in service, an empty database is migrated by `tocsin migrate` only, and used by another login',
  async () => {
    const owner = await testDatabaseUrl({ migrated: false })
    const engine = new URL(owner)
    engine.username = engine.password = 'tocsin_engine'
    const env = { ...PRODUCTION, PORT: '0', TOCSIN_LANG: 'en', DATABASE_URL: engine.href }
    const start = () => startServer(testConfig(env), { webDirectory: null, base: { log: createTestLog() } })
    await expect(start()).rejects.toMatchObject({ code: 'schema_older' })

    const asOwner = { ...env, DATABASE_OWNER_URL: owner }
    const dry = await runInProcess(['migrate', '--dry-run'], asOwner)
    expect(dry.code).toBe(3)
    expect(dry.stdout).toMatch(/^Missing: 0001_baseline\.sql\nMissing: 0002/)
    await expect(start()).rejects.toMatchObject({ code: 'schema_older' })

    // Two administrators at once: one of them waits, and says for whom.
    const both = await Promise.all([runInProcess(['migrate'], asOwner), runInProcess(['migrate'], asOwner)])
    expect(both.map(({ code }) => code)).toEqual([0, 0])
    expect(both.map(({ stdout }) => stdout.match(/^Applied: /gm)?.length ?? 0).sort((a, b) => a - b)).toEqual(
      [0, readdirSync(join(ROOT, 'migrations')).filter((name) => /^\d{4}_/.test(name)).length],
    )
    expect(both.map(({ stderr }) => stderr).join('')).toMatch(
      /^Another process is migrating this database: tocsin \d+ \w+(, 127\.0\.0\.1)? \(login tocsin, process \d+ of the server\)\. Waiting for it…\n$/,
    )
    expect(await runInProcess(['migrate', '--dry-run'], asOwner)).toMatchObject({
      code: 0,
      stdout: 'Nothing to do: the database is at this version.\n',
    })

    const { url, stop } = await start()
    try {
      expect((await fetch(`${url}/readyz`)).status).toBe(200)
    } finally {
      await stop()
    }
  },
  LIMIT_MS,
)

test(
  'on PostgreSQL, outside the demo, there is no demo sign-in and no simulator',
  async () => {
    const config = testConfig({
      PORT: '0',
      DATABASE_URL: await territoryUrl('tocsin_engine'),
      TOCSIN_SECRET: 's'.repeat(40),
      TOCSIN_ENCRYPTION: 'off',
      TOCSIN_BASE_URL: 'https://tocsin.example',
      TOCSIN_SMPP_HOST: '127.0.0.1',
      TOCSIN_SMPP_SYSTEM_ID: 'tocsin',
      TOCSIN_SMPP_PASSWORD: 'tocsin',
      TOCSIN_SMPP_PORT: '9',
      TOCSIN_DATA_DIR: join(root, 'unused'),
    })
    const { url, stop } = await startServer(config, { webDirectory: null, base: { log: createTestLog() } })
    try {
      expect(await (await fetch(`${url}/api/about`)).json()).toMatchObject({ demo: false })
      const body = JSON.stringify({ as: 'operator' })
      const headers = { 'content-type': 'application/json' }
      for (const path of ['/api/demo/sessions', '/api/cli'])
        expect((await fetch(url + path, { method: 'POST', headers, body })).status, path).toBe(404)
      expect(existsSync(join(root, 'unused'))).toBe(false)
    } finally {
      await stop()
    }
  },
  LIMIT_MS,
)

describe('the command line', () => {
  test(
    'explains itself in both languages',
    async () => {
      const french = await runInProcess(['--help'])
      expect(french).toMatchObject({ code: 0, stderr: '' })
      expect(french.stdout).toContain('Utilisation : tocsin COMMANDE')
      expect((await runInProcess(['--help'], { TOCSIN_LANG: 'en' })).stdout).toContain(
        'Usage: tocsin COMMAND',
      )
      const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }
      expect((await runProgram(['--version'])).stdout).toBe(`${version}\n`)
      expect((await runInProcess(['config'])).stdout).toContain('TOCSIN_DATA_DIR=./data')
    },
    LIMIT_MS,
  )

  test(
    'exits with 2 for an unknown command',
    async () => {
      expect(await runProgram(['nothing'], { TOCSIN_LANG: 'en' })).toEqual({
        code: 2,
        stdout: '',
        stderr: 'Invalid command. There is no command “nothing”. See: tocsin --help\n',
      })
      expect(await runInProcess(['serve', '--what'])).toMatchObject({ code: 2 })
    },
    LIMIT_MS,
  )
})
