import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import Fastify, { type FastifyBaseLogger } from 'fastify'
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testTerritory } from '../../test/support/database.ts'
import { contactOf } from '../../test/support/deps.ts'
import { runsOf } from '../../test/support/random.ts'
import type { AppError } from '../errors.ts'
import type { Actor, Role } from '../permissions.ts'
import { acrossSchemes, type Database, inScheme } from '../platform/db.ts'
import type { App } from '../platform/http/http.ts'
import { listAreaChoices, listAreaCommunes, nameArea, searchPlaces } from './actions.ts'
import { type Area, PublicMap, type SimpleArea, type TerritoryMap } from './contract.ts'
import { distanceKm } from './distance.ts'
import { importContours } from './map/import.ts'
import { findContours, getPublicMapVersion, getTerritoryMap } from './map/map.ts'
import { type ContourTopology, readTopology } from './map/topology.ts'
import { ensureReference, loadReference, type ReferenceFigures } from './reference/reference.ts'
import { territoryRoutes } from './routes.ts'
import {
  type AreaContext,
  circlesOf,
  communeCodesOf,
  getAreaContext,
  insideCircle,
  withoutCircles,
} from './store/areas.ts'
import { findPlaces, getPlace } from './store/places.ts'

const GEO = new URL('../../../shared/geo/', import.meta.url)
const NO_GEO = `no folder ${GEO.pathname.split('/').slice(-3).join('/')} beside the project: no real contours to test on`

const ISSOIRE = '63178'
const SECTOR = '01990000-0000-7000-8000-000000000001'
const OTHER_SECTOR = '01990000-0000-7000-8000-000000000002'
const NOW = new Date('2026-03-02T08:00:00Z')
const system: Actor = { kind: 'system', name: 'test' }
const scheme = { schemeId: 'ac63' }

function actorWith(role: Role, schemeId = 'ac63'): Actor {
  return {
    kind: 'user',
    userId: 'u',
    name: 'U',
    grants: [{ schemeId, role, agencyId: null }],
  }
}

let database: Database
let deps: { db: Database['db']; now: () => Date }
/** A commune near Issoire that has no point here, like those overseas that neither source places. */
let pointless: string

beforeAll(async () => {
  // With the reference data: the load of the run is the one that is checked below.
  database = await testTerritory()
  deps = { db: database.db, now: () => NOW }
  const { rows } = await sql<{ code: string }>`
    update communes set latitude = null, longitude = null, point_source = null, neighbour_codes = null
    where code = (select min(code) from communes
      where epci_code = '200070407' and postal_codes && '{63500}' and point_source = 'contour')
    returning code`.execute(deps.db)
  pointless = rows[0]?.code ?? ''
  await acrossSchemes(deps.db, async (tx) => {
    for (const [id, code] of [
      ['ac63', '63'],
      ['ac03', '03'],
    ]) {
      await sql`insert into schemes (id, name, territory, reference_prefix, trades, sender, closing_advice, created_at)
        values (${id}, ${id}, ${JSON.stringify({ kind: 'departement', code })}::jsonb, ${code}, '{}', 'TEST', '', now())`.execute(
        tx,
      )
    }
    await sql`insert into sectors (scheme_id, id, name, commune_codes) values
      ('ac63', ${SECTOR}, 'Val d''Allier', '{63178,63275}'), ('ac03', ${OTHER_SECTOR}, 'Autre', '{03190}')`.execute(
      tx,
    )
  })
})
afterAll(() => database.close())

function inside<T>(
  work: (context: AreaContext, tx: Parameters<Parameters<typeof inScheme>[2]>[0]) => Promise<T>,
): Promise<T> {
  return inScheme(deps.db, 'ac63', async (tx) => work(await getAreaContext(tx, 'ac63'), tx))
}

async function codesOf(area: Area): Promise<string[]> {
  return (await listAreaCommunes(deps, system, { ...scheme, area })).communes.map((commune) => commune.code)
}

async function refusalOf(promise: Promise<unknown>): Promise<AppError> {
  return promise.then(
    () => {
      throw new Error('accepted')
    },
    (error: AppError) => error,
  )
}

