import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AlertPage, AlertView } from '../../src/alerts/contract.ts'
import { openDatabase } from '../../src/platform/db.ts'
import { version } from '../../src/platform/process/version.ts'
import { createCall } from '../support/client.ts'
import { territoryUrl } from '../support/database.ts'
import { testDeps } from '../support/deps.ts'
import { withLogin } from '../support/engine-login.ts'
import { established } from '../support/fixtures.ts'
import { asOwnerUrl } from '../support/owner-url.ts'
import { type Program, ROOT, runProgram, startProgram } from '../support/program.ts'
import { openAccount, PRODUCTION } from '../support/server.ts'
import { type SmscProcess, startSmscProcess } from '../support/smsc-process.ts'
import { BENCH_SCHEME, fillScheme } from '../support/world.ts'

const RECIPIENTS = 3000
/** Messages a second: the broadcast outlasts the migration and the start of the next release. */
const RATE = 100
const [MAJOR = 0, MINOR = 0] = version.split('.').map(Number)
const NEXT = `${MAJOR}.${MINOR + 1}.0`
const MIGRATION = '9999_next_release.sql'
/** The migration of a compatible release: columns of the tables that the broadcast writes, filled and indexed, and a table. */
const STATEMENTS = `-- A release that the one before it survives.
-- Compatible with: ${MAJOR}.${MINOR}
alter table broadcasts add column next_release text;
alter table deliveries add column next_release text;
alter table alerts add column next_release text not null default 'x';
update broadcasts set next_release = 'x';
create index deliveries_next_release on deliveries (next_release) where next_release is not null;
create table next_release (scheme_id text not null, id uuid not null, primary key (scheme_id, id));
`

let directory: string
let next: string
let smsc: SmscProcess
let env: Record<string, string>
let password: string
const programs: Program[] = []

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tocsin-upgrade-'))
  next = makeNextRelease(join(directory, 'next'))
  const log = ['--log-file', join(directory, 'smsc.log')]
  smsc = await startSmscProcess(['--answer-as', 'PROVIDER', '--latency', '20', ...log])
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
  env = {
    ...PRODUCTION,
    TOCSIN_LANG: 'en',
    TOCSIN_BASE_URL: 'http://localhost',
    DATABASE_URL: withLogin(url, 'tocsin_engine'),
    PORT: '0',
    TOCSIN_SMPP_HOST: '127.0.0.1',
    TOCSIN_SMPP_PORT: String(smsc.port),
    TOCSIN_SMPP_TLS: 'false',
    TOCSIN_SMPP_WINDOW: '20',
    TOCSIN_SMPP_RATE: String(RATE),
  }
})
afterAll(async () => {
  for (const { process } of programs) process.kill('SIGKILL')
  await Promise.all(programs.map(({ ended }) => ended))
  await smsc?.stop()
  rmSync(directory, { recursive: true, force: true })
})

/** Makes the next release: this program with another version and one migration more. @returns its directory */
function makeNextRelease(root: string): string {
  for (const name of ['src', 'migrations'])
    cpSync(join(ROOT, name), join(root, name), {
      recursive: true,
      filter: (file) => !file.endsWith('.test.ts'),
    })
  for (const name of ['contours', 'fonts', 'node_modules']) symlinkSync(join(ROOT, name), join(root, name))
  writeFileSync(join(root, 'migrations', MIGRATION), STATEMENTS)
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  writeFileSync(join(root, 'package.json'), JSON.stringify({ ...manifest, version: NEXT }))
  return root
}

/** Returns the numbers for which the SMSC accepted a message, in order. */
function readAccepted(): string[] {
  const lines = readFileSync(join(directory, 'smsc.log'), 'utf8').split('\n')
  // The last line may be half written.
  return lines.slice(0, -1).map((line) => JSON.parse(line).destination)
}

async function until(isTrue: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = performance.now() + 90_000
  while (!(await isTrue())) {
    if (performance.now() > end) throw new Error(`it took too long: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Starts a release of the program as a service and signs in. */
async function startRelease(root?: string) {
  const program = startProgram(['serve', '--no-web'], env, root)
  programs.push(program)
  const [, address = ''] = await program.says(/: (http:\S+)/)
  const call = createCall(address)
  await call('POST', '/api/auth/sign-in/email', { email: 'o@demo.invalid', password })
  const scheme = `/api/schemes/${BENCH_SCHEME}`
  return {
    isReady: async () => (await fetch(`${address}/readyz`)).status === 200,
    post: <T>(path: string, body: unknown) => call<T>('POST', scheme + path, body),
    readAlert: async (id: string) => (await call<AlertPage>('GET', `${scheme}/alerts/${id}`)).alert,
    async stop() {
      program.process.kill('SIGTERM')
      expect(await program.ended, program.output.stderr).toBe(0)
    },
  }
}

test('a broadcast goes on while the database is migrated for the next release, which then replaces the process', {
  tags: 'long',
}, async () => {
  const old = await startRelease()
  const report = await old.post<{ id: string }>('/reports', { categoryCode: 'notes', communeCode: '00001' })
  const draft = await old.post<AlertView>('/alerts', {
    reportId: report.id,
    text: 'Faux billets à Commune 1. Ne pas intervenir.',
    area: { kind: 'scheme' },
    doctrine: established,
  })
  await old.post(`/alerts/${draft.id}/broadcast`, { version: draft.version })
  await until(() => readAccepted().length > RATE, 'the broadcast does not begin')

  const migrated = await runProgram(
    ['migrate'],
    { ...env, DATABASE_OWNER_URL: asOwnerUrl(env.DATABASE_URL ?? '') },
    next,
  )
  expect(migrated, migrated.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining(MIGRATION) })
  const afterMigration = readAccepted().length
  expect(afterMigration).toBeLessThan(RECIPIENTS)

  // The previous release goes on: it sends, reads and writes.
  await until(() => readAccepted().length > afterMigration + RATE, 'nothing is sent after the migration')
  expect(await old.isReady()).toBe(true)
  expect((await old.readAlert(draft.id)).state).toBe('broadcasting')
  await old.post('/reports', { categoryCode: 'notes', communeCode: '00002' })

  const fresh = await startRelease(next)
  const beforeStop = readAccepted().length
  expect(beforeStop).toBeLessThan(RECIPIENTS)
  await old.stop()
  await until(async () => (await fresh.readAlert(draft.id)).state === 'active', 'the broadcast does not end')
  await until(
    async () => (await fresh.readAlert(draft.id)).progress?.delivered === RECIPIENTS,
    'receipts are missing',
  )
  expect((await fresh.readAlert(draft.id)).progress).toMatchObject({
    planned: RECIPIENTS,
    inDoubt: 0,
    failed: 0,
    expired: 0,
    possibleDuplicates: 0,
  })
  const numbers = readAccepted()
  expect(numbers).toHaveLength(RECIPIENTS)
  expect(new Set(numbers).size).toBe(RECIPIENTS)
  console.log(
    `${afterMigration} of ${RECIPIENTS} accepted at the end of the migration, ${beforeStop} at the stop`,
  )
  await fresh.stop()
})
