import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Smsc, startSmsc } from '../../src/gateways/sms/simulator/smsc.ts'
import { runBlock } from '../support/page-commands.ts'
import { codeBlocks, readPage } from '../support/pages.ts'
import { type PostgresServer, startPostgres } from '../support/postgres.ts'

// Its twin in French has the same blocks (test/contracts/pages.test.ts).
const PAGE = readPage('docs/runbook/first-scheme.md')
const [steps = '', onPostgres = ''] = PAGE.split('\n## ')
const [ROLES = ''] = codeBlocks(readPage('docs/runbook/install.md'), 'sql')

let provider: Smsc
let root: string
let server: PostgresServer | undefined
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'tocsin-first-scheme-'))
  provider = await startSmsc({
    answersAs: 'PROVIDER',
    account: { systemId: 'ACCOUNT', password: 'PASSWORD' },
  })
})
afterAll(async () => {
  await provider.stop()
  await server?.stop()
  rmSync(root, { recursive: true })
})

/** Follows the page in a directory of its own. */
async function follow(kind: 'embedded' | 'postgres'): Promise<void> {
  const directory = join(root, kind)
  mkdirSync(directory, { recursive: true })
  const here = (text: string) =>
    text.replaceAll('/srv/tocsin', directory).replaceAll('127.0.0.1:5432', `127.0.0.1:${server?.port}`)
  const env = {
    TOCSIN_CONFIG: join(directory, 'tocsin.env'),
    TOCSIN_LANG: 'en',
    TOCSIN_LOG_LEVEL: 'warn',
    TOCSIN_SMPP_HOST: '127.0.0.1',
    TOCSIN_SMPP_PORT: String(provider.port),
    TOCSIN_SMPP_TLS: 'false',
  }
  const run = (block: string | undefined) => runBlock(block, env, here)

  const [ini = ''] = codeBlocks(steps, 'ini')
  const [database = ''] = codeBlocks(onPostgres, 'ini')
  const settings = kind === 'embedded' ? ini : ini.replace(/^TOCSIN_DATA_DIR=.*\n/m, database)
  writeFileSync(env.TOCSIN_CONFIG, here(settings))
  const [scheme = ''] = codeBlocks(steps, 'json')
  writeFileSync(join(directory, 'scheme.json'), scheme)
  const [members = ''] = codeBlocks(steps, 'csv')
  writeFileSync(join(directory, 'members.csv'), members)

  const [, prepare = '', create, send, join_, invite, ...more] = codeBlocks(steps, 'sh')
  expect(more).toEqual([])
  if (kind === 'embedded') await run(prepare)
  else {
    expect(prepare).toMatch(/\ntocsin migrate\n$/)
    await run(prepare.replace(/tocsin migrate\n$/, ''))
    await run(codeBlocks(onPostgres, 'sh')[0])
  }
  const [checked, created] = await run(create)
  expect(checked?.stdout).toContain('nothing was created')
  expect(created?.stdout).toContain('(es48): created.')
  const [sent] = await run(send)
  expect(sent?.stdout).toContain('test message delivered')
  const [, imported] = await run(join_)
  expect(imported?.stdout).toContain('one member created')
  const [invited] = await run(invite)
  expect(invited?.stdout).toMatch(/http:\/\/localhost:3000\/invitation#\S+/)
}

test('the page leads on PostgreSQL to a first SMS of a scheme of one’s own', async () => {
  server = await startPostgres({ roles: false })
  const admin = new pg.Client({ connectionString: server.url })
  await admin.connect()
  for (const statement of ROLES.trim().split(/;\n?/)) if (statement) await admin.query(statement)
  await admin.end()
  await follow('postgres')
})

// Each command opens the embedded database anew.
test('the page leads there on the embedded database', { tags: 'long' }, async () => {
  await follow('embedded')
  expect(existsSync(join(root, 'embedded/data'))).toBe(true)
})
