import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase } from '../../../test/support/database.ts'
import { actorOf, testDeps } from '../../../test/support/deps.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../../test/support/fixtures.ts'
import { changeMembers } from '../../changes/actions.ts'
import { mergeMembers, undoMerge } from '../../changes/merge/actions.ts'
import { undoChange } from '../../changes/undo.ts'
import type { Deps } from '../../deps.ts'
import { importMembers } from '../../imports/import/import.ts'
import { lockMemberList, lockMemberWrites } from '../../members/store.ts'
import { type Database, inScheme, type Tx } from '../../platform/db.ts'
import { lockDues } from '../ledger/ledger.ts'

const chamber = actorOf('chamber', 'ac63')

// The embedded database has one connection, so nothing waits there.
describe('the order of locks', () => {
  let database: Database
  let deps: Deps
  beforeAll(async () => {
    database = await testDatabase('postgres')
    await seedSchemes(database)
    await seedMembers(
      database.db,
      'ac63',
      [1, 2, 3].map((n) => ({ id: idOf(n), name: 'Alpha', phones: [phoneOf(n)] })),
    )
    deps = testDeps(database)
  })
  afterAll(() => database.close())

  /**
   * Runs `work` while another transaction holds the lock of the dues; it must wait there without blocking writers of
   * contacts.
   */
  async function waitsFirst<T>(work: () => Promise<T>): Promise<T> {
    let done: Promise<T> | undefined
    await inScheme(database.db, 'ac63', async (tx) => {
      await lockDues(tx, 'ac63')
      done = work()
      await expect.poll(() => isAwaited(tx)).toBe(true)
      const { rows } = await sql<{ free: boolean }>`
        select pg_try_advisory_xact_lock(hashtextextended('contacts:ac63', 0)) as free`.execute(tx)
      expect(rows).toEqual([{ free: true }])
    })
    return done as Promise<T>
  }
  async function isAwaited(tx: Tx): Promise<boolean> {
    const { rows } = await sql`
      select from pg_locks where locktype = 'advisory' and not granted
        and database = (select oid from pg_database where datname = current_database())`.execute(tx)
    return rows.length > 0
  }

  test('a merge, its undo, and the undo of a change wait for the dues before they lock member writes', async () => {
    const input = { kept: idOf(1), merged: idOf(2), take: {} }
    const { id } = await waitsFirst(() => mergeMembers(deps, chamber, 'ac63', input))
    await waitsFirst(() => undoMerge(deps, chamber, 'ac63', id))
    const { change } = await changeMembers(deps, chamber, 'ac63', {
      action: { kind: 'suspend', reason: 'x' },
      members: { ids: [idOf(3)] },
    })
    await waitsFirst(() => undoChange(deps, chamber, 'ac63', change?.id ?? ''))
  })

  test('a dry run of an import waits for no lock', async () => {
    const csv = `Enseigne;Métier;Code INSEE;Mobile\nPresse 63;Tabac;63178;${phoneOf(7)}`
    const report = await inScheme(database.db, 'ac63', async (tx) => {
      await lockMemberList(tx, 'ac63')
      await lockMemberWrites(tx, 'ac63')
      return importMembers(deps, chamber, 'ac63', new TextEncoder().encode(csv), { dryRun: true })
    })
    expect(report).toMatchObject({ outcome: 'checked', created: 1 })
  })
})
