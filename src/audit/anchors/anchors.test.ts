import { spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testDatabase } from '../../../test/support/database.ts'
import { noteJobs, testDeps } from '../../../test/support/deps.ts'
import { asTableOwner } from '../../../test/support/table-owner.ts'
import type { Deps } from '../../deps.ts'
import { MailRefused, type OutgoingMail } from '../../outbox/contract.ts'
import { acrossSchemes, type Database, type Tx } from '../../platform/db.ts'
import { runFromNetwork } from '../../platform/http/caller-network.ts'
import { forgetReasons } from '../forget.ts'
import { createAuditKeys } from '../keys.ts'
import type { AuditAction } from '../list.ts'
import { GENESIS, hashEntry, recordAudit } from '../record.ts'
import { type SealKind, sealDue } from '../seals.ts'
import { readAgainst, verifyAudit } from '../verify.ts'
import { createAnchorFile, readAnchorFile } from './anchor-file.ts'
import { queueAnchorMails, sendAnchorMail } from './anchor-mails.ts'
import { type Anchor, anchorIfDue, eachAnchor, formatAnchor, parseAnchors } from './anchors.ts'
import { exportBundle } from './bundle.ts'

let database: Database
let deps: Deps
let nowMs = 0
let directory: string
beforeAll(async () => {
  database = await testDatabase('postgres', { login: 'tocsin_engine' })
  deps = testDeps(database, { now: () => new Date(nowMs) })
  directory = mkdtempSync(join(tmpdir(), 'tocsin-anchors-'))
  await sql`insert into schemes (id, name, territory, reference_prefix, trades, sender, closing_advice, created_at)
    values ('ac63', 'ac63', '{}', '63', '{}', 'X', '', now())`.execute(database.db)
})
afterAll(async () => {
  rmSync(directory, { recursive: true })
  await database.close()
})

beforeEach(async () => {
  nowMs = Date.UTC(2026, 10, 29, 8)
  await tamper((tx) =>
    sql`truncate audit_entries, audit_heads, audit_reasons, audit_networks, audit_anchors`.execute(tx),
  )
  await write('', 'session.open')
  await write('ac63', 'scheme.load')
  await write('ac63', 'alert.broadcast')
  await anchorIfDue(deps)
  await runFromNetwork('203.0.113.0/24', () => write('ac63', 'alert.stop', 'Billom was meant, says Jeanne'))
  await write('ac63', 'alert.broadcast')
  await anchorIfDue(deps)
})

function write(schemeId: string, action: AuditAction, reason = '') {
  return acrossSchemes(database.db, (tx) =>
    recordAudit(tx, schemeId, new Date(nowMs), { actor: 'user:u1', action, subject: 'alert:1', reason }),
  )
}

/** Changes rows as an intruder with the owner's rights would: with the trigger that forbids it switched off. */
function tamper(work: (tx: Tx) => Promise<unknown>): Promise<void> {
  return asTableOwner(database, async (tx) => {
    await sql`alter table audit_entries disable trigger audit_entries_append_only`.execute(tx)
    await work(tx)
    await sql`alter table audit_entries enable trigger audit_entries_append_only`.execute(tx)
  })
}

/** Computes the hashes of a chain and its head anew, as an intruder who knows this program would. */
async function rehash(tx: Tx, schemeId: string): Promise<void> {
  const entries = await tx
    .selectFrom('auditEntries')
    .selectAll()
    .where('schemeId', '=', schemeId)
    .orderBy('seq')
    .execute()
  let prevHash = GENESIS
  let seq = 0
  for (const entry of entries) {
    seq += 1
    const hash = hashEntry({ ...entry, seq }, prevHash)
    await sql`update audit_entries set seq = ${seq}, prev_hash = ${prevHash}, hash = ${hash}
      where scheme_id = ${schemeId} and seq = ${entry.seq}`.execute(tx)
    prevHash = hash
  }
  await sql`update audit_heads set seq = ${seq}, hash = ${prevHash} where scheme_id = ${schemeId}`.execute(tx)
}

