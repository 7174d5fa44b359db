import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databaseKinds, testDatabase } from '../../test/support/database.ts'
import { actorOf, testDeps } from '../../test/support/deps.ts'
import { agencyId, phoneOf, seedSchemes } from '../../test/support/fixtures.ts'
import type { Deps } from '../deps.ts'
import type { Database } from '../platform/db.ts'
import { getObservers, setObservers } from './actions/observers.ts'

const chief = actorOf('chief', 'ac63', { agencyId })

describe.each(databaseKinds)('observers on %s', (kind) => {
  let database: Database
  let deps: Deps
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    deps = testDeps(database)
  })
  afterAll(() => database.close())

  test('are replaced as a whole; one whose number stays is the same one', async () => {
    const prefecture = { name: 'Préfecture', phone: '06 39 98 00 71', agency: null }
    const { observers } = await setObservers(deps, chief, 'ac63', {
      observers: [prefecture, { name: 'Parquet', phone: phoneOf(72), agency: 'cic63' }],
    })
    expect(observers).toMatchObject([
      { name: 'Parquet', phone: phoneOf(72), agency: 'cic63' },
      { name: 'Préfecture', phone: phoneOf(71), agency: null },
    ])
    const after = await setObservers(deps, chief, 'ac63', {
      observers: [{ ...prefecture, name: 'Préfecture du Puy-de-Dôme' }],
    })
    expect(after.observers).toEqual([{ ...observers[1], name: 'Préfecture du Puy-de-Dôme' }])
    expect(await getObservers(deps, actorOf('chamber', 'ac63'), 'ac63')).toEqual(after)
    expect(await setObservers(deps, chief, 'ac63', { observers: [] })).toEqual({ observers: [] })
  })

  test('every problem is told at once, and nothing is written', async () => {
    await expect(
      setObservers(deps, chief, 'ac63', {
        observers: [
          { name: 'A', phone: phoneOf(71), agency: null },
          { name: 'B', phone: '04 65 71 00 01', agency: 'nowhere' },
          { name: 'C', phone: '12', agency: null },
          { name: 'D', phone: '06 39 98 00 71', agency: null },
        ],
      }),
    ).rejects.toMatchObject({
      problems: [
        { code: 'observer.landline', path: 'observers.1.phone' },
        { code: 'observer.unknown_agency', path: 'observers.1.agency' },
        { code: 'phone.short', path: 'observers.2.phone' },
        { code: 'observer.twice', path: 'observers.3.phone' },
      ],
    })
    expect((await getObservers(deps, chief, 'ac63')).observers).toEqual([])
  })

  test('are for a chief or the chamber to choose', async () => {
    for (const role of ['operator', 'magistrate'] as const) {
      await expect(getObservers(deps, actorOf(role, 'ac63'), 'ac63')).rejects.toMatchObject({
        code: 'forbidden',
      })
    }
  })
})