describe('the reference data', () => {
  test('contains every current commune, and a point for most of the population', async () => {
    const { rows } = await sql<{ details: ReferenceFigures }>`
      select details from audit_entries where action = 'territory.reference'`.execute(deps.db)
    const figures = rows[0]?.details
    expect(figures?.communes).toBeGreaterThan(34_500)
    expect(figures?.communes).toBeLessThan(35_500)
    expect(figures?.epcis).toBeGreaterThan(1_200)
    expect(figures?.kept).toEqual([])
  })

  test('has the facts of Issoire', async () => {
    const issoire = await acrossSchemes(deps.db, (tx) => getPlace(tx, ISSOIRE))
    expect(issoire).toMatchObject({
      name: 'Issoire',
      postalCodes: ['63500'],
      departementCode: '63',
      epci: { code: '200070407', kind: 'CA' },
      arrondissement: { code: '633', name: 'Issoire' },
      point: { latitude: 45.54422, longitude: 3.24901 },
    })
    expect(issoire.population).toBeGreaterThan(10_000)
  })

  test('takes no point from a place of another commune or from a part of a town, and has the town for 85 % of the population', async () => {
    const lyon = await acrossSchemes(deps.db, (tx) => getPlace(tx, '69123'))
    // GeoNames also files Tassin-la-Demi-Lune under Lyon.
    expect(lyon.point).toEqual({ latitude: 45.74846, longitude: 4.84671 })
    const { rows } = await sql<{ share: number }>`
      select (sum(population) filter (where point_source = 'points'))::float8 / sum(population) as share from communes`.execute(
      deps.db,
    )
    expect(rows[0]?.share).toBeGreaterThan(0.85)
  })

  test('has the point and the neighbours of each commune that the contours draw, in both directions', async () => {
    const { rows } = await sql<{ unplaced: number; unknown: number; lone: number }>`
      with pairs as (select code, unnest(neighbour_codes) as other from communes)
      select count(*) filter (where latitude is null)::integer as unplaced,
        count(*) filter (where neighbour_codes is null)::integer as unknown,
        (select count(*)::integer from pairs p where not exists (
          select from pairs q where q.code = p.other and q.other = p.code) and p.other <> ${pointless}) as lone
      from communes where code ~ '^(0|1|2|3|4|5|6|7|8|9[0-5]|97[12346])' and code not in (
        '14666', '15031', '15035', '15047', '15171', '85165', '85212', ${pointless})`.execute(deps.db)
    expect(rows[0]).toEqual({ unplaced: 0, unknown: 0, lone: 0 })
  })

  test('contains no municipal arrondissement and no delegated commune', async () => {
    const { rows } =
      await sql`select code from communes where code in ('75101', '69381', '13201', '01340')`.execute(deps.db)
    expect(rows).toEqual([])
  })

  test('contains former communes by their names and old codes', async () => {
    const { rows } = await sql<{ named: number; coded: number }>`
      select count(name)::int as named, count(*) filter (where name is null)::int as coded from former_communes`.execute(
      deps.db,
    )
    expect(rows[0]?.named).toBeGreaterThan(2_000)
    expect(rows[0]?.coded).toBeGreaterThan(1_000)
  })

  test('is loaded only once', async () => {
    expect(await ensureReference(deps)).toBeUndefined()
  })
})

