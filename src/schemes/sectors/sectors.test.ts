import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../../test/support/database.ts'
import { actorOf, testDeps } from '../../../test/support/deps.ts'
import {
  agencyId,
  idOf,
  phoneOf,
  sectorId,
  seedMembers,
  seedSchemes,
} from '../../../test/support/fixtures.ts'
import type { Deps } from '../../deps.ts'
import type { Database } from '../../platform/db.ts'
import { listAreaChoices, listAreaCommunes } from '../../territory/actions.ts'
import { getScheme } from '../actions.ts'
import {
  changeSector,
  createSector,
  getSectors,
  readTypedCommunes,
  removeSector,
  restoreSector,
  setZone,
} from './actions.ts'

const chamber = actorOf('chamber', 'ac63')

describe.each(usualKinds)('sectors on %s', (kind) => {
  let database: Database
  let deps: Deps

  beforeAll(async () => {
    database = await testDatabase(kind, { poolSize: 4 })
    await seedSchemes(database)
    await seedMembers(database.db, 'ac63', [
      { id: idOf(1), communeCode: '63178', phones: [phoneOf(1)] },
      { id: idOf(2), communeCode: '63178', status: 'left' },
    ])
    deps = testDeps(database, { now: () => new Date('2026-03-12T17:30:00Z') })
  })
  afterAll(() => database.close())

  const sector = async (id: string) =>
    (await getSectors(deps, chamber, 'ac63')).sectors.find((one) => one.id === id)
  const removed = async () => (await getSectors(deps, chamber, 'ac63')).removed
  const entries = async () => {
    const { rows } = await sql<{ action: string; details: unknown }>`
      select action, details from audit_entries where scheme_id = 'ac63' order by seq`.execute(database.db)
    return rows
  }

  test('lists the territory with the members of each commune, and matches a typed list with it', async () => {
    const view = await getSectors(deps, chamber, 'ac63')
    expect(view.communes.map(({ name, members }) => [name, members])).toEqual([
      ['Ambert', 0],
      ['Clermont-Ferrand', 0],
      ['Issoire', 1],
      ['Le Broc', 0],
      ['Perrier', 0],
      ['Saint-Babel', 0],
    ])
    expect(view.epcis.map(({ code }) => code).toSorted()).toEqual(['200070407', '200070761', '246300701'])
    expect(await readTypedCommunes(deps, chamber, 'ac63', 'Le Broc; Lons-le-Saunier')).toEqual({
      found: [{ code: '63050', name: 'Le Broc' }],
      unclear: [],
      unknown: ['Lons-le-Saunier'],
    })
  })

  test('the same request with the id of the client creates one sector, also of two at once', async () => {
    const before = (await entries()).length
    const input = { id: deps.newId(), name: 'Deux fois', communeCodes: ['63178', '63003'] }
    const create = (over: object = {}, actor = chamber) =>
      createSector(deps, actor, 'ac63', { ...input, ...over })
    const both = await Promise.all([create(), create({ name: ' Deux  fois' }), create()])
    for (const one of both) expect(one).toMatchObject({ id: input.id, name: 'Deux fois', version: 1 })
    expect(await entries()).toHaveLength(before + 1)
    for (const over of [{ name: 'Autre' }, { communeCodes: ['63178'] }])
      await expect(create(over)).rejects.toMatchObject({ code: 'id_taken' })
    const colleague = { ...chamber, userId: 'chamber-2' }
    await expect(create({}, colleague)).rejects.toMatchObject({ code: 'id_taken' })
    await removeSector(deps, chamber, 'ac63', input.id, 1)
    await expect(create()).rejects.toMatchObject({ code: 'id_taken' })
    await database.db.deleteFrom('sectors').where('id', '=', input.id).execute()
  })

  test('creates, changes, removes and restores sectors, each recorded once, and areas by sector follow', async () => {
    const before = (await entries()).length
    const made = await createSector(deps, chamber, 'ac63', {
      name: '  Sud  du Livradois ',
      communeCodes: ['63178', '63003', '63178'],
    })
    expect(made).toMatchObject({ name: 'Sud du Livradois', communeCodes: ['63003', '63178'], version: 1 })
    const area = { kind: 'sector', id: made.id } as const
    const changed = await changeSector(deps, chamber, 'ac63', made.id, {
      name: 'Livradois',
      communeCodes: ['63003', '63287'],
      version: 1,
    })
    expect(changed.version).toBe(2)
    const resolved = () => listAreaCommunes(deps, chamber, { schemeId: 'ac63', area })
    expect((await resolved()).communes.map(({ code }) => code)).toEqual(['63003', '63287'])
    await removeSector(deps, chamber, 'ac63', made.id, 2)
    expect(await sector(made.id)).toBeUndefined()
    expect(await removed()).toEqual([
      {
        id: made.id,
        name: 'Livradois',
        communeCodes: ['63003', '63287'],
        version: 3,
        removed: { at: '2026-03-12T17:30:00.000Z', by: chamber.name },
      },
    ])
    expect((await getScheme(deps, chamber, 'ac63')).sectors.map(({ id }) => id)).toEqual([sectorId])
    const choices = await listAreaChoices(deps, chamber, {
      schemeId: 'ac63',
      communeCode: '63287',
      lang: 'fr',
    })
    expect(choices.some((choice) => choice.area.kind === 'sector')).toBe(false)
    // The alerts sent to it still show its communes.
    expect((await resolved()).communes).toHaveLength(2)
    expect(await restoreSector(deps, chamber, 'ac63', made.id)).toMatchObject({ version: 4 })
    expect(await removed()).toEqual([])
    expect(await sector(made.id)).toMatchObject({ name: 'Livradois', communeCodes: ['63003', '63287'] })
    expect((await entries()).slice(before)).toMatchObject([
      { action: 'sector.create' },
      {
        action: 'sector.change',
        details: { before: 'Sud du Livradois', name: 'Livradois', added: ['63287'], removed: ['63178'] },
      },
      { action: 'sector.remove' },
      { action: 'sector.restore' },
    ])
    await removeSector(deps, chamber, 'ac63', made.id, 4)
    // Its name is free again; once another sector has it, the removed one cannot be restored.
    await createSector(deps, chamber, 'ac63', { name: 'livradois', communeCodes: ['63003'] })
    await expect(restoreSector(deps, chamber, 'ac63', made.id)).rejects.toMatchObject({
      problems: [{ code: 'sector.name_taken' }],
    })
  })

  test('reports every problem at once, and refuses communes outside the territory', async () => {
    await expect(
      createSector(deps, chamber, 'ac63', {
        name: 'VAL D’ALLIER',
        communeCodes: ['39300', '63178', '99999'],
      }),
    ).rejects.toMatchObject({
      code: 'invalid_input',
      problems: [
        { code: 'sector.name_taken', path: 'name' },
        { code: 'sector.outside', path: 'communeCodes.0', values: { code: '39300' } },
        { code: 'sector.outside', path: 'communeCodes.2', values: { code: '99999' } },
      ],
    })
  })

  test('refuses the second of two concurrent changes, and the second of two equal names', async () => {
    const { version = 0 } = (await sector(sectorId)) ?? {}
    const change = (communeCodes: string[]) =>
      changeSector(deps, chamber, 'ac63', sectorId, { name: "Val d'Allier", communeCodes, version })
    const both = await Promise.allSettled([change(['63178']), change(['63050'])])
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(both.find((one) => one.status === 'rejected')?.reason).toMatchObject({ code: 'sector_changed' })
    const twins = await Promise.allSettled(
      [1, 2].map(() => createSector(deps, chamber, 'ac63', { name: 'Jumeaux', communeCodes: ['63178'] })),
    )
    expect(twins.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  })

  test('keeps a sector that an open alert or a zone uses', async () => {
    await sql`insert into agencies (scheme_id, id, code, name, kind, zone)
      values ('ac63', ${idOf(700)}, 'made-of', 'Brigade du Val', 'gendarmerie',
        ${JSON.stringify({ kind: 'sector', id: sectorId })}::jsonb)`.execute(database.db)
    const { version = 0 } = (await sector(sectorId)) ?? {}
    await expect(removeSector(deps, chamber, 'ac63', sectorId, version)).rejects.toMatchObject({
      code: 'sector_in_use',
      problems: [{ code: 'sector.in_zone', values: { name: 'Brigade du Val' } }],
    })
  })

  test('sets the zone of a service, but of no other agency and with no commune outside', async () => {
    const zone = async () =>
      (await getSectors(deps, chamber, 'ac63')).zones.find((one) => one.agencyId === agencyId)
    expect(await zone()).toMatchObject({ kind: 'police', communeCodes: null, version: 1 })
    await setZone(deps, chamber, 'ac63', agencyId, { communeCodes: ['63178', '63113'], version: 1 })
    expect(await zone()).toMatchObject({ communeCodes: ['63113', '63178'], version: 2 })
    await expect(
      setZone(deps, chamber, 'ac63', agencyId, { communeCodes: null, version: 1 }),
    ).rejects.toMatchObject({ code: 'sector_changed' })
    await expect(
      setZone(deps, chamber, 'ac63', agencyId, { communeCodes: ['39300'], version: 2 }),
    ).rejects.toMatchObject({ problems: [{ code: 'sector.outside' }] })
    await expect(
      setZone(deps, chamber, 'ac63', idOf(999), { communeCodes: null, version: 1 }),
    ).rejects.toMatchObject({ code: 'not_found' })
    expect((await entries()).at(-1)).toMatchObject({ action: 'zone.change' })
  })

  test('keeps a removed zone with the time and the person, until the service has one again', async () => {
    const zone = async () =>
      (await getSectors(deps, chamber, 'ac63')).zones.find((one) => one.agencyId === agencyId)
    const set = (communeCodes: string[] | null, version: number) =>
      setZone(deps, chamber, 'ac63', agencyId, { communeCodes, version })
    const { version = 0, removed: none } = (await zone()) ?? {}
    expect(none).toBeNull()
    const off = await set(null, version)
    expect(off).toMatchObject({ communeCodes: null, removed: { communeCodes: ['63113', '63178'] } })
    // Removed once more, the same zone can be restored.
    await set(null, version + 1)
    expect(await zone()).toEqual({ ...off, version: version + 2 })
    expect(off.removed).toMatchObject({ at: '2026-03-12T17:30:00.000Z', by: chamber.name })
    await set(off.removed?.communeCodes ?? [], version + 2)
    expect(await zone()).toMatchObject({ communeCodes: ['63113', '63178'], removed: null })
  })

  test('reads any number of zones with the same number of queries', async () => {
    let queries = 0
    const db = database.db.withPlugin({
      transformQuery: ({ node }) => {
        queries++
        return node
      },
      transformResult: async ({ result }) => result,
    })
    const read = async () => {
      queries = 0
      const { zones } = await getSectors({ db }, chamber, 'ac63')
      return { zones, queries }
    }
    const before = await read()
    const drawn = [
      { kind: 'communes', codes: ['63287', '63050'] },
      { kind: 'epci', code: '200070407' },
      { kind: 'communes', codes: [] },
    ]
    for (const [no, zone] of drawn.entries()) {
      await sql`insert into agencies (scheme_id, id, code, name, kind, zone)
        values ('ac63', ${idOf(710 + no)}, ${`zone-${no}`}, ${`Zone ${no}`}, 'police', ${JSON.stringify(zone)}::jsonb)`.execute(
        database.db,
      )
    }
    const after = await read()
    expect(after.queries).toBe(before.queries)
    const codes = new Map(after.zones.map(({ name, communeCodes }) => [name, communeCodes]))
    expect(codes.get('Zone 0')).toEqual(['63050', '63287'])
    expect(codes.get('Zone 1')).toEqual(
      (await getSectors(deps, chamber, 'ac63')).communes
        .flatMap(({ code, epciCode }) => (epciCode === '200070407' ? [code] : []))
        .toSorted(),
    )
    expect(codes.get('Zone 2')).toEqual([])
    expect(after.zones).toHaveLength(before.zones.length + 3)
  })

  test('is reserved to the chamber', async () => {
    for (const role of ['operator', 'chief', 'magistrate', 'trade_chamber'] as const) {
      const actor = actorOf(role, 'ac63')
      expect(() => getSectors(deps, actor, 'ac63')).toThrow(expect.objectContaining({ code: 'forbidden' }))
      await expect(
        createSector(deps, actor, 'ac63', { name: 'Nord', communeCodes: ['63178'] }),
      ).rejects.toMatchObject({ code: 'forbidden' })
      await expect(
        setZone(deps, actor, 'ac63', agencyId, { communeCodes: null, version: 2 }),
      ).rejects.toMatchObject({ code: 'forbidden' })
    }
    expect(() => getSectors(deps, chamber, 'ac39')).toThrow(
      expect.objectContaining({ code: 'unknown_scheme' }),
    )
  })
})
