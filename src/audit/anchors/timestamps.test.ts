import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testDatabase } from '../../../test/support/database.ts'
import { testDeps } from '../../../test/support/deps.ts'
import { asTableOwner } from '../../../test/support/table-owner.ts'
import { type Faults, startTimestampAuthority } from '../../../test/support/timestamp-authority.ts'
import type { Deps } from '../../deps.ts'
import { HOUR_MS } from '../../message/clock.ts'
import { acrossSchemes, type Database } from '../../platform/db.ts'
import { createAuditKeys } from '../keys.ts'
import { recordAudit } from '../record.ts'
import { readAgainst } from '../verify.ts'
import { createAnchorFile, readAnchorFile } from './anchor-file.ts'
import { type Anchor, anchorIfDue, eachAnchor, parseAnchors } from './anchors.ts'
import { exportBundle } from './bundle.ts'
import { createStamper } from './stamp.ts'
import { checkTimestamp, readAnswer, writeRequest } from './timestamps.ts'

const NOW_MS = Date.UTC(2026, 10, 29, 8)

let database: Database
let deps: Deps
let authority: Awaited<ReturnType<typeof startTimestampAuthority>>
let directory: string
let nowMs = NOW_MS
/** Position and reason of what was logged. */
let logged: { readonly anchor: number; readonly err: Error }[] = []
beforeAll(async () => {
  database = await testDatabase('postgres', { login: 'tocsin_engine' })
  authority = await startTimestampAuthority(() => new Date(nowMs))
  directory = mkdtempSync(join(tmpdir(), 'tocsin-timestamps-'))
  const plain = testDeps(database, { now: () => new Date(nowMs) })
  const audit = {
    ...plain.config.audit,
    timestampUrl: authority.url,
    timestampRoots: authority.roots,
  }
  const log = { ...plain.log, error: (values: (typeof logged)[number]) => void logged.push(values) }
  deps = { ...plain, log: log as Deps['log'], config: { ...plain.config, audit } }
})
afterAll(async () => {
  rmSync(directory, { recursive: true })
  await authority.close()
  await database.close()
})

beforeEach(async () => {
  nowMs = NOW_MS
  logged = []
  authority.behave({})
  await asTableOwner(database, (tx) => sql`truncate audit_anchors`.execute(tx))
  await anchorOrder()
})

/** Records an order, which is anchored at once. */
async function anchorOrder(): Promise<void> {
  await acrossSchemes(database.db, (tx) =>
    recordAudit(tx, 'ac63', new Date(nowMs), {
      actor: 'user:u1',
      action: 'alert.broadcast',
      subject: 'alert:1',
    }),
  )
  await anchorIfDue(deps)
}

async function stamped(): Promise<readonly (Anchor & { readonly n: number })[]> {
  const all = []
  for await (const anchor of eachAnchor(database.db, 0, 'stamped')) all.push(anchor)
  return all
}

async function anchored(outside: readonly Anchor[] = []) {
  return (await readAgainst(deps, [], outside)).anchored
}

test('asks once a day for the last anchor, and keeps what proves it, in the file too', async () => {
  const path = join(directory, 'anchors.jsonl')
  const file = createAnchorFile(path)
  await file.add(database.db)
  const stamper = createStamper()
  const before = authority.requests()
  await stamper.stampIfDue(deps)
  await stamper.stampIfDue(deps)
  nowMs += HOUR_MS
  await anchorOrder()
  await stamper.stampIfDue(deps)
  expect(authority.requests() - before).toBe(1)
  nowMs += 23 * HOUR_MS
  await stamper.stampIfDue(deps)
  expect((await stamped()).map(({ n }) => n)).toEqual([1, 2])
  expect(logged).toEqual([])
  await file.add(database.db)
  await createAnchorFile(path).add(database.db)
  const outside = await readAnchorFile(path)
  expect(outside.map(({ statement, timestamp }) => [JSON.parse(statement).n, timestamp != null])).toEqual([
    [1, false],
    [2, false],
    [1, true],
    [2, true],
  ])
  expect(await anchored(outside)).toMatchObject({
    problems: [],
    timestamps: { count: 2, last: { n: 2, at: new Date(nowMs), by: 'Test TSA' }, isChecked: true },
  })
  const withoutRoots = { ...deps.config, audit: { ...deps.config.audit, timestampRoots: undefined } }
  expect((await readAgainst({ ...deps, config: withoutRoots }, [])).anchored).toMatchObject({
    problems: [],
    timestamps: { count: 2, last: undefined, isChecked: false },
  })
})

