import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../test/support/database.ts'
import { actorOf, authors, testDeps } from '../../test/support/deps.ts'
import { idOf, seedSchemes } from '../../test/support/fixtures.ts'
import { asTableOwner } from '../../test/support/table-owner.ts'
import type { Deps } from '../deps.ts'
import type { Actor } from '../permissions.ts'
import { acrossSchemes, type Database, inScheme } from '../platform/db.ts'
import { type AuditDeps, checkChainNow, exportAudit, getChain, listAudit } from './actions.ts'
import { NO_SCHEME } from './chain.ts'
import { checkDueChains } from './checks.ts'
import { AuditQuery, InstallationAuditQuery } from './contract.ts'
import { purgeReads, recordRead } from './reads.ts'
import { recordAudit } from './record.ts'

const chamber = actorOf('chamber', 'ac63')
const chief = actorOf('chief', 'ac63')
const HASH = 'a'.repeat(64)
describe.each(usualKinds)('the audit record on %s', (kind) => {
  let database: Database
  let deps: AuditDeps & Pick<Deps, 'log'>
  const clock = new Date('2026-06-02T10:00:00Z')
  const entries = [
    [
      '2026-05-30T21:30:00Z',
      'user:u1',
      'alert.submit',
      `alert:${idOf(1)}`,
      { version: 1, contentHash: HASH },
    ],
    [
      '2026-05-30T22:30:00Z',
      'user:u2',
      'alert.approve',
      `alert:${idOf(1)}`,
      { reference: 'R', contentHash: HASH },
    ],
    ['2026-05-31T10:00:00Z', `contact:${idOf(9)}`, 'report.create', `report:${idOf(2)}`, { member: idOf(8) }],
    ['2026-05-31T11:00:00Z', `contact:${idOf(9)}`, 'member.correct', `member:${idOf(8)}`, {}],
    ['2026-06-01T10:00:00Z', 'system:clock', 'data.purge', 'scheme:ac63', { kind: 'look', removed: 3 }],
    ['2026-06-01T11:00:00Z', 'user:u1', 'member.export', 'scheme:ac63', { members: 12 }],
  ] as const
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    deps = { ...testDeps(database, { now: () => clock }), authors, seals: [] }
    await sql`insert into "user" (id, name, email) values ('u1', 'Marc Vidal', 'a@example.org'), ('u2', 'Anne Roy', 'b@example.org'),
        ('u3', 'Idle', 'c@example.org'), ('u4', 'Elsewhere', 'd@example.org')`.execute(database.db)
    await sql`insert into grants (user_id, scheme_id, role) values ('u1', 'ac63', 'chief'), ('u3', 'ac63', 'chief')`.execute(
      database.db,
    )
    await acrossSchemes(database.db, async (tx) => {
      for (const [at, actor, action, subject, details] of entries)
        await recordAudit(tx, 'ac63', new Date(at), { actor, action, subject, details })
      await recordAudit(tx, 'ac39', clock, { actor: 'user:u4', action: 'member.import', subject: 'file:x' })
    })
  })
  afterAll(() => database.close())

  const listEntries = (query: Record<string, unknown> = {}, actor = chief) =>
    listAudit(deps, actor, 'ac63', AuditQuery.parse(query))
  const listActions = async (query: Record<string, unknown>, actor = chief) =>
    (await listEntries(query, actor)).entries.map(({ action }) => action)

  test('is read a page at a time, the latest first, each entry once', async () => {
    const seen: number[] = []
    let before: number | undefined
    for (let pages = 0; pages < 10; pages++) {
      const page = await listEntries({ limit: 4, ...(before === undefined ? {} : { before }) })
      expect(page.actors === null).toBe(before !== undefined)
      seen.push(...page.entries.map(({ seq }) => seq))
      if (page.next === null) break
      before = page.next
    }
    expect(seen).toEqual([6, 5, 4, 3, 2, 1])
    const { entries: first, actors } = await listEntries({ limit: 1 })
    expect(first[0]).toMatchObject({
      actor: { kind: 'user', name: 'Marc Vidal' },
      subject: 'scheme:ac63',
      details: { members: 12 },
      hidden: false,
    })
    // The authors are those who acted in this scheme, whatever role they have now.
    expect(actors).toEqual([
      { id: 'u2', name: 'Anne Roy' },
      { id: 'u1', name: 'Marc Vidal' },
    ])
  })

  test('is filtered by action, author and day in France', async () => {
    expect(await listActions({ action: 'data.purge' })).toEqual(['data.purge'])
    expect(await listActions({ actor: 'u1' })).toEqual(['member.export', 'alert.submit'])
    expect(await listActions({ actor: 'system' })).toEqual(['data.purge'])
    expect(await listActions({ actor: 'contact' })).toEqual(['member.correct', 'report.create'])
    // Half past midnight in France is the next day.
    expect(await listActions({ from: '2026-05-31', to: '2026-05-31' })).toEqual([
      'member.correct',
      'report.create',
      'alert.approve',
    ])
    expect(await listActions({ to: '2026-05-30' })).toEqual(['alert.submit'])
    expect(AuditQuery.safeParse({ action: 'nonsense' }).success).toBe(false)
  })

  test('hides from the chamber what a text said and which merchant reported', async () => {
    const { entries: seen } = await listEntries({}, chamber)
    expect(seen).toHaveLength(entries.length)
    expect(
      seen.filter(({ hidden }) => hidden).map(({ action, details, actor }) => [action, details, actor.kind]),
    ).toEqual([
      ['report.create', {}, 'hidden'],
      ['alert.approve', {}, 'user'],
      ['alert.submit', {}, 'user'],
    ])
    expect(JSON.stringify(seen)).not.toContain(HASH)
    expect(JSON.stringify(seen)).not.toContain(idOf(9))
    // A filter must not reveal it either.
    expect(await listActions({ actor: 'contact' }, chamber)).toEqual(['member.correct'])
    expect(await listActions({ actor: 'contact', action: 'report.create' }, chamber)).toEqual([])
    const whole = JSON.stringify((await listEntries()).entries)
    expect(whole).toContain(HASH)
    for (const role of ['operator', 'trade_chamber', 'magistrate'] as const)
      await expect(
        listEntries({}, actorOf(role, 'ac63', role === 'trade_chamber' ? { trades: ['bakeries'] } : {})),
      ).rejects.toMatchObject({ code: 'forbidden' })
    await expect(listEntries({}, actorOf('chamber', 'ac39'))).rejects.toMatchObject({
      code: 'unknown_scheme',
    })
  })

  test('exports as CSV and records the export with its number of entries', async () => {
    const csv = async (actor: typeof chief, to = '2026-06-01') => {
      let text = ''
      for await (const piece of await exportAudit(deps, actor, 'ac63', { to }, 'fr')) text += piece
      return text
    }
    const whole = await csv(chief)
    // The header and the end of the last line; the entry of the export itself, written the same day, is not in it.
    expect(whole.split('\r\n')).toHaveLength(entries.length + 2)
    expect(whole).not.toContain('audit.export')
    expect(whole).toContain('Marc Vidal;member.export')
    expect(whole).toContain('2026-05-31 00:30:00')
    const masked = await csv(chamber)
    expect(masked).not.toContain(HASH)
    expect(masked).toContain('Auteur caché;report.create')
    const [latest] = (await listEntries({ action: 'audit.export' })).entries
    expect(latest?.details).toEqual({ to: '2026-06-01', entries: entries.length })
    // The CSV has as many lines as the record counts, although the export happened within the same days.
    const today = await csv(chief, '2026-06-02')
    const [again] = (await listEntries({ action: 'audit.export' })).entries
    expect(again?.details).toEqual({ to: '2026-06-02', entries: entries.length + 2 })
    expect(today.split('\r\n')).toHaveLength(entries.length + 2 + 2)
    expect((await csv(chief, '2020-01-01')).split('\r\n')).toHaveLength(2)
  })

  test('shows from which network a person acted, except of a merchant who reported', async () => {
    await inScheme(database.db, 'ac39', async (tx) => {
      await recordAudit(tx, 'ac39', clock, {
        actor: `contact:${idOf(9)}`,
        action: 'report.create',
        subject: `report:${idOf(3)}`,
        network: '203.0.113.0/24',
      })
      await recordAudit(tx, 'ac39', clock, {
        actor: 'user:u4',
        action: 'member.export',
        subject: 'scheme:ac39',
        network: '2001:db8:1::/48',
      })
    })
    const seen = async (role: 'chief' | 'chamber') => {
      const actor = actorOf(role, 'ac39')
      const { entries: of } = await listAudit(deps, actor, 'ac39', AuditQuery.parse({ limit: 2 }))
      let csv = ''
      for await (const piece of await exportAudit(deps, actor, 'ac39', { action: 'report.create' }, 'fr'))
        csv += piece
      return [of.map(({ network }) => network), csv.includes('203.0.113.0/24'), csv.includes(';Réseau\r\n')]
    }
    expect(await seen('chamber')).toEqual([['2001:db8:1::/48', null], false, true])
    // The export of the chamber came last.
    expect((await seen('chief'))[1]).toBe(true)
    const { entries: of } = await listAudit(
      deps,
      actorOf('chief', 'ac39'),
      'ac39',
      AuditQuery.parse({ action: 'report.create' }),
    )
    expect(of[0]?.network).toBe('203.0.113.0/24')
  })

  test('counts a person who enrols as a merchant', async () => {
    await inScheme(database.db, 'ac39', (tx) =>
      recordAudit(tx, 'ac39', clock, {
        actor: `enrolment:${idOf(5)}`,
        action: 'enrolment.submit',
        subject: `enrolment:${idOf(5)}`,
      }),
    )
    const { entries: seen } = await listAudit(
      deps,
      actorOf('chamber', 'ac39'),
      'ac39',
      AuditQuery.parse({ actor: 'contact' }),
    )
    expect(seen.map(({ action, actor }) => [action, actor.kind])).toEqual([['enrolment.submit', 'contact']])
  })

  test('reports whether the chain is intact and where it is broken', async () => {
    const { entries: count, broken } = await getChain(deps, chamber, 'ac63')
    expect([count, broken]).toEqual([entries.length + 4, null])
    await expect(getChain(deps, actorOf('operator', 'ac63'), 'ac63')).rejects.toMatchObject({
      code: 'forbidden',
    })
    await asTableOwner(database, async (tx) => {
      await sql`alter table audit_entries disable trigger audit_entries_append_only`.execute(tx)
      await sql`update audit_entries set details = '{"members": 1}' where scheme_id = 'ac63' and seq = 6`.execute(
        tx,
      )
      await sql`alter table audit_entries enable trigger audit_entries_append_only`.execute(tx)
    })
    // The result of the last check stays, with its time, until another check is made.
    const whole = {
      checkedAt: clock.toISOString(),
      entries: entries.length + 4,
      entriesNow: entries.length + 4,
      broken: null,
      anchoredAt: null,
      anchorProblems: 0,
      facts: [],
    }
    expect(await getChain(deps, chief, 'ac63')).toEqual(whole)
    await acrossSchemes(database.db, (tx) =>
      recordAudit(tx, 'ac63', clock, { actor: 'user:u1', action: 'member.export', subject: 'scheme:ac63' }),
    )
    expect(await getChain(deps, chief, 'ac63')).toEqual({ ...whole, entriesNow: whole.entriesNow + 1 })
    const later = { ...deps, now: () => new Date(clock.getTime() + 60_000) }
    const found = {
      checkedAt: later.now().toISOString(),
      entries: 5,
      entriesNow: whole.entriesNow + 1,
      broken: { seq: 6, reason: 'changed' },
      anchoredAt: null,
      anchorProblems: 0,
      facts: [],
    }
    expect(await checkChainNow(later, chief, 'ac63')).toEqual(found)
    expect(await getChain(deps, chief, 'ac63')).toEqual(found)
    await expect(checkChainNow(deps, actorOf('operator', 'ac63'), 'ac63')).rejects.toMatchObject({
      code: 'forbidden',
    })
    expect((await getChain(deps, actorOf('chamber', 'ac39'), 'ac39')).broken).toBeNull()
  })

  test('checks anew a record of which the last check covers less than half', async () => {
    const other = actorOf('chamber', 'ac39')
    const { entries: before } = await getChain(deps, other, 'ac39')
    await acrossSchemes(database.db, async (tx) => {
      for (let n = 0; n <= before; n++)
        await recordAudit(tx, 'ac39', clock, {
          actor: 'user:u4',
          action: 'member.export',
          subject: 'scheme:ac39',
        })
    })
    const whole = 2 * before + 1
    expect(await getChain(deps, other, 'ac39')).toMatchObject({ entries: whole, entriesNow: whole })
  })
  test('records once an hour what a user read, and nothing that the program reads', async () => {
    const read = (actor: Actor, minutes: number, subject = 'report:r1') =>
      inScheme(database.db, 'ac39', (tx) =>
        recordRead(tx, 'ac39', new Date(clock.getTime() + minutes * 60_000), actor, {
          action: 'report.read',
          subject,
        }),
      )
    const operator = actorOf('operator', 'ac39')
    for (const minutes of [0, 10, 59, 60, 61]) await read(operator, minutes)
    await read(operator, 61, 'report:r2')
    await read(actorOf('chief', 'ac39'), 61)
    await read({ kind: 'system', name: 'test' }, 61)
    const { rows } = await sql<{ actor: string; subject: string; at: Date }>`
      select actor, subject, at from audit_entries where scheme_id = 'ac39' and action = 'report.read' order by seq`.execute(
      database.db,
    )
    expect(rows.map(({ subject, at }) => [subject, (at.getTime() - clock.getTime()) / 60_000])).toEqual([
      ['report:r1', 0],
      ['report:r1', 60],
      ['report:r2', 61],
      ['report:r1', 61],
    ])
    await purgeReads(database.db, new Date(clock.getTime() + 121 * 60_000))
    expect(await database.db.selectFrom('auditReads').select('subject').execute()).toHaveLength(2)
    await purgeReads(database.db, new Date(clock.getTime() + 122 * 60_000))
    expect(await database.db.selectFrom('auditReads').select('subject').execute()).toEqual([])
  })

  test('checks each chain once a day and logs a broken one without personal data', async () => {
    const logged: unknown[] = []
    const at = (hours: number) => ({
      ...deps,
      now: () => new Date(clock.getTime() + hours * 3_600_000),
      log: { ...deps.log, error: (...line: unknown[]) => void logged.push(line) },
    })
    await sql`delete from audit_checks`.execute(database.db)
    // The chains of the two schemes, and that of the installation.
    expect(await checkDueChains(at(1))).toBe(3)
    expect(await checkDueChains(at(20))).toBe(0)
    expect(await checkDueChains(at(22))).toBe(3)
    const line = [{ schemeId: 'ac63', seq: 6, reason: 'changed' }, 'the audit record was altered']
    expect(logged).toEqual([line, line])
    expect((await getChain(deps, actorOf('chamber', 'ac39'), 'ac39')).checkedAt).toBe(
      at(22).now().toISOString(),
    )
  })

  describe('of the installation', () => {
    const admin = actorOf('admin', 'ac39')
    const list = (query: Record<string, unknown> = {}, actor: Actor = admin) =>
      listAudit(deps, actor, NO_SCHEME, InstallationAuditQuery.parse(query))
    beforeAll(() =>
      acrossSchemes(database.db, async (tx) => {
        const subject = 'user:u2'
        await recordAudit(tx, NO_SCHEME, new Date('2026-06-01T21:00:00Z'), {
          actor: 'user:u1',
          action: 'user.disable',
          subject,
          reason: 'départ',
        })
        await recordAudit(tx, NO_SCHEME, new Date('2026-06-01T23:00:00Z'), {
          actor: subject,
          action: 'session.open',
          subject,
        })
        await recordAudit(tx, NO_SCHEME, clock, {
          actor: 'system:start',
          action: 'config.change',
          subject: 'config',
          details: { changed: ['mail'] },
        })
      }),
    )

    test('is read by the administrator of the platform, with the account that an act is about', async () => {
      const { entries: seen, actors, next } = await list()
      expect(seen.map(({ action, actor, of, details }) => [action, actor.kind, of, details])).toEqual([
        ['config.change', 'system', null, { changed: ['mail'] }],
        // An act on one's own account names it once.
        ['session.open', 'user', null, {}],
        ['user.disable', 'user', 'Anne Roy', { reason: 'départ' }],
      ])
      expect(next).toBeNull()
      expect(actors).toEqual([
        { id: 'u2', name: 'Anne Roy' },
        { id: 'u1', name: 'Marc Vidal' },
      ])
      expect((await list({ action: 'config.change' })).entries).toHaveLength(1)
      expect((await list({ actor: 'u1' })).entries.map(({ action }) => action)).toEqual(['user.disable'])
      // Eleven at night in UTC is the next day in France.
      expect((await list({ to: '2026-06-01' })).entries.map(({ action }) => action)).toEqual(['user.disable'])
      const first = await list({ limit: 1 })
      expect((await list({ limit: 2, before: first.next })).entries.map(({ seq }) => seq)).toEqual([2, 1])
      // The chain of a scheme has none of these, and its filter does not name them.
      expect(AuditQuery.safeParse({ action: 'session.open' }).success).toBe(false)
      expect(InstallationAuditQuery.safeParse({ action: 'alert.broadcast' }).success).toBe(false)
    })

    test('is closed to every role in a scheme, as the log of a scheme is to the administrator', async () => {
      for (const role of ['operator', 'chief', 'magistrate', 'chamber', 'trade_chamber'] as const) {
        const actor = actorOf(role, 'ac63', role === 'trade_chamber' ? { trades: ['bakeries'] } : {})
        for (const act of [
          () => list({}, actor),
          () => getChain(deps, actor, NO_SCHEME),
          () => checkChainNow(deps, actor, NO_SCHEME),
          () => exportAudit(deps, actor, NO_SCHEME, {}, 'fr'),
        ])
          await expect(act()).rejects.toMatchObject({ code: 'forbidden' })
      }
      await expect(listEntries({}, actorOf('admin', 'ac63'))).rejects.toMatchObject({ code: 'forbidden' })
    })

    test('exports as CSV, and the export is recorded in it', async () => {
      let text = ''
      for await (const piece of await exportAudit(deps, admin, NO_SCHEME, { to: '2026-06-01' }, 'fr'))
        text += piece
      expect(text.split('\r\n')).toHaveLength(3)
      expect(text).toContain('2026-06-01 23:00:00;Marc Vidal;user.disable;user:u2')
      const [latest] = (await list({ action: 'audit.export' })).entries
      expect(latest).toMatchObject({ subject: 'installation', details: { to: '2026-06-01', entries: 1 } })
    })

    test('is checked each day, and the result is stored and shown', async () => {
      const hours = (count: number) => ({
        ...deps,
        now: () => new Date(clock.getTime() + count * 3_600_000),
        log: { ...deps.log, error: () => {} },
      })
      await checkDueChains(hours(50))
      const whole = {
        checkedAt: hours(50).now().toISOString(),
        entries: 4,
        entriesNow: 4,
        broken: null,
      }
      expect(await getChain(hours(51), admin, NO_SCHEME)).toMatchObject(whole)
      await asTableOwner(database, async (tx) => {
        await sql`alter table audit_entries disable trigger audit_entries_append_only`.execute(tx)
        await sql`update audit_entries set subject = 'user:u3' where scheme_id = '' and seq = 2`.execute(tx)
        await sql`alter table audit_entries enable trigger audit_entries_append_only`.execute(tx)
      })
      await checkDueChains(hours(60))
      expect(await getChain(hours(60), admin, NO_SCHEME)).toMatchObject(whole)
      await checkDueChains(hours(71))
      const broken = { seq: 2, reason: 'changed' }
      expect(await getChain(hours(71), admin, NO_SCHEME)).toMatchObject({ entries: 1, broken })
      expect(await checkChainNow(hours(72), admin, NO_SCHEME)).toMatchObject({ entries: 1, broken })
    })
  })
})