describe('search', () => {
  const names = async (text: string) =>
    (await searchPlaces(deps, actorWith('operator'), { ...scheme, text, limit: 20 })).map((p) => p.name)

  test.each([
    ['iss', 'Issoire'],
    ['ISSOIRÉ', 'Issoire'],
    ['63500', 'Issoire'],
    ['635', 'Issoire'],
    [ISSOIRE, 'Issoire'],
    ['63500 iss', 'Issoire'],
    ['st nectaire', 'Saint-Nectaire'],
    ['ste-nect', 'Saint-Nectaire'],
    ['bourboule', 'La Bourboule'],
    ['montdore', 'Mont-Dore'],
    ['martres veyre', 'Les Martres-de-Veyre'],
    ['clermont', 'Clermont-Ferrand'],
    ['clermnt', 'Clermont-Ferrand'],
    ['isoire', 'Issoire'],
    ['Clermont Fd', 'Clermont-Ferrand'],
    ['CLERMONT-FD', 'Clermont-Ferrand'],
    ['mt dore', 'Mont-Dore'],
    ['Cournon', "Cournon-d'Auvergne"],
    ['courmon', "Cournon-d'Auvergne"],
    ['St Eloy', 'Saint-Éloy-les-Mines'],
    ['St-Éloi les mines', 'Saint-Éloy-les-Mines'],
    ['Besse', 'Besse-et-Saint-Anastaise'],
    ['besse en chandese', 'Besse-et-Saint-Anastaise'],
    ['mezell', 'Mur-sur-Allier'],
    ['celule', 'Chambaron sur Morge'],
    ['pont du chato', 'Pont-du-Château'],
    ['chamallieres', 'Chamalières'],
  ])('"%s" gives %s first', async (text, first) => expect((await names(text))[0]).toBe(first))

  test.each(['', ' ', '%', '_', "'", '\\', 'zzzzzz', '99999'])('"%s" gives nothing', async (text) =>
    expect(await names(text)).toEqual([]),
  )

  test.each([
    ['dallet', 'Dallet', 'Mur-sur-Allier'],
    ['MEZEL', 'Mezel', 'Mur-sur-Allier'],
    ['meze', 'Mezel', 'Mur-sur-Allier'],
  ])('"%s" finds the former commune %s in %s', async (text, formerName, name) => {
    const [first] = await searchPlaces(deps, actorWith('operator'), { ...scheme, text, limit: 20 })
    expect(first).toMatchObject({ code: '63226', name, formerName })
  })

  test.each([
    ['besse en chandesse', '63038', 'Besse-en-Chandesse'],
    ['Cellule', '63244', 'Cellule'],
    ['moutade', '63244', 'La Moutade'],
    ['mezell', '63226', 'Mezel'],
    ['creste', '63335', 'Creste'],
  ])('"%s" finds the commune %s under the name %s that it had', async (text, code, formerName) => {
    const [first] = await searchPlaces(deps, actorWith('operator'), { ...scheme, text, limit: 20 })
    expect(first).toMatchObject({ code, formerName })
  })

  test('lists a commune once, by its own name where that matches as well', async () => {
    const found = await acrossSchemes(deps.db, (tx) => findPlaces(tx, 'bage', { limit: 20 }))
    expect(new Set(found.map(({ code }) => code)).size).toBe(found.length)
    expect(found.find(({ code }) => code === '01025')).toMatchObject({
      name: 'Bâgé-Dommartin',
      formerName: null,
    })
    const [mur] = await searchPlaces(deps, actorWith('operator'), {
      ...scheme,
      text: 'mur sur all',
      limit: 20,
    })
    expect(mur).toMatchObject({ name: 'Mur-sur-Allier', formerName: null })
    const byCode = await searchPlaces(deps, actorWith('operator'), { ...scheme, text: '63111', limit: 20 })
    expect(byCode.every(({ formerName }) => formerName === null)).toBe(true)
  })

  test('stays in the territory, or covers France without one', async () => {
    expect(await names('strasbourg')).toEqual([])
    const first = async (text: string) =>
      (await acrossSchemes(deps.db, (tx) => findPlaces(tx, text, { limit: 5 }))).map((p) => p.name)[0]
    expect(await first('strasb')).toBe('Strasbourg')
    expect(await first('75015')).toBe('Paris')
    expect(await first('2a0')).toBe('Ajaccio')
    expect(await first('marseile')).toBe('Marseille')
    expect(await first('paris')).toBe('Paris')
  })
})

