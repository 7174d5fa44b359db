import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../../test/support/database.ts'
import { actorOf, program, testDeps } from '../../../test/support/deps.ts'
import { agencyId, idOf, seedMembers, seedSchemes } from '../../../test/support/fixtures.ts'
import type { Deps } from '../../deps.ts'
import type { Database } from '../../platform/db.ts'
import type { Area } from '../../territory/contract.ts'
import { changeSector, getSectors } from '../sectors/actions.ts'
import { setSchemeGeneral } from '../settings/general.ts'
import { previewTerritory, searchTerritoryParts } from './actions.ts'

const chamber = actorOf('chamber', 'ac63')
const ISSOIRE: Area = { kind: 'epci', code: '200070407' }
const BUT_LE_BROC: Area = { kind: 'communes', codes: ['63178', '63287', '63321'] }

describe.each(usualKinds)('the territory on %s', (kind) => {
  let database: Database
  let deps: Deps

  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    await seedMembers(database.db, 'ac63', [
      { id: idOf(1), communeCode: '63178' },
      { id: idOf(2), communeCode: '63003' },
      { id: idOf(3), communeCode: '63003', status: 'left' },
    ])
    await sql`update agencies set zone = '{"kind":"communes","codes":["63113","63178"]}' where id = ${agencyId}`.execute(
      database.db,
    )
    deps = testDeps(database)
  })
  afterAll(() => database.close())

  test('is searched in all of France by name or code, the largest kinds first', async () => {
    const found = async (text: string) =>
      (await searchTerritoryParts(deps, chamber, 'ac63', text)).map(
        ({ kind: of, name, departement }) => `${of} ${name} ${departement}`,
      )
    expect(await found('issoire')).toEqual([
      'arrondissement Issoire null',
      "epci CA Agglo Pays d'Issoire 63",
      'commune Issoire 63',
    ])
    expect(await found('jura')).toContain('departement Jura null')
    expect((await found('39'))[0]).toBe('departement Jura null')
    expect(await found(' ')).toEqual([])
  })

  test('a preview compares communes, members, sectors and zones', async () => {
    expect(await previewTerritory(deps, actorOf('chief', 'ac63'), 'ac63', BUT_LE_BROC)).toEqual({
      parts: ['Issoire', 'Perrier', 'Saint-Babel'].map((name) =>
        expect.objectContaining({ kind: 'commune', name, departement: '63' }),
      ),
      communes: 3,
      added: { count: 0, names: [] },
      removed: { count: 3, names: ['Ambert', 'Le Broc', 'Clermont-Ferrand'] },
      membersOutside: 1,
      sectors: [{ name: "Val d'Allier", communes: 2, outside: 1 }],
      zones: [{ name: 'CIC Clermont-Ferrand', communes: 2, outside: 1 }],
    })
  })

  test('refuses circles, unknown areas, and a territory without a commune of a sector or a zone', async () => {
    const refused = (territory: Area) =>
      setSchemeGeneral(deps, program, 'ac63', { territory }).then(
        () => 'saved',
        ({ code, problems }) => problems?.map((one: { code: string }) => one.code) ?? code,
      )
    const circle = { kind: 'radius', centre: { commune: '63178' }, kilometres: 5 } as const
    expect(await refused(circle)).toEqual(['scheme.area_not_named'])
    expect(await refused({ kind: 'departement', code: '99' })).toEqual(['unknown_area'])
    expect(await refused({ kind: 'communes', codes: ['63003'] })).toEqual([
      'territory.sectors_outside',
      'territory.zones_outside',
    ])
  })

  test('what a sector has outside is kept but not drawn: it is saved without it', async () => {
    await setSchemeGeneral(deps, program, 'ac63', { territory: BUT_LE_BROC })
    const drawn = async () => (await getSectors(deps, chamber, 'ac63')).sectors[0]!
    const { id, name, communeCodes, version } = await drawn()
    expect(communeCodes).toEqual(['63178'])
    await setSchemeGeneral(deps, program, 'ac63', { territory: ISSOIRE })
    expect((await drawn()).communeCodes.toSorted()).toEqual(['63050', '63178'])
    await setSchemeGeneral(deps, program, 'ac63', { territory: BUT_LE_BROC })
    await changeSector(deps, chamber, 'ac63', id, { name, communeCodes, version })
    await setSchemeGeneral(deps, program, 'ac63', { territory: ISSOIRE })
    expect((await drawn()).communeCodes).toEqual(['63178'])
    const { rows } = await sql<{ territory: Area; edited: string[] }>`
      select territory, edited from schemes where id = 'ac63'`.execute(database.db)
    expect(rows).toEqual([{ territory: ISSOIRE, edited: ['territory'] }])
  })
})
