import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../test/support/database.ts'
import { testDeps } from '../../test/support/deps.ts'
import { asTableOwner } from '../../test/support/table-owner.ts'
import { auditCommand } from '../commands/audit/audit.ts'
import { type Database, inScheme, type Tx } from '../platform/db.ts'
import { runFromNetwork } from '../platform/http/caller-network.ts'
import { type AuditEntry, recordAudit, recordAudits } from './record.ts'
import { verifyAudit, verifySchemeAudit } from './verify.ts'

const NO_ANCHOR =
  'No anchor: entries rewritten with new hashes would go unnoticed. The server makes one within an hour.\n'

describe.each(usualKinds)('the audit chain on %s', (kind) => {
  let database: Database
  beforeAll(async () => {
    database = await testDatabase(kind)
    await sql`insert into schemes (id, name, territory, reference_prefix, trades, sender, closing_advice, created_at)
      select id, id, '{}', '63', '{}', 'X', '', now() from unnest(array['ac39', 'ac63']) id`.execute(
      database.db,
    )
  })
  afterAll(() => database.close())

  beforeEach(async () => {
    await tamper(async (tx) => {
      await sql`truncate audit_entries, audit_heads, audit_reasons, audit_networks`.execute(tx)
    })
    for (let i = 1; i <= 6; i++) {
      await inScheme(database.db, 'ac63', (tx) =>
        recordAudit(tx, 'ac63', new Date(1_700_000_000_000 + i), {
          actor: 'user:u1',
          action: 'alert.broadcast',
          subject: `alert:${i}`,
          details: { i, nested: { z: 1, a: [1, { y: 2, x: 1 }] } },
        }),
      )
    }
    await inScheme(database.db, 'ac39', (tx) =>
      recordAudit(tx, 'ac39', new Date(), {
        actor: 'system:cli',
        action: 'scheme.load',
        subject: 'scheme:ac39',
      }),
    )
  })

  /** Changes rows as an intruder with the owner's rights would: with the trigger that forbids it switched off. */
  function tamper(work: (tx: Tx) => Promise<unknown>): Promise<void> {
    return asTableOwner(database, async (tx) => {
      await sql`alter table audit_entries disable trigger audit_entries_append_only`.execute(tx)
      await work(tx)
      await sql`alter table audit_entries enable trigger audit_entries_append_only`.execute(tx)
    })
  }

  async function brokenAt() {
    return Object.fromEntries((await verifyAudit(database.db)).map((chain) => [chain.schemeId, chain.broken]))
  }

  test('verifies as written', async () => {
    expect(await verifyAudit(database.db)).toEqual([
      { schemeId: 'ac39', entries: 1 },
      { schemeId: 'ac63', entries: 6 },
    ])
  })

  test.each([
    [
      'a changed field',
      `update audit_entries set actor = 'user:u2' where seq = 3 and scheme_id = 'ac63'`,
      3,
      'changed',
    ],
    [
      'a changed detail',
      `update audit_entries set details = jsonb_set(details, '{nested,a,1,x}', '9') where seq = 4 and scheme_id = 'ac63'`,
      4,
      'changed',
    ],
    [
      'a changed instant',
      `update audit_entries set at = at + interval '1 ms' where seq = 2 and scheme_id = 'ac63'`,
      2,
      'changed',
    ],
    ['a removed entry', `delete from audit_entries where seq = 2 and scheme_id = 'ac63'`, 2, 'missing'],
    ['a removed first entry', `delete from audit_entries where seq = 1 and scheme_id = 'ac63'`, 1, 'missing'],
    [
      'a removed entry with the later ones renumbered',
      `delete from audit_entries where seq = 3 and scheme_id = 'ac63';
       update audit_entries set seq = seq - 1 where seq > 3 and scheme_id = 'ac63'`,
      3,
      'changed',
    ],
    [
      'two exchanged entries',
      `update audit_entries set seq = seq + 100 where seq in (4, 5) and scheme_id = 'ac63';
       update audit_entries set seq = case seq when 104 then 5 else 4 end where seq > 100 and scheme_id = 'ac63'`,
      4,
      'changed',
    ],
    ['removed last entries', `delete from audit_entries where seq > 4 and scheme_id = 'ac63'`, 5, 'cut'],
    ['the removal of all entries', `delete from audit_entries where scheme_id = 'ac63'`, 1, 'cut'],
    [
      'an entry added outside the chain',
      `insert into audit_entries select scheme_id, 7, at, actor, action, subject, details, hash, prev_hash
       from audit_entries where seq = 6 and scheme_id = 'ac63'`,
      7,
      'changed',
    ],
    [
      'a chain removed with its head',
      `delete from audit_entries where scheme_id = 'ac63'; delete from audit_heads where scheme_id = 'ac63'`,
      1,
      'missing',
    ],
    ['a removed head', `delete from audit_heads where scheme_id = 'ac63'`, 1, 'unexpected'],
  ])('finds %s', async (_what, statements, seq, reason) => {
    await tamper((tx) => sql.raw(statements).execute(tx))
    expect(await brokenAt()).toEqual({ ac39: undefined, ac63: { seq, reason } })
  })

  test('makes the command print the position and exit with 1', async () => {
    const run = async () => {
      let output = ''
      const write = (text: string) => {
        output += text
      }
      const io = { lang: 'en', stdout: write, stderr: write, progress() {} } as const
      const code = await auditCommand.run(testDeps(database), ['verify'], new Map(), io)
      return { code, output }
    }
    expect(await run()).toEqual({
      code: 0,
      output: `ac39: one entry, chain intact.\nac63: 6 entries, chain intact.\n${NO_ANCHOR}`,
    })
    await tamper((tx) => sql`delete from audit_entries where seq = 2 and scheme_id = 'ac63'`.execute(tx))
    expect(await run()).toEqual({
      code: 1,
      output: `ac39: one entry, chain intact.\nac63: chain broken at entry 2 (removed).\n${NO_ANCHOR}`,
    })
  })

  describe('with many pages', () => {
    /** More than three pages of 500. */
    const MANY = 1503
    beforeEach(async () => {
      const entries = Array.from({ length: MANY - 6 }, (_, i) => ({
        at: new Date(1_700_000_000_000 + i),
        actor: 'user:u1',
        action: 'alert.broadcast' as const,
        subject: `alert:${i}`,
      }))
      await inScheme(database.db, 'ac63', (tx) => recordAudits(tx, 'ac63', entries))
    })

    test.each([
      ['no change', `select 1`, undefined],
      [
        'a changed last entry of a page',
        `update audit_entries set actor = 'x' where seq = 500`,
        500,
        'changed',
      ],
      [
        'a changed first entry of a page',
        `update audit_entries set actor = 'x' where seq = 501`,
        501,
        'changed',
      ],
      ['a removed last entry of a page', `delete from audit_entries where seq = 1000`, 1000, 'missing'],
      ['a removed first entry of a page', `delete from audit_entries where seq = 1001`, 1001, 'missing'],
      ['a removed page', `delete from audit_entries where seq between 501 and 1000`, 501, 'missing'],
      ['a chain cut at the end of a page', `delete from audit_entries where seq > 1000`, 1001, 'cut'],
      ['a chain cut within a page', `delete from audit_entries where seq > 1502`, 1503, 'cut'],
      [
        'a head that names an earlier entry',
        `update audit_heads set seq = 1500, hash = (select hash from audit_entries where seq = 1500 and scheme_id = 'ac63') where scheme_id = 'ac63'`,
        1503,
        'unexpected',
      ],
    ])('finds %s, also at the border between pages', async (_what, statement, seq, reason?) => {
      await tamper((tx) => sql.raw(statement).execute(tx))
      expect((await brokenAt()).ac63).toEqual(seq === undefined ? undefined : { seq, reason })
    })

    test('lets other writes in between its pages and does not report their entries as unexpected', async () => {
      let done = false
      const walk = verifySchemeAudit(database.db, 'ac63').finally(() => {
        done = true
      })
      let added = 0
      while (!done) {
        await inScheme(database.db, 'ac63', (tx) =>
          recordAudit(tx, 'ac63', new Date(), {
            actor: 'user:u1',
            action: 'alert.end',
            subject: `alert:${added}`,
          }),
        )
        added++
      }
      expect(added).toBeGreaterThan(database.embedded ? 2 : 0)
      const { entries, broken } = await walk
      expect(broken).toBeUndefined()
      expect(entries).toBeGreaterThanOrEqual(MANY)
      expect(entries).toBeLessThanOrEqual(MANY + added)
    })
  })

  test('finds a changed network, and none where networks were deleted after their time', async () => {
    const network = '192.0.2.0/24'
    const by = (actor: string, more: object = {}) =>
      inScheme(database.db, 'ac63', (tx) =>
        recordAudit(tx, 'ac63', new Date(), { actor, action: 'alert.stop', subject: 'alert:1', ...more }),
      )
    await runFromNetwork(network, async () => {
      await by('user:u1')
      await by('user:u1', { reason: 'fausse alerte' })
      await by('system:clock')
    })
    await by('user:u1')
    const { rows } = await sql`select seq::int, network from audit_networks order by seq`.execute(database.db)
    // Not of the program, nor of work that no request caused.
    expect(rows).toEqual([
      { seq: 7, network },
      { seq: 8, network },
    ])
    expect((await brokenAt()).ac63).toBeUndefined()
    const change = (statement: string) => tamper((tx) => sql.raw(statement).execute(tx))
    await change(`update audit_networks set network = '198.51.100.0/24' where seq = 8`)
    expect((await brokenAt()).ac63).toEqual({ seq: 8, reason: 'network' })
    await change('delete from audit_networks where seq = 8')
    expect((await brokenAt()).ac63).toBeUndefined()
    await change(`insert into audit_networks values ('ac63', 9, now(), '198.51.100.0/24', 'x')`)
    expect((await brokenAt()).ac63).toEqual({ seq: 9, reason: 'network' })
    await change('delete from audit_networks')
    expect((await brokenAt()).ac63).toBeUndefined()
    await change('update audit_entries set network_digest = null where seq = 7')
    expect((await brokenAt()).ac63).toEqual({ seq: 7, reason: 'changed' })
  })

  test('refuses an action that is not listed', async () => {
    const write = (action: AuditEntry['action']) =>
      inScheme(database.db, 'ac39', (tx) =>
        recordAudit(tx, 'ac39', new Date(), { actor: 'user:u1', action, subject: 'scheme:ac39' }),
      )
    await write('scheme.load')
    // @ts-expect-error the action is in no list, so neither the filter nor a screen has a name for it.
    await write('scheme.unheard_of')
  })

  test('refuses plain updates and deletes, even by the owner', async () => {
    for (const statement of [
      'update audit_entries set actor = $$x$$',
      'delete from audit_entries',
      'truncate audit_entries',
    ]) {
      const byOwner = expect(asTableOwner(database, (tx) => sql.raw(statement).execute(tx))).rejects
      await byOwner.toThrow(/append-only/)
      await expect(sql.raw(statement).execute(database.db)).rejects.toThrow(/permission denied/)
      await expect(inScheme(database.db, 'ac63', (tx) => sql.raw(statement).execute(tx))).rejects.toThrow()
    }
    expect(await brokenAt()).toEqual({ ac39: undefined, ac63: undefined })
  })

  test('keeps one order for entries written concurrently', async () => {
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        inScheme(database.db, 'ac63', (tx) =>
          recordAudit(tx, 'ac63', new Date(), { actor: 'user:u1', action: 'alert.end', subject: `y:${i}` }),
        ),
      ),
    )
    expect(await verifyAudit(database.db)).toContainEqual({ schemeId: 'ac63', entries: 26 })
  })
})