test.each<[string, Faults, string]>([
  ['refuses', { refuses: true }, 'the authority refused: status 2'],
  ['answers for another digest', { otherDigest: true }, 'TSTInfo verification is failed'],
  ['answers another request', { otherNonce: true }, 'the answer is to another request'],
  ['signs with the certificate of a web server', { otherUsage: true }, 'not one for timestamps'],
  ['names another certificate', { otherName: true }, 'not the one that the token names'],
  ['changes the time after it signed', { changed: true }, "Message digest doesn't match"],
  ['is down', { status: 503 }, 'status 503'],
  ['never ends its answer', { endless: true }, 'too long'],
])(
  'keeps nothing from an authority that %s, and tries again ten minutes later',
  async (_what, faults, reason) => {
    const stamper = createStamper()
    authority.behave(faults)
    await stamper.stampIfDue(deps)
    expect(await stamped()).toEqual([])
    expect(logged).toEqual([
      { anchor: 1, err: expect.objectContaining({ message: expect.stringContaining(reason) }) },
    ])
    authority.behave({})
    nowMs += 599_000
    await stamper.stampIfDue(deps)
    expect(await stamped()).toEqual([])
    nowMs += 1000
    await stamper.stampIfDue(deps)
    expect(await stamped()).toHaveLength(1)
  },
)

test('keeps nothing from an authority that no known certificate vouches for', async () => {
  const other = await startTimestampAuthority(() => new Date(nowMs))
  const audit = { ...deps.config.audit, timestampRoots: other.roots }
  await createStamper().stampIfDue({ ...deps, config: { ...deps.config, audit } })
  await other.close()
  expect(await stamped()).toEqual([])
  expect(logged[0]?.err.message).toContain('certificate failed')
})