async function allAnchors(): Promise<Anchor[]> {
  return collect(eachAnchor(database.db))
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

async function found(outside: readonly Anchor[] = [], keys = deps.auditKeys) {
  const against = await readAgainst({ ...deps, auditKeys: keys }, [], outside)
  const chains = await verifyAudit(database.db, against)
  return {
    chains: Object.fromEntries(
      chains.flatMap(({ schemeId, broken }) => (broken ? [[schemeId, broken]] : [])),
    ),
    anchors: against.anchored.problems,
  }
}
const NOTHING = { chains: {}, anchors: [] }

test('anchors after an order at once, after other entries within the hour, and never without a change', async () => {
  expect(await allAnchors()).toHaveLength(2)
  expect(await anchorIfDue(deps)).toBeUndefined()
  await write('ac63', 'member.suspend')
  expect(await anchorIfDue(deps)).toBeUndefined()
  nowMs += 3_600_000
  expect(await anchorIfDue(deps)).toBe(3)
  nowMs += 3_600_000
  expect(await anchorIfDue(deps)).toBeUndefined()
  await write('ac63', 'message.send')
  expect(await anchorIfDue(deps)).toBe(4)
  expect(await found()).toEqual(NOTHING)
})

test('numbers the anchors of two processes one after the other', async () => {
  nowMs += 3_600_000
  await write('ac63', 'member.suspend')
  const made = await Promise.all([anchorIfDue(deps), anchorIfDue(deps)])
  expect(made.filter((n) => n !== undefined)).toEqual([3])
})

describe('finds, by the anchors in the database alone,', () => {
  test.each<[string, (tx: Tx) => Promise<unknown>, object]>([
    [
      'a chain rewritten with new hashes',
      async (tx) => {
        await sql`update audit_entries set actor = 'user:u2' where scheme_id = 'ac63' and seq = 3`.execute(tx)
        await rehash(tx, 'ac63')
      },
      { chains: { ac63: { seq: 3, reason: 'rewritten' } }, anchors: [] },
    ],
    [
      'an entry taken out and the chain closed again',
      async (tx) => {
        await sql`delete from audit_entries where scheme_id = 'ac63' and seq = 1`.execute(tx)
        await rehash(tx, 'ac63')
      },
      { chains: { ac63: { seq: 1, reason: 'rewritten' } }, anchors: [] },
    ],
    [
      'an end cut off with the head set back',
      async (tx) => {
        await sql`delete from audit_entries where scheme_id = 'ac63' and seq > 2`.execute(tx)
        await rehash(tx, 'ac63')
      },
      { chains: { ac63: { seq: 3, reason: 'cut' } }, anchors: [] },
    ],
    [
      'the chain of the installation removed',
      async (tx) => {
        await sql`delete from audit_entries where scheme_id = ''`.execute(tx)
        await sql`delete from audit_heads where scheme_id = ''`.execute(tx)
      },
      { chains: { '': { seq: 1, reason: 'missing' } }, anchors: [] },
    ],
    [
      'a changed anchor',
      (tx) =>
        sql`update audit_anchors set statement = replace(statement, '"n":1', '"n": 1') where n = 1`.execute(
          tx,
        ),
      {
        chains: {},
        anchors: [
          { n: 1, reason: 'forged' },
          { n: 1, reason: 'differs' },
        ],
      },
    ],
    [
      'an anchor taken out',
      (tx) => sql`delete from audit_anchors where n = 1`.execute(tx),
      { chains: {}, anchors: [{ n: 1, reason: 'missing' }] },
    ],
    [
      'a changed reason',
      (tx) => sql`update audit_reasons set reason = 'Lezoux' where seq = 3`.execute(tx),
      { chains: { ac63: { seq: 3, reason: 'reason' } }, anchors: [] },
    ],
    [
      'a reason without its salt, as old ones are',
      (tx) => sql`update audit_reasons set reason = 'Lezoux', salt = null where seq = 3`.execute(tx),
      { chains: { ac63: { seq: 3, reason: 'reason' } }, anchors: [] },
    ],
    [
      'a reason given to an entry that had none',
      (tx) =>
        sql`insert into audit_reasons (scheme_id, seq, at, reason, salt) values ('ac63', 4, now(), 'Lezoux', 'x')`.execute(
          tx,
        ),
      { chains: { ac63: { seq: 4, reason: 'reason' } }, anchors: [] },
    ],
  ])('%s', async (_what, work, expected) => {
    expect(await found()).toEqual(NOTHING)
    await tamper(work)
    expect(await found()).toEqual(expected)
  })
})

test('finds a seal that another program signed', async () => {
  const sealed = {
    kind: 'orders',
    facts: { o1: ['2026-11-29T08:00:00.000Z', '', 'abc'] },
    keyId: deps.auditKeys.current?.id,
  }
  await acrossSchemes(database.db, (tx) =>
    recordAudit(tx, 'ac63', new Date(nowMs), {
      actor: 'system:seal',
      action: 'audit.seal',
      subject: 'scheme:ac63',
      details: { ...sealed, signature: deps.auditKeys.current?.sign('something else') },
    }),
  )
  expect(await found()).toEqual({ chains: { ac63: { seq: 5, reason: 'seal' } }, anchors: [] })
})

describe('the seal of a fact', () => {
  const facts = (digest: string, note = ''): SealKind => ({
    kind: 'payments',
    facts: sql`select 'ac63' as scheme_id, 'p1' as id, now() as at, ${note}::text as note, ${digest}::text as digest`,
    keptDays: () => null,
  })
  const seal = async (kind: SealKind) => {
    await sealDue(deps, [kind])
    const against = await readAgainst(deps, [kind])
    return (await verifyAudit(database.db, against)).find(({ schemeId }) => schemeId === 'ac63')?.facts
  }
  /** As an intruder who wants a changed fact to be sealed once more. */
  const forget = () => sql`delete from audit_seals`.execute(database.db)
  beforeEach(forget)

  test('is renewed when the change of the fact is noted', async () => {
    expect(await seal(facts('aaa'))).toBeUndefined()
    expect(await seal(facts('bbb', 'cancelled'))).toBeUndefined()
  })

  test('reports a change that is not noted, also after it is renewed', async () => {
    expect(await seal(facts('aaa'))).toBeUndefined()
    const fault = [{ kind: 'payments', id: 'p1', reason: 'changed' }]
    expect(await seal(facts('bbb'))).toEqual(fault)
    await forget()
    expect(await seal(facts('bbb'))).toEqual(fault)
  })
})

test('keeps the chain whole when a reason is erased', async () => {
  await acrossSchemes(database.db, (tx) => forgetReasons(tx, 'ac63', (text) => text.includes('Jeanne')))
  expect(await found()).toEqual(NOTHING)
})

describe('finds, by anchors kept outside,', () => {
  test('a history taken back with its anchors', async () => {
    const kept = await allAnchors()
    await tamper(async (tx) => {
      await sql`delete from audit_entries where scheme_id = 'ac63' and seq > 2`.execute(tx)
      await rehash(tx, 'ac63')
      await sql`delete from audit_anchors where n > 1`.execute(tx)
    })
    expect(await found()).toEqual(NOTHING)
    expect(await found(kept)).toEqual({
      chains: { ac63: { seq: 3, reason: 'cut' } },
      anchors: [{ n: 2, reason: 'missing' }],
    })
  })

  test('a history written anew with a foreign key', async () => {
    const kept = await allAnchors()
    const other = createAuditKeys({
      secret: { current: 'another secret, of somebody who has the database only' },
    })
    await tamper(async (tx) => {
      await sql`update audit_entries set actor = 'user:u2' where scheme_id = 'ac63' and seq = 2`.execute(tx)
      await rehash(tx, 'ac63')
      await sql`truncate audit_anchors`.execute(tx)
      await sql`update audit_heads set anchored_seq = 0`.execute(tx)
    })
    await anchorIfDue({ ...deps, auditKeys: other })
    expect(await found()).toEqual({ chains: {}, anchors: [{ n: 1, reason: 'unknown_key' }] })
    expect((await found(kept)).chains).toEqual({ ac63: { seq: 1, reason: 'rewritten' } })
  })

  test('nothing by lines that this installation did not sign', async () => {
    const [first] = await allAnchors()
    const forged = {
      ...(first as Anchor),
      statement: (first as Anchor).statement.replace('"ac63":[2', '"ac63":[9'),
    }
    expect(await found([forged])).toEqual(NOTHING)
    expect(parseAnchors(`Bonjour,\n\n${formatAnchor(first as Anchor)}\n{"not": "one"}\n{`)).toEqual([
      { statement: first?.statement, keyId: first?.keyId, signature: first?.signature },
    ])
  })
})

test('accepts what an earlier key signed once its public key is configured', async () => {
  const { privateKey } = generateKeyPairSync('ed25519')
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
  const before = deps.auditKeys.current?.publicKey ?? ''
  const renewed = createAuditKeys({ pem, publicKeys: [before] })
  nowMs += 3_600_000
  await write('ac63', 'member.suspend')
  expect(await anchorIfDue({ ...deps, auditKeys: renewed })).toBe(3)
  expect(await found([], renewed)).toEqual(NOTHING)
  expect((await found([], createAuditKeys({ pem }))).anchors).toEqual([
    { n: 1, reason: 'unknown_key' },
    { n: 2, reason: 'unknown_key' },
  ])
  // Without any key the chains are still compared with the anchors.
  expect(await found([], createAuditKeys({}))).toEqual(NOTHING)
})

test('adds every anchor to its file once, also those that it missed', async () => {
  const path = join(directory, 'anchors.jsonl')
  await createAnchorFile(path).add(database.db)
  nowMs += 3_600_000
  await write('ac63', 'member.suspend')
  await anchorIfDue(deps)
  const file = createAnchorFile(path)
  await file.add(database.db)
  await file.add(database.db)
  expect((await readAnchorFile(path)).map(({ statement }) => JSON.parse(statement).n)).toEqual([1, 2, 3])
  expect(await found(await readAnchorFile(path))).toEqual(NOTHING)
  expect(await readAnchorFile(join(directory, 'none'))).toEqual([])
})

test('mails the last anchor once a day to each address, until the server accepts it', async () => {
  const mails: OutgoingMail[] = []
  let isDown = true
  const mailer = {
    name: 'test',
    async send(mail: OutgoingMail) {
      if (isDown && mail.to === 'dpo@a.example') throw new Error('connection refused')
      if (mail.to === 'gone@d.example') throw new MailRefused(550)
      mails.push(mail)
    },
    close() {},
  }
  const config = {
    ...deps.config,
    audit: { ...deps.config.audit, anchorMails: ['dpo@a.example', 'ssi@b.example', 'gone@d.example'] },
  }
  const jobs = noteJobs()
  const all = { ...deps, config, mailer, jobs }
  await queueAnchorMails(all)
  await queueAnchorMails(all)
  const first = { n: 2, to: 'dpo@a.example' }
  const second = { n: 2, to: 'ssi@b.example' }
  const refused = { n: 2, to: 'gone@d.example' }
  expect(jobs.noted).toEqual([first, second, refused].map((payload) => ({ name: 'anchor.mail', payload })))
  await expect(sendAnchorMail(all, first)).rejects.toMatchObject({ code: 'source_unreachable' })
  await sendAnchorMail(all, second)
  // Not tried again: it throws nothing.
  await sendAnchorMail(all, refused)
  isDown = false
  await sendAnchorMail(all, first)
  await sendAnchorMail(all, { n: 2, to: 'left@c.example' })
  expect(mails.map(({ to }) => to)).toEqual(['ssi@b.example', 'dpo@a.example'])
  const attached = new TextDecoder().decode(mails[0]?.attachments[0]?.content)
  expect(await found(parseAnchors(attached))).toEqual(NOTHING)
  expect(mails[0]?.subject).toMatch(/ancre 2$/)
  nowMs += 24 * 3_600_000
  await write('ac63', 'member.suspend')
  await anchorIfDue(deps)
  await queueAnchorMails(all)
  expect(jobs.noted).toHaveLength(6)
})

test('exports a log that a script verifies without a database', async () => {
  const path = join(directory, 'log.jsonl')
  const lines = await collect(exportBundle(deps, 'ac63'))
  const key = deps.auditKeys.current?.publicKey ?? ''
  const check = (content: readonly string[], outside: readonly Anchor[] = []) => {
    writeFileSync(path, `${content.join('\n')}\n`)
    const kept = join(directory, 'kept.jsonl')
    writeFileSync(kept, outside.map(formatAnchor).join('\n'))
    const args = ['scripts/verify-audit-bundle.mjs', path, '--key', key, '--anchors', kept]
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
    return { status, output: stdout + stderr }
  }
  expect(check(lines)).toEqual({ status: 0, output: '4 entries, 2 anchors: intact.\n' })
  expect(readFileSync(path, 'utf8')).not.toContain('Jeanne')
  expect(readFileSync(path, 'utf8')).not.toContain('203.0.113')
  // A file of before networks were recorded has no such field; one whose field was taken out is another.
  const withoutNetworks = lines.map((line) => line.replace(/"networkDigest":(?:null|"\w+"),/, ''))
  expect(check(withoutNetworks).output).toBe('the file was changed\nentry 3 was changed, moved or removed\n')
  const changed = lines.map((line) => line.replace('alert.stop', 'alert.end'))
  expect(check(changed)).toEqual({
    status: 1,
    output: 'the file was changed\nentry 3 was changed, moved or removed\n',
  })
  expect(check(lines.toSpliced(4, 1)).status).toBe(1)
  expect(check(lines.slice(0, -1)).status).toBe(1)
  // Anchors that are kept outside go on after the export; those made before it must be in it.
  nowMs += 3_600_000
  await write('ac63', 'alert.broadcast')
  await anchorIfDue(deps)
  expect(check(lines, await allAnchors())).toEqual({
    status: 0,
    output: 'Anchors made after this file, left out: 1.\n4 entries, 2 anchors: intact.\n',
  })
  const kept = await allAnchors()
  await tamper(async (tx) => {
    await sql`delete from audit_entries where scheme_id = 'ac63' and seq > 4`.execute(tx)
    await rehash(tx, 'ac63')
    await sql`delete from audit_anchors where n > 2`.execute(tx)
  })
  nowMs += 60_000
  expect(check(await collect(exportBundle(deps, 'ac63')), kept)).toEqual({
    status: 1,
    output: 'entry 5 was anchored and is missing\n',
  })
  await expect(collect(exportBundle(deps, 'none'))).rejects.toMatchObject({ code: 'unknown_scheme' })
})