describe('areas', () => {
  test('lists the choices around Issoire, with words for a message', async () => {
    const choices = await listAreaChoices(deps, actorWith('operator'), {
      ...scheme,
      communeCode: ISSOIRE,
      lang: 'fr',
    })
    expect(choices.map(({ area, words }) => [area.kind, words])).toEqual([
      ['commune', "commune d'Issoire"],
      ['neighbours', 'Issoire et communes voisines'],
      ['radius', 'Issoire et 5 km autour'],
      ['radius', 'Issoire et 10 km autour'],
      ['radius', 'Issoire et 20 km autour'],
      ['sector', "secteur Val d'Allier"],
      ['epci', "agglomération d'Issoire"],
      ['arrondissement', "arrondissement d'Issoire"],
      ['departement', 'département du Puy-de-Dôme'],
      ['scheme', 'département du Puy-de-Dôme'],
    ])
    const epci = choices.find((choice) => choice.area.kind === 'epci')
    expect(epci).toMatchObject({ name: "CA Agglo Pays d'Issoire", area: { code: '200070407' } })
    // A named area includes communes without a point, and lists them as such.
    const codes = await codesOf({ kind: 'epci', code: '200070407' })
    expect(epci?.communes).toBe(codes.length)
    expect(epci?.withoutPoint.map(({ code }) => code)).toEqual([pointless])
    expect(codes).toContain(pointless)
  })

  test('proposes no circle for a commune without a point, and only itself as neighbour', async () => {
    const code = pointless
    const choices = await listAreaChoices(deps, system, { ...scheme, communeCode: code, lang: 'en' })
    expect(choices.map((choice) => choice.area.kind)).not.toContain('radius')
    expect(await codesOf({ kind: 'neighbours', code })).toEqual([code])
    const error = await refusalOf(codesOf({ kind: 'radius', centre: { commune: code }, kilometres: 5 }))
    expect(error).toMatchObject({
      code: 'invalid_input',
      problems: [{ code: 'area.centreWithoutPoint', path: 'area.centre.commune' }],
    })
  })

  test('a radius contains exactly the points within, and lists communes that may be missing', async () => {
    const { rows } = await sql<{ code: string; latitude: number; longitude: number }>`
      select code, latitude, longitude from communes where latitude between 44 and 47 and longitude between 1 and 6`.execute(
      deps.db,
    )
    const centre = rows.find((row) => row.code === ISSOIRE)
    if (!centre) throw new Error('no Issoire')
    const expected = rows
      .filter((row) => distanceKm(centre, row) <= 20)
      .map((row) => row.code)
      .sort()
    const around = await listAreaCommunes(deps, system, {
      ...scheme,
      area: { kind: 'radius', centre: { commune: ISSOIRE }, kilometres: 20 },
    })
    expect(around.communes.map((commune) => commune.code)).toEqual(expected)
    const point: Area = {
      kind: 'radius',
      centre: { latitude: centre.latitude, longitude: centre.longitude },
      kilometres: 20,
    }
    expect(await codesOf(point)).toEqual(expected)
    expect(around.withoutPoint).toEqual([])
    expect(around.unplaced.map(({ code }) => code)).toEqual([pointless])
    expect(expected).not.toContain(pointless)
  })

  test('refuses unknown names, all at once', async () => {
    expect(await refusalOf(codesOf({ kind: 'communes', codes: [ISSOIRE, '63999', '63998'] }))).toMatchObject({
      code: 'unknown_commune',
      problems: [{ path: 'area.codes.1' }, { path: 'area.codes.2' }],
    })
    const areas: SimpleArea[] = [
      { kind: 'commune', code: '63999' },
      { kind: 'epci', code: '123456789' },
      { kind: 'sector', id: OTHER_SECTOR },
      { kind: 'departement', code: '96' },
      { kind: 'region', code: '99' },
      { kind: 'arrondissement', code: '639' },
    ]
    const error = await refusalOf(codesOf({ kind: 'union', areas }))
    expect(error.code).toBe('unknown_area')
    expect(error.problems.map((problem) => problem.path)).toEqual([
      'area.areas.0.code',
      'area.areas.1.code',
      'area.areas.2.id',
      'area.areas.3.code',
      'area.areas.4.code',
      'area.areas.5.code',
    ])
  })

  test('a territory that refers to itself is empty', async () => {
    const rows = await inside(async (_context, tx) => {
      const circular: AreaContext = { schemeId: 'ac63', territory: { kind: 'scheme' } }
      return (
        await sql`select code from communes where code in (${communeCodesOf({ kind: 'scheme' }, circular)})`.execute(
          tx,
        )
      ).rows
    })
    expect(rows).toEqual([])
  })

  test('separates circles from other areas, for rows that have a point of their own', async () => {
    const circle: SimpleArea = { kind: 'radius', centre: { commune: ISSOIRE }, kilometres: 5 }
    const area: Area = { kind: 'union', areas: [circle, { kind: 'sector', id: SECTOR }] }
    await inside(async (context, tx) => {
      expect(circlesOf(area, context)).toEqual([{ centre: { commune: ISSOIRE }, kilometres: 5 }])
      expect(withoutCircles(area, context)).toEqual({
        kind: 'union',
        areas: [{ kind: 'sector', id: SECTOR }],
      })
      expect(withoutCircles(circle, context)).toBeNull()
      expect(circlesOf({ kind: 'scheme' }, { ...context, territory: area })).toHaveLength(1)
      const [one] = circlesOf(area, context)
      if (!one) throw new Error('no circle')
      const { rows } = await sql<{ near: boolean; far: boolean; unknown: boolean | null }>`
        select ${insideCircle(one, 'a')} as near, ${insideCircle(one, 'b')} as far, ${insideCircle(one, 'c')} as unknown
        from (select 45.55::float8 as latitude, 3.26::float8 as longitude) a,
          (select 45.8::float8 as latitude, 3.1::float8 as longitude) b,
          (select null::float8 as latitude, null::float8 as longitude) c`.execute(tx)
      expect(rows).toMatchObject([{ near: true, far: false }])
      expect(rows[0]?.unknown).not.toBe(true)
    })
  })

  const communes = ['63178', '63113', '63275', '63047', '03190']
  const simple: fc.Arbitrary<SimpleArea> = fc.oneof(
    fc.constantFrom(...communes).map((code): SimpleArea => ({ kind: 'commune', code })),
    fc.constantFrom(...communes.slice(0, 2)).map((code): SimpleArea => ({ kind: 'neighbours', code })),
    fc
      .record({
        kilometres: fc.integer({ min: 1, max: 30 }),
        latitude: fc.double({ min: 45, max: 46, noNaN: true }),
      })
      .map(
        ({ kilometres, latitude }): SimpleArea => ({
          kind: 'radius',
          centre: { latitude, longitude: 3.2 },
          kilometres,
        }),
      ),
    fc.constantFrom<SimpleArea>(
      { kind: 'epci', code: '200070407' },
      { kind: 'arrondissement', code: '633' },
      { kind: 'departement', code: '03' },
      { kind: 'sector', id: SECTOR },
      { kind: 'communes', codes: ['63178', '63178', '03190'] },
      { kind: 'scheme' },
    ),
  )

  test('a union contains the communes of its parts, each once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(simple, { minLength: 1, maxLength: 4 }), async (areas) => {
        const parts = await Promise.all(areas.map(codesOf))
        expect(await codesOf({ kind: 'union', areas })).toEqual([...new Set(parts.flat())].sort())
      }),
      { numRuns: runsOf(15) },
    )
  })

  test('a larger radius contains all of a smaller one', async () => {
    const radii = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 }))
    await fc.assert(
      fc.asyncProperty(radii, async (kilometres) => {
        const [small = [], large = []] = await Promise.all(
          kilometres
            .toSorted((a, b) => a - b)
            .map((km) => codesOf({ kind: 'radius', centre: { commune: ISSOIRE }, kilometres: km })),
        )
        expect(large).toEqual(expect.arrayContaining(small))
      }),
      { numRuns: runsOf(10) },
    )
  })

  test('words for a point as centre, for long lists, and for a scheme that is a union', async () => {
    const name = (area: Area, territory?: Area) =>
      inside((context, tx) => nameArea(tx, territory ? { ...context, territory } : context, area, 'fr'))
    expect(
      (await name({ kind: 'radius', centre: { latitude: 45.55, longitude: 3.26 }, kilometres: 2 })).words,
    ).toBe("secteur d'Issoire (2 km)")
    expect((await name({ kind: 'radius', centre: { latitude: 0, longitude: 0 }, kilometres: 2 })).words).toBe(
      'rayon de 2 km',
    )
    expect((await name({ kind: 'communes', codes: ['63178', '63113', '63275', '63047'] })).words).toBe(
      'Clermont-Ferrand, Issoire et 2 autres communes',
    )
    const two: Area = {
      kind: 'union',
      areas: [
        { kind: 'departement', code: '63' },
        { kind: 'departement', code: '03' },
      ],
    }
    expect((await name({ kind: 'scheme' }, two)).words).toBe(
      "département du Puy-de-Dôme et département de l'Allier",
    )
  })
})