describe('an intruder with the database and the key', () => {
  /** Writes all anchors anew with the key of the installation. */
  async function rewrite(change: (statement: string) => string, token: string | null) {
    const { current } = deps.auditKeys
    await asTableOwner(database, async (tx) => {
      const { rows } = await sql<{
        n: string
        statement: string
      }>`select n, statement from audit_anchors`.execute(tx)
      for (const row of rows) {
        const statement = change(row.statement)
        await sql`update audit_anchors set statement = ${statement}, signature = ${current?.sign(statement) ?? ''},
          timestamp_token = ${token} where n = ${row.n}`.execute(tx)
      }
    })
  }

  test('cannot keep the timestamp of what was there before', async () => {
    await createStamper().stampIfDue(deps)
    const [before] = await stamped()
    await rewrite(
      (statement) => statement.replace(/"ac63":\[(\d+),"\w{4}/, '"ac63":[$1,"0000'),
      before?.timestamp ?? null,
    )
    expect((await anchored()).problems).toEqual([{ n: 1, reason: 'timestamp' }])
  })

  test('cannot date a new history back', async () => {
    await createStamper().stampIfDue(deps)
    nowMs += 30 * 24 * HOUR_MS
    await rewrite((statement) => statement.replace(/"ac63":\[(\d+),"\w{4}/, '"ac63":[$1,"0000'), null)
    await createStamper().stampIfDue(deps)
    // The time of the first stamp hides it from the daily rule, so the intruder clears that too.
    await asTableOwner(database, (tx) => sql`update audit_anchors set stamped_at = null`.execute(tx))
    await createStamper().stampIfDue(deps)
    expect((await anchored()).problems).toEqual([{ n: 1, reason: 'timestamp_late' }])
  })
})

const hasOpenssl = spawnSync('openssl', ['version']).status === 0

test.skipIf(!hasOpenssl)('OpenSSL accepts the tokens that are kept, as exported', async () => {
  await createStamper().stampIfDue(deps)
  const lines = []
  for await (const line of exportBundle(deps, 'ac63')) lines.push(line)
  const bundle = join(directory, 'log.jsonl')
  writeFileSync(bundle, `${lines.join('\n')}\n`)
  const out = execFileSync(
    process.execPath,
    [
      'scripts/verify-audit-bundle.mjs',
      bundle,
      '--key',
      deps.auditKeys.current?.publicKey ?? '',
      '--timestamps',
      directory,
    ],
    { encoding: 'utf8' },
  )
  expect(out).toMatch(
    /^Timestamps of a third party: 1, written to \S+\.\n\d+ entries, 1 anchors: intact\.\n$/,
  )
  writeFileSync(join(directory, 'root.pem'), authority.roots)
  const verify = (data: string) =>
    spawnSync(
      'openssl',
      ['ts', '-verify', '-token_in', '-in', 'anchor-1.token', '-data', data, '-CAfile', 'root.pem'],
      { cwd: directory, encoding: 'utf8' },
    )
  const good = verify('anchor-1.json')
  expect(good.stdout + good.stderr).toContain('Verification: OK')
  expect(verify('root.pem').status).not.toBe(0)
})

test.skipIf(!hasOpenssl)('accepts the answers of OpenSSL', async () => {
  const home = join(directory, 'openssl')
  mkdirSync(home, { recursive: true })
  writeFileSync(
    join(home, 'tsa.cnf'),
    `[tsa]\ndefault_tsa = t\n[t]\nserial = ${home}/serial\ncrypto_device = builtin\nsigner_cert = ${home}/tsa.pem
signer_key = ${home}/tsa.key\nsigner_digest = sha256\ndefault_policy = 1.2.3.4\ndigests = sha256\nordering = no
[e]\nbasicConstraints = critical,CA:FALSE\nextendedKeyUsage = critical,timeStamping\n`,
  )
  writeFileSync(join(home, 'serial'), '01\n')
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: home, stdio: 'pipe' })
  const ca = ['-newkey', 'rsa:2048', '-nodes', '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=Root']
  openssl('req', '-x509', '-days', '2', ...ca)
  openssl(
    'req',
    '-new',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    'tsa.key',
    '-out',
    'tsa.csr',
    '-subj',
    '/CN=TSA',
  )
  const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-out', 'tsa.pem']
  openssl('x509', '-req', '-in', 'tsa.csr', ...signed, '-extfile', 'tsa.cnf', '-extensions', 'e')
  // A first bit that is set would make the nonce negative.
  const nonce = Buffer.from('ff00000000000001', 'hex')
  writeFileSync(join(home, 'query'), await writeRequest('What is stamped', nonce))
  openssl('ts', '-reply', '-config', 'tsa.cnf', '-queryfile', 'query', '-out', 'answer')
  const token = readAnswer(readFileSync(join(home, 'answer')), nonce)
  const roots = readFileSync(join(home, 'ca.pem'), 'utf8')
  const found = await checkTimestamp(token, 'What is stamped', roots)
  expect(found.by).toBe('TSA')
  expect(Math.abs(found.at.getTime() - Date.now())).toBeLessThan(600_000)
  await expect(checkTimestamp(token, 'What is stamped now', roots)).rejects.toThrow()
  await expect(checkTimestamp('', 'What is stamped', roots)).rejects.toThrow('it cannot be read')
})

test('a timestamp in a line that this installation did not sign says nothing', async () => {
  await createStamper().stampIfDue(deps)
  const [line] = await stamped()
  const other = createAuditKeys({ secret: { current: 'another secret, of somebody else entirely' } })
  const statement = (line?.statement ?? '').replace('"n":1', '"n":9')
  const forged = {
    statement,
    keyId: deps.auditKeys.current?.id ?? '',
    signature: other.current?.sign(statement) ?? '',
    timestamp: line?.timestamp,
  }
  expect((await anchored(parseAnchors(JSON.stringify(forged)))).problems).toEqual([])
})
