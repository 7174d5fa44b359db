import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../test/support/database.ts'
import { seedSchemes } from '../../test/support/fixtures.ts'
import { findTimeZone } from '../platform/database/time-zone.ts'
import { acrossSchemes, type Database } from '../platform/db.ts'
import type { Area } from '../territory/contract.ts'
import { readyMade } from './ready-made.ts'
import { findScheme, writeScheme } from './store.ts'

describe.each(usualKinds)('on %s', (kind) => {
  let database: Database
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
  })
  afterAll(() => database.close())

  test.each([
    [{ kind: 'departement', code: '63' }, 'Europe/Paris'],
    [{ kind: 'departement', code: '974' }, 'Indian/Reunion'],
    [{ kind: 'communes', codes: ['97209', '97213'] }, 'America/Martinique'],
    [{ kind: 'union', areas: [{ kind: 'commune', code: '97611' }] }, 'Indian/Mayotte'],
    [{ kind: 'epci', code: '200070407' }, 'Europe/Paris'],
  ])('gives a scheme the time zone of its territory: %j, %s', async (territory, timeZone) => {
    const view = await acrossSchemes(database.db, async (tx) => {
      const scheme = { ...readyMade[1]!, territory: territory as Area }
      await writeScheme(tx, { ...scheme, doctrine: scheme.doctrine ?? {} }, new Date())
      expect(await findTimeZone(tx, 'ac39')).toBe(timeZone)
      return findScheme(tx, 'ac39')
    })
    expect(view?.timeZone).toBe(timeZone)
  })
})