describe('the permission to read the territory', () => {
  const search =
    (actor: Actor, schemeId = 'ac63') =>
    async () =>
      searchPlaces(deps, actor, { schemeId, text: 'iss', limit: 1 })
  test('is refused to a contact, and a stranger does not learn that the scheme exists', async () => {
    await expect(search(contactOf('ac63', SECTOR))).rejects.toMatchObject({ code: 'forbidden' })
    await expect(search(actorWith('operator', 'ac03'))).rejects.toMatchObject({ code: 'unknown_scheme' })
    await expect(search(system, 'nowhere')).rejects.toMatchObject({ code: 'unknown_scheme' })
  })
})

// Builds squares of a hundredth of a degree, in a row from west to east.
function squares(...codes: string[]): Uint8Array {
  const features = codes.map((code, no) => {
    const [west, east] = [3 + no / 100, 3 + (no + 1) / 100]
    const ring = [
      [west, 45],
      [east, 45],
      [east, 45.01],
      [west, 45.01],
      [west, 45],
    ]
    return {
      type: 'Feature',
      properties: { code, nom: `N${code}` },
      geometry: { type: 'Polygon', coordinates: [ring] },
    }
  })
  return new TextEncoder().encode(JSON.stringify({ type: 'FeatureCollection', features }))
}

