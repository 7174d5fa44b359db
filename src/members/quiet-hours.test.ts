import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../test/support/database.ts'
import { actorOf, contactOf, testDeps } from '../../test/support/deps.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../test/support/fixtures.ts'
import type { Deps } from '../deps.ts'
import type { Database } from '../platform/db.ts'
import { getMember } from './actions.ts'
import { QuietHoursChoice } from './contract.ts'
import { setQuietHours } from './quiet-hours.ts'

const chamber = actorOf('chamber', 'ac63')
const NIGHT = { from: 22 * 60, to: 7 * 60 }

describe.each(usualKinds)('quiet hours of a member on %s', (kind) => {
  let database: Database
  let deps: Deps
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    await seedMembers(
      database.db,
      'ac63',
      [1, 2].map((n) => ({ id: idOf(n), phones: [phoneOf(n)] })),
    )
    deps = testDeps(database)
  })
  afterAll(() => database.close())

  const set = (actor: Parameters<typeof setQuietHours>[1], id: string, quiet: typeof NIGHT | null) =>
    setQuietHours(deps, actor, 'ac63', id, { quiet })

  test('are those of the scheme until the chamber sets others, and again on request', async () => {
    expect((await getMember(deps, chamber, 'ac63', idOf(1))).quiet).toBeNull()
    expect((await set(chamber, idOf(1), NIGHT)).quiet).toEqual(NIGHT)
    expect((await getMember(deps, chamber, 'ac63', idOf(2))).quiet).toBeNull()
    const none = { from: 0, to: 0 }
    expect((await set(chamber, idOf(1), none)).quiet).toEqual(none)
    expect((await set(chamber, idOf(1), null)).quiet).toBeNull()
    const audited = await database.db
      .selectFrom('auditEntries')
      .select(['subject', 'details'])
      .where('action', '=', 'member.quiet_hours')
      .orderBy('seq')
      .execute()
    expect(audited.map(({ details }) => details)).toEqual([
      { quiet: NIGHT },
      { quiet: none },
      { quiet: null },
    ])
  })

  test('cannot be set by operators, other members or other schemes', async () => {
    await expect(set(actorOf('operator', 'ac63'), idOf(1), NIGHT)).rejects.toMatchObject({
      code: 'forbidden',
    })
    await expect(set(contactOf('ac63', idOf(1)), idOf(1), NIGHT)).rejects.toMatchObject({ code: 'forbidden' })
    await expect(
      setQuietHours(deps, actorOf('chamber', 'ac39'), 'ac39', idOf(1), { quiet: NIGHT }),
    ).rejects.toMatchObject({ code: 'not_found' })
  })

  test('are minutes of a day', () => {
    for (const quiet of [{ from: -1, to: 0 }, { from: 0, to: 1440 }, { from: 0.5, to: 1 }, { from: 1 }]) {
      expect(QuietHoursChoice.safeParse({ quiet }).success).toBe(false)
    }
  })
})
