import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AlertPage, AlertView } from '../../src/alerts/contract.ts'
import { openDatabase } from '../../src/platform/db.ts'
import { createCall } from '../support/client.ts'
import { territoryUrl } from '../support/database.ts'
import { testDeps } from '../support/deps.ts'
import { established } from '../support/fixtures.ts'
import { type Program, startProgram } from '../support/program.ts'
import { openAccount, PRODUCTION } from '../support/server.ts'
import { type SmscProcess, startSmscProcess } from '../support/smsc-process.ts'
import { BENCH_SCHEME, fillScheme } from '../support/world.ts'

const RECIPIENTS = 1000

let directory: string
let smsc: SmscProcess
let url: string
let password: string
let program: Program | undefined

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tocsin-stop-'))
  smsc = await startSmscProcess([
    '--answer-as',
    'PROVIDER',
    '--latency',
    '20',
    '--log-file',
    join(directory, 'smsc.log'),
  ])
  url = await territoryUrl('tocsin_engine')
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
})
afterAll(async () => {
  program?.process.kill('SIGKILL')
  await smsc.stop()
  rmSync(directory, { recursive: true, force: true })
})

/** Returns the numbers for which the SMSC accepted a message, in order. */
function accepted(): string[] {
  const lines = readFileSync(join(directory, 'smsc.log'), 'utf8').split('\n')
  // The last line may be half written.
  return lines.slice(0, -1).map((line) => JSON.parse(line).destination)
}

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 1500; i++) {
    if (await isTrue()) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error('it took too long')
}

/** Starts the server and signs in. */
async function start() {
  program = startProgram(['serve', '--no-web'], {
    ...PRODUCTION,
    TOCSIN_BASE_URL: 'http://localhost',
    DATABASE_URL: url,
    PORT: '0',
    TOCSIN_SMPP_HOST: '127.0.0.1',
    TOCSIN_SMPP_PORT: String(smsc.port),
    TOCSIN_SMPP_TLS: 'false',
    TOCSIN_SMPP_WINDOW: '10',
  })
  const [, address] = await program.says(/: (http:\S+)/)
  const call = createCall(address)
  await call('POST', '/api/auth/sign-in/email', { email: 'o@demo.invalid', password })
  const scheme = `/api/schemes/${BENCH_SCHEME}`
  return {
    post: <T>(path: string, body: unknown) => call<T>('POST', scheme + path, body),
    get: <T>(path: string) => call<T>('GET', scheme + path),
    async stop() {
      program?.process.kill('SIGTERM')
      expect(await program?.ended, program?.output.stderr).toBe(0)
    },
  }
}

test('a server stopped in the middle of a broadcast continues after its next start, without duplicates', {
  tags: 'long',
}, async () => {
  const first = await start()
  const report = await first.post<{ id: string }>('/reports', { categoryCode: 'notes', communeCode: '00001' })
  const draft = await first.post<AlertView>('/alerts', {
    reportId: report.id,
    text: 'Faux billets à Commune 1. Ne pas intervenir.',
    area: { kind: 'scheme' },
    doctrine: established,
  })
  await first.post(`/alerts/${draft.id}/broadcast`, { version: draft.version })
  await until(() => accepted().length > RECIPIENTS / 10)
  await first.stop()
  const before = accepted().length
  expect(before).toBeLessThan(RECIPIENTS)

  const second = await start()
  const read = async () => (await second.get<AlertPage>(`/alerts/${draft.id}`)).alert
  await until(async () => (await read()).progress?.delivered === RECIPIENTS)
  // It is done by a job after all messages are accepted.
  await until(async () => (await read()).state === 'active')
  const alert = await read()
  expect(alert.progress).toMatchObject({ planned: RECIPIENTS, inDoubt: 0, failed: 0, possibleDuplicates: 0 })
  const numbers = accepted()
  expect(numbers.length).toBe(RECIPIENTS)
  expect(new Set(numbers).size).toBe(RECIPIENTS)
  await second.stop()
})