describe('import of contours', () => {
  const importSquares = (bytes: Uint8Array, departementCode = '39', actor: Actor = system) =>
    importContours(deps, actor, { departementCode, bytes, source: 'test.geojson' })
  const row = async (code: string) => {
    const rows = await deps.db
      .selectFrom('communes')
      .select(['latitude', 'longitude', 'pointSource', 'contour'])
      .where('code', '=', code)
      .execute()
    return rows[0]
  }
  const neighboursOf = async (code: string) =>
    (
      await deps.db
        .selectFrom('communes')
        .select('neighbourCodes')
        .where('code', '=', code)
        .executeTakeFirstOrThrow()
    ).neighbourCodes

  test('stores contours, centres and neighbours; reports unmatched codes; records itself', async () => {
    const { rows } = await sql<{ code: string }>`
      with inner_ones as (
        select * from communes where departement_code = '39' and not exists (
          select from unnest(neighbour_codes) as n where n not like '39%'))
      (select code from inner_ones where point_source = 'contour' order by code limit 2)
      union all (select code from inner_ones where point_source = 'points' order by code limit 1)`.execute(
      deps.db,
    )
    const [a = '', b = '', town = ''] = rows.map((one) => one.code)
    const before = await row(town)
    const done = await importSquares(squares(a, b, '39999', town, '63178'))
    expect(done).toMatchObject({
      matched: 3,
      unmatched: [{ code: '39999', name: 'N39999' }],
      elsewhere: 1,
      neighbours: 1,
    })
    expect(done.missing.length).toBeGreaterThan(400)
    const placed = await row(a)
    expect(placed).toMatchObject({ pointSource: 'contour', contour: { type: 'Polygon' } })
    expect(placed?.latitude).toBeCloseTo(45.005, 6)
    expect(placed?.longitude).toBeCloseTo(3.005, 6)
    // The town in GeoNames is a better point than the centre of the commune's surface.
    expect(await row(town)).toMatchObject({
      latitude: before?.latitude,
      longitude: before?.longitude,
      pointSource: 'points',
    })
    expect([await neighboursOf(a), await neighboursOf(b), await neighboursOf(town)]).toEqual([[b], [a], []])
    expect(
      await deps.db.selectFrom('contourImports').selectAll().where('departementCode', '=', '39').execute(),
    ).toMatchObject([{ importedAt: NOW, source: 'test.geojson', matched: 3, unmatchedCodes: ['39999'] }])
    const audit = await deps.db
      .selectFrom('auditEntries')
      .select(['actor', 'action', 'subject'])
      .where('schemeId', '=', '')
      .orderBy('seq', 'desc')
      .limit(1)
      .execute()
    expect(audit).toEqual([{ actor: 'system:test', action: 'territory.import', subject: 'departement:39' }])

    // Loading the reference data again keeps what was imported.
    await loadReference(deps)
    expect(await row(a)).toEqual(placed)
    expect(await neighboursOf(a)).toEqual([b])

    // A second import replaces the first: a contour missing from it is removed, but the point is kept.
    await importSquares(squares(b, town))
    expect(await row(a)).toMatchObject({ contour: null, pointSource: 'contour', latitude: placed?.latitude })
    expect([await neighboursOf(a), await neighboursOf(b)]).toEqual([null, [town]])

    // A refused file changes nothing.
    const kept = await row(b)
    await expect(importSquares(squares('63178'))).rejects.toMatchObject({
      code: 'invalid_file',
      problems: [{ code: 'geojson.otherDepartement' }],
    })
    await expect(importSquares(new TextEncoder().encode('{}'))).rejects.toMatchObject({
      code: 'invalid_file',
    })
    expect(await row(b)).toEqual(kept)
    // The reference data is loaded a second time, which takes longer than a test may on a busy machine.
  })

  test('joins the contours of merged communes by their old codes, so that all their neighbours are found', async () => {
    // Cézia and Lavans-sur-Valouse are parts of Saint-Hymetière-sur-Valouse; the next square is Aromas.
    const [whole, former, other, next] = ['39137', '39089', '39287', '39018'] as const
    const done = await importSquares(squares(whole, former, other, next))
    expect(done).toMatchObject({ matched: 2, unmatched: [], neighbours: 1 })
    expect(done.joined.map(({ code }) => code)).toEqual([former, other])
    expect(await row(whole)).toMatchObject({ contour: { type: 'Polygon', coordinates: { length: 1 } } })
    expect(await neighboursOf(whole)).toEqual([next])
    const audit = await deps.db
      .selectFrom('auditEntries')
      .select('details')
      .where('schemeId', '=', '')
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirstOrThrow()
    expect(audit.details).toMatchObject({ matched: 2, joined: 2, unmatched: 0 })
  })

  test('finds the six neighbours of Saint-Hymetière-sur-Valouse on the contours of 2018', async ({
    skip,
  }) => {
    skip(!existsSync(GEO), NO_GEO)
    const done = await importSquares(gunzipSync(readFileSync(new URL('communes-2018/39.geojson.gz', GEO))))
    expect(done).toMatchObject({ missing: [], unmatched: [] })
    expect(done.joined.length).toBeGreaterThan(10)
    const { rows } = await sql<{ name: string }>`
      select c.name from communes o join communes c on c.code = any (o.neighbour_codes)
      where o.code = '39137' order by c.name`.execute(deps.db)
    expect(rows.map(({ name }) => name)).toEqual([
      'Arinthod',
      'Cornod',
      'Genod',
      'Thoirette-Coisia',
      'Vescles',
      'Vosbles-Valfin',
    ])
  })

  test('is allowed to the program itself only, for an existing département', async () => {
    await expect(importSquares(squares('39001'), '39', actorWith('chief'))).rejects.toMatchObject({
      code: 'forbidden',
    })
    await expect(importSquares(squares('39001'), '96')).rejects.toMatchObject({
      code: 'unknown_area',
      values: { code: '96' },
    })
  })

  test('imports the real Puy-de-Dôme and Allier', async ({ skip }) => {
    skip(!existsSync(GEO), NO_GEO)
    const file = (name: string) => readFileSync(new URL(name, GEO))
    const first = await importSquares(file('communes-63-puy-de-dome.geojson'), '63')
    expect(first).toMatchObject({ matched: 463, missing: [], unmatched: [], elsewhere: 0 })
    expect(first.joined.map((one) => one.name)).toEqual([
      'Creste',
      'Chaméane',
      'Saint-Cirgues-sur-Couze',
      'Dallet',
    ])
    // Issoire touches eight communes, and its neighbours are now exactly those.
    expect(await codesOf({ kind: 'neighbours', code: ISSOIRE })).toEqual(
      [ISSOIRE, ...((await neighboursOf(ISSOIRE)) ?? [])].sort(),
    )
    expect(await neighboursOf(ISSOIRE)).toHaveLength(8)
    // A commune on the border keeps its neighbours across it, whose contours come from another source.
    const border = await sql<{ code: string }>`
      select c.code from communes c, communes o where c.departement_code = '63' and o.departement_code = '03'
        and c.latitude is not null and o.latitude is not null
      order by (c.latitude - o.latitude) ^ 2 + (c.longitude - o.longitude) ^ 2 limit 1`.execute(deps.db)
    const atBorder = await codesOf({ kind: 'neighbours', code: border.rows[0]?.code ?? '' })
    expect(atBorder.some((code) => code.startsWith('03'))).toBe(true)

    await importSquares(file('communes-03-allier.geojson'), '03')
    const { rows } = await sql<{ lone: number; crossing: number; self: number }>`
      with pairs as (
        select code, unnest(neighbour_codes) as other from communes where departement_code in ('63', '03'))
      select count(*) filter (where not exists (
          select from communes m where m.code = n.other and n.code = any (m.neighbour_codes)))::integer as lone,
        count(*) filter (where left(code, 2) <> left(other, 2))::integer as crossing,
        count(*) filter (where code = other)::integer as self
      from pairs n`.execute(deps.db)
    expect(rows[0]).toMatchObject({ lone: 0, self: 0 })
    expect(rows[0]?.crossing).toBeGreaterThan(20)
    // Every commune of the circle is placed now: only communes beyond the imported contours can be missing.
    const around = await listAreaCommunes(deps, system, {
      ...scheme,
      area: { kind: 'radius', centre: { commune: ISSOIRE }, kilometres: 10 },
    })
    expect(around.unplaced).toEqual([])
    const map = await getTerritoryMap(deps, actorWith('operator'), 'ac63')
    expect(map.departements).toMatchObject([{ code: '63', source: 'test.geojson' }])
    const contours = await findContours(deps, '63')
    expect(contours.version).toBe(map.departements[0]?.version)
    const bytes = await contours.read()
    expect(bytes.length).toBeLessThan(120_000)
    const drawn = readTopology(JSON.parse(gunzipSync(bytes).toString()))
    expect(drawn.map(({ code }) => code)).toEqual(map.communes.map(({ code }) => code))
  })
})

