import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AlertPage, AlertView, LiveMessage } from '../../src/alerts/contract.ts'
import { EXIT_SETTINGS } from '../../src/cli/exit-codes.ts'
import { openDatabase } from '../../src/platform/db.ts'
import { createCall } from '../support/client.ts'
import { territoryUrl } from '../support/database.ts'
import { testDeps } from '../support/deps.ts'
import { established } from '../support/fixtures.ts'
import { type Program, runInProcess, startProgram } from '../support/program.ts'
import { openAccount, PRODUCTION } from '../support/server.ts'
import { type SmscProcess, startSmscProcess } from '../support/smsc-process.ts'
import { BENCH_SCHEME, fillScheme } from '../support/world.ts'

const RECIPIENTS = 1000
const programs: Program[] = []

let directory: string
let smsc: SmscProcess
let env: Record<string, string>
let password: string

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tocsin-roles-'))
  smsc = await startSmscProcess([
    '--answer-as',
    'PROVIDER',
    '--latency',
    '20',
    '--log-file',
    join(directory, 'smsc.log'),
  ])
  const url = await territoryUrl('tocsin_engine')
  const database = await openDatabase({ kind: 'postgres', url, poolSize: 2 })
  await fillScheme({ database }, RECIPIENTS)
  const account = await openAccount(testDeps(database), {
    mail: 'o@demo.invalid',
    name: 'O',
    schemeId: BENCH_SCHEME,
    role: 'operator',
  })
  password = account.password ?? ''
  await database.close()

  const gateway = {
    kind: 'smpp',
    name: 'provider',
    host: '127.0.0.1',
    port: smsc.port,
    tls: false,
    systemId: 'tocsin',
    password: { file: join(directory, 'password') },
    windowPerLink: 20,
  }
  const file = {
    gateways: [gateway, { ...gateway, name: 'wrong', port: 1 }],
    routes: [{ schemes: ['absent'], gateways: ['wrong'] }, { gateways: ['provider'] }],
  }
  writeFileSync(join(directory, 'gateways.json'), JSON.stringify(file))
  writeFileSync(join(directory, 'password'), 'tocsin\n')
  const production = Object.fromEntries(
    Object.entries(PRODUCTION).filter(([name]) => !name.startsWith('TOCSIN_SMPP_')),
  )
  env = {
    ...production,
    TOCSIN_BASE_URL: 'http://localhost',
    TOCSIN_GATEWAYS: join(directory, 'gateways.json'),
    TOCSIN_LANG: 'en',
    DATABASE_URL: url,
  }
})
afterAll(async () => {
  for (const { process } of programs) process.kill('SIGKILL')
  await smsc.stop()
  rmSync(directory, { recursive: true, force: true })
})

async function start(role: string, port?: string): Promise<Program & { readonly url: string | undefined }> {
  const args = ['serve', '--role', role, '--no-web']
  // Each process logs in as what it is.
  const url = new URL(env.DATABASE_URL ?? '')
  if (role === 'web') url.username = url.password = 'tocsin_web'
  const program = startProgram(args, {
    ...env,
    DATABASE_URL: url.href,
    ...(port === undefined ? {} : { PORT: port }),
  })
  programs.push(program)
  const [text] = await program.says(/ready in .*\n/)
  return { ...program, url: /http:\/\/[\w.]+:\d+/.exec(text)?.[0] }
}

test('workers send what the web process orders, and its screens follow', async () => {
  const web = await start('web', '0')
  const worker = await start('worker', '0')
  const silent = await start('worker')
  expect(web.output.stdout).toContain('This process does not send messages')
  // A start waits a second for the links: on a busy machine, what is wrong with one is said after it.
  await worker.says(/⚠ Gateway wrong: /)
  await worker.says(/tocsin routes check/)
  await worker.says(/not loaded: absent/)
  expect(silent.url).toBeUndefined()
  const ask = async () => {
    const answer = await fetch(`${worker.url}/readyz`)
    return [answer.status, await answer.json()]
  }
  await expect.poll(ask).toEqual([200, { ready: true }])
  // It has no API.
  expect((await fetch(`${worker.url}/api/about`)).status).toBe(404)

  const call = createCall(web.url)
  const signIn = { email: 'o@demo.invalid', password }
  await call('POST', '/api/auth/sign-in/email', signIn)
  const scheme = `/api/schemes/${BENCH_SCHEME}`
  const events = await listen(`${web.url}${scheme}/live`, `${web.url}/api/auth/sign-in/email`, signIn)
  const report = await call<{ id: string }>('POST', `${scheme}/reports`, {
    categoryCode: 'notes',
    communeCode: '00001',
  })
  const draft = await call<AlertView>('POST', `${scheme}/alerts`, {
    reportId: report.id,
    text: 'Faux billets à Commune 1. Ne pas intervenir.',
    area: { kind: 'scheme' },
    doctrine: established,
  })
  await call('POST', `${scheme}/alerts/${draft.id}/broadcast`, { version: draft.version })
  const isDelivered = (event: LiveMessage) =>
    event.type === 'progress' && event.progress.delivered === RECIPIENTS
  await expect.poll(() => events.some(isDelivered), { interval: 50 }).toBe(true)
  // The job that ends the sending runs in a worker; its event reaches the web process.
  const read = async () => (await call<AlertPage>('GET', `${scheme}/alerts/${draft.id}`)).alert
  await expect.poll(async () => (await read()).state).toBe('active')
  expect((await read()).progress).toMatchObject({ planned: RECIPIENTS, failed: 0, possibleDuplicates: 0 })

  for (const { process, ended, output } of [web, worker, silent]) {
    process.kill('SIGTERM')
    expect(await ended, output.stderr).toBe(0)
  }
})

test('one process does everything on the embedded database', { tags: 'long' }, async () => {
  const { DATABASE_URL: _, ...embedded } = env
  const { code, stderr } = await runInProcess(['serve'], { ...embedded, TOCSIN_ROLE: 'worker' })
  expect(code).toBe(EXIT_SETTINGS)
  expect(stderr).toContain('the role worker needs DATABASE_URL')
})

/** Reads the events of a stream. */
async function listen(url: string, signInUrl: string, signIn: object): Promise<LiveMessage[]> {
  const headers = { 'content-type': 'application/json' }
  const session = await fetch(signInUrl, { method: 'POST', headers, body: JSON.stringify(signIn) })
  const cookie = session.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  const stream = await fetch(url, { headers: { cookie } })
  expect(stream.status).toBe(200)
  const events: LiveMessage[] = []
  void (async () => {
    let rest = ''
    for await (const chunk of stream.body ?? []) {
      const lines = (rest + Buffer.from(chunk).toString()).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) if (line.startsWith('data: ')) events.push(JSON.parse(line.slice(6)))
    }
  })().catch(() => {})
  return events
}