describe('routes', () => {
  let app: App
  beforeAll(async () => {
    app = Fastify({
      loggerInstance: undefined as unknown as FastifyBaseLogger,
    }).withTypeProvider<ZodTypeProvider>() as unknown as App
    app.setValidatorCompiler(validatorCompiler)
    app.setSerializerCompiler(serializerCompiler)
    app.decorateRequest('actor', { getter: () => actorWith('operator') })
    territoryRoutes(app, deps)
    await app.ready()
  })
  afterAll(() => app.close())
  const get = (url: string, headers = {}) =>
    app.inject({ method: 'GET', url: `/api/schemes/ac63${url}`, headers })

  test('serves places, areas and resolved areas', async () => {
    expect((await get('/places?q=iss&limit=1')).json()).toMatchObject({
      places: [{ code: ISSOIRE, name: 'Issoire' }],
    })
    const { choices } = (await get(`/areas?commune=${ISSOIRE}`, { 'accept-language': 'en' })).json()
    expect(choices[1]).toMatchObject({
      name: 'Issoire and its neighbours',
      words: 'Issoire et communes voisines',
    })
    const resolved = await app.inject({
      method: 'POST',
      url: '/api/schemes/ac63/areas/resolve',
      payload: { area: { kind: 'sector', id: SECTOR } },
    })
    expect(resolved.json()).toEqual({
      communes: [
        { code: '63178', name: 'Issoire' },
        { code: '63275', name: 'Perrier' },
      ],
      withoutPoint: expect.any(Array),
    })
    expect((await get('/areas?commune=xx')).statusCode).toBe(400)
  })

  test('serves one map to all and revalidates it by its version', async () => {
    const plain = await get('/map', { 'accept-encoding': 'identity' })
    expect(plain.headers).toMatchObject({
      'content-type': 'application/json',
      'cache-control': 'private, no-cache',
    })
    const map: TerritoryMap = plain.json()
    expect(map.departements.map(({ code }) => code)).toEqual(['63'])
    expect(map.communes).toHaveLength(463)
    expect(map.communes.find(({ code }) => code === ISSOIRE)).toEqual({
      code: ISSOIRE,
      name: 'Issoire',
      departement: '63',
      population: expect.any(Number),
      point: { latitude: 45.54422, longitude: 3.24901 },
    })
    const zipped = await get('/map', { 'accept-encoding': 'gzip, br' })
    expect(zipped.headers['content-encoding']).toBe('gzip')
    expect(gunzipSync(zipped.rawPayload).toString()).toBe(plain.payload)
    expect(zipped.headers.etag).not.toBe(plain.headers.etag)
    const again = await get('/map', { 'accept-encoding': 'gzip', 'if-none-match': zipped.headers.etag })
    expect([again.statusCode, again.payload]).toEqual([304, ''])
    deps.now = () => new Date(NOW.getTime() + 60_000)
    await importContours(deps, system, { departementCode: '63', bytes: squares(ISSOIRE), source: 'x' })
    const after = await get('/map', { 'accept-encoding': 'gzip', 'if-none-match': zipped.headers.etag })
    expect(after.statusCode).toBe(200)
    expect(after.headers.etag).not.toBe(zipped.headers.etag)
  })

  test('serves the public map to anyone, with the names of towns and nothing about members', async () => {
    const url = '/api/public/schemes/ac63/map'
    const answer = await app.inject({ method: 'GET', url, headers: { 'accept-encoding': 'identity' } })
    const { parts } = PublicMap.parse(answer.json())
    expect(parts.map(({ towns }) => towns[0]?.name)).toEqual(['Clermont-Ferrand'])
    expect(Object.keys(parts[0]?.towns[0] ?? {})).toEqual(['name', 'population', 'x', 'y'])
    expect(answer.payload.length).toBeLessThan(20_000)
    const headers = { 'accept-encoding': 'identity', 'if-none-match': answer.headers.etag }
    expect((await app.inject({ method: 'GET', url, headers })).statusCode).toBe(304)
    await expect(getPublicMapVersion(deps, 'none')).rejects.toMatchObject({ code: 'unknown_scheme' })
  })

  test('serves the contours of a département compressed, for ever to who asks for their version', async () => {
    const contours = (code: string, headers = {}) =>
      app.inject({
        method: 'GET',
        url: `/api/contours/${code}`,
        headers: { 'accept-encoding': 'gzip', ...headers },
      })
    const first = await contours('39')
    expect(first.headers).toMatchObject({ 'cache-control': 'no-cache', 'content-encoding': 'gzip' })
    const { version } = await findContours(deps, '39')
    expect(first.headers.etag).toBe(`"${version}-gz"`)
    const same = await contours(`39?v=${version}`)
    expect(same.headers['cache-control']).toBe('public, max-age=31536000, immutable')
    expect((await contours('39', { 'if-none-match': first.headers.etag })).statusCode).toBe(304)
    const topology: ContourTopology = JSON.parse(gunzipSync(same.rawPayload).toString())
    expect(readTopology(topology).map(({ code }) => code)).toContain('39137')
    const plain = await contours('39', { 'accept-encoding': 'identity' })
    expect(plain.json()).toEqual(topology)
    // Saint-Pierre-et-Miquelon is not drawn; 96 is no département.
    for (const code of ['975', '96'])
      await expect(findContours(deps, code)).rejects.toMatchObject({ code: 'unknown_area' })
  })
})
