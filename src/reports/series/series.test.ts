import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../../test/support/database.ts'
import { actorOf, testDeps } from '../../../test/support/deps.ts'
import { agencyId, agePast, seedSchemes } from '../../../test/support/fixtures.ts'
import type { Deps } from '../../deps.ts'
import type { Database } from '../../platform/db.ts'
import { createReport, refuseReport } from '../actions.ts'
import {
  addToSeries,
  createSeries,
  listSeries,
  removeFromSeries,
  renameSeries,
  revertReportsApart,
  setReportsApart,
} from './actions.ts'

const operator = actorOf('operator', 'ac63', { agencyId })
const magistrate = actorOf('magistrate', 'ac63')
const neighbour = actorOf('operator', 'ac39')

describe.each(usualKinds)('series on %s', (kind) => {
  let database: Database
  let deps: Deps
  let clock = new Date('2026-03-12T17:30:00Z')

  beforeAll(async () => {
    database = await testDatabase(kind, { poolSize: 4 })
    await seedSchemes(database)
    deps = testDeps(database, { now: () => clock })
  })
  afterAll(() => database.close())
  beforeEach(async () => {
    await agePast(database)
    // Incidents of the previous test are too old to be compared.
    clock = new Date(clock.getTime() + 60 * 86_400_000)
  })

  async function report(communeCode: string, over: { categoryCode?: string; exercise?: boolean } = {}) {
    clock = new Date(clock.getTime() + 3_600_000)
    return (await createReport(deps, operator, 'ac63', { categoryCode: 'counterfeit', communeCode, ...over }))
      .id
  }

  test('proposes similar reports, links them, and proposes later ones for the same series', async () => {
    const first = await report('63178')
    const second = await report('63287')
    await report('63003', { categoryCode: 'robbery' })
    const before = await listSeries(deps, magistrate, 'ac63')
    expect(before.series).toEqual([])
    expect(before.proposals).toMatchObject([
      {
        seriesId: null,
        common: { sameCategory: true, kilometres: 3, hours: 1 },
        reports: [{ id: first, commune: { name: 'Issoire' } }, { id: second }],
      },
    ])
    const linked = await createSeries(deps, operator, 'ac63', { reportIds: [first, second] })
    expect(linked.proposals).toEqual([])
    expect(linked.series).toMatchObject([
      {
        title: null,
        createdBy: 'Camille Roche (CIC Clermont-Ferrand)',
        reports: [{ id: first }, { id: second }],
      },
    ])
    const id = linked.series[0]!.id
    const third = await report('63050')
    expect((await listSeries(deps, operator, 'ac63')).proposals).toMatchObject([
      { seriesId: id, reports: [{ id: third }] },
    ])
    const grown = await addToSeries(deps, operator, 'ac63', id, { reportIds: [third] })
    expect(grown.series[0]?.reports.map((one) => one.id)).toEqual([first, second, third])
    const named = await renameSeries(deps, operator, 'ac63', id, { title: ' Berline noire '.trim() })
    expect(named.series[0]?.title).toBe('Berline noire')
    expect((await renameSeries(deps, operator, 'ac63', id, { title: '' })).series[0]?.title).toBeNull()
  })

  test('a removed report is not proposed again, until it is linked by hand', async () => {
    const ids = [await report('63178'), await report('63287'), await report('63050')]
    const id = (await createSeries(deps, operator, 'ac63', { reportIds: ids })).series[0]!.id
    const after = await removeFromSeries(deps, operator, 'ac63', id, { reportIds: [ids[2]!] })
    expect(after.series[0]?.reports).toHaveLength(2)
    expect(after.proposals).toEqual([])
    const again = await addToSeries(deps, operator, 'ac63', id, { reportIds: [ids[2]!] })
    expect(again.series[0]?.reports).toHaveLength(3)
    const gone = await removeFromSeries(deps, operator, 'ac63', id, { reportIds: ids })
    expect(gone.series).toEqual([])
    // If all are removed together, they are not set apart from each other.
    expect(gone.proposals).toMatchObject([{ seriesId: null }])
  })

  test('a dismissed proposal does not return, unless the dismissal is reverted', async () => {
    const reportIds = [await report('63178'), await report('63287')]
    expect((await setReportsApart(deps, operator, 'ac63', { reportIds, seriesId: null })).proposals).toEqual(
      [],
    )
    const { proposals, apart } = await listSeries(deps, operator, 'ac63')
    expect(proposals).toEqual([])
    expect(apart).toMatchObject([
      { saidBy: 'Camille Roche (CIC Clermont-Ferrand)', reports: reportIds.map((id) => ({ id })) },
    ])
    const { pairs } = apart[0]!
    expect(pairs).toHaveLength(1)
    const back = await revertReportsApart(deps, operator, 'ac63', { pairs })
    expect(back.proposals).toHaveLength(1)
    expect(back.apart).toEqual([])
    // Repeating it does no harm.
    expect((await revertReportsApart(deps, operator, 'ac63', { pairs })).proposals).toHaveLength(1)

    const id = (await createSeries(deps, operator, 'ac63', { reportIds })).series[0]!.id
    const next = await report('63050')
    const aside = { reportIds: [next], seriesId: id }
    const without = await setReportsApart(deps, operator, 'ac63', aside)
    expect(without.proposals).toEqual([])
    expect(without.apart[0]?.pairs).toHaveLength(2)
    const again = await revertReportsApart(deps, operator, 'ac63', { pairs: without.apart[0]!.pairs })
    expect(again.proposals).toHaveLength(1)
  })

  test('each separation is reverted separately', async () => {
    const [a, b, c] = [await report('63178'), await report('63287'), await report('63050')]
    await setReportsApart(deps, operator, 'ac63', { reportIds: [a, b], seriesId: null })
    clock = new Date(clock.getTime() + 1000)
    const { apart } = await setReportsApart(deps, operator, 'ac63', { reportIds: [a, b, c], seriesId: null })
    // The second request adds nothing about the first two.
    expect(apart.map(({ pairs }) => pairs.length)).toEqual([2, 1])
    const back = await revertReportsApart(deps, operator, 'ac63', { pairs: apart[0]!.pairs })
    expect(back.apart.map(({ pairs }) => pairs)).toEqual([[[a, b].toSorted()]])
    expect(back.proposals[0]?.reports).toHaveLength(2)
  })

  test('exercises, calls without an offence and duplicates are not incidents', async () => {
    const first = await report('63178')
    const exercise = await report('63178', { exercise: true })
    for (const reason of ['no_offence', 'duplicate'] as const) {
      await refuseReport(deps, operator, 'ac63', await report('63178'), { reason })
    }
    expect((await listSeries(deps, operator, 'ac63')).proposals).toEqual([])
    await expect(
      createSeries(deps, operator, 'ac63', { reportIds: [first, exercise] }),
    ).rejects.toMatchObject({ problems: [{ code: 'series.exercise' }] })
    // A call refused for another reason still happened.
    const refused = await report('63287')
    await refuseReport(deps, operator, 'ac63', refused, { reason: 'arrested' })
    expect((await listSeries(deps, operator, 'ac63')).proposals).toMatchObject([
      { reports: [{ id: first }, { id: refused, state: 'refused' }] },
    ])
  })

  test('a report is in one series, of its own scheme', async () => {
    const ids = [await report('63178'), await report('63287'), await report('63050'), await report('63178')]
    const [a, b, c, d] = ids as [string, string, string, string]
    const id = (await createSeries(deps, operator, 'ac63', { reportIds: [a, b] })).series[0]!.id
    await expect(createSeries(deps, operator, 'ac63', { reportIds: [b, c] })).rejects.toMatchObject({
      problems: [{ code: 'series.report_taken' }],
    })
    await expect(createSeries(deps, operator, 'ac63', { reportIds: [c, c] })).rejects.toMatchObject({
      problems: [{ code: 'series.too_few' }],
    })
    for (const attempt of [
      () => createSeries(deps, neighbour, 'ac39', { reportIds: [c, d] }),
      () => addToSeries(deps, neighbour, 'ac39', id, { reportIds: [c] }),
      () => removeFromSeries(deps, neighbour, 'ac39', id, { reportIds: [a] }),
      () => renameSeries(deps, neighbour, 'ac39', id, { title: 'x' }),
      () => setReportsApart(deps, neighbour, 'ac39', { reportIds: [c, d], seriesId: null }),
      () => revertReportsApart(deps, neighbour, 'ac39', { pairs: [[c, d]] }),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ code: 'not_found' })
    }
    expect(await listSeries(deps, neighbour, 'ac39')).toEqual({ series: [], proposals: [], apart: [] })
    for (const attempt of [
      () => createSeries(deps, magistrate, 'ac63', { reportIds: [c, d] }),
      () => revertReportsApart(deps, magistrate, 'ac63', { pairs: [[c, d]] }),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ code: 'forbidden' })
    }
  })

  test('the same request with the id of the client links its reports once, also of two at once', async () => {
    const [a, b, c] = [await report('63178'), await report('63287'), await report('63050')]
    const input = { id: deps.newId(), title: 'Berline', reportIds: [a, b] }
    const create = (over: object = {}, actor = operator) =>
      createSeries(deps, actor, 'ac63', { ...input, ...over })
    const both = await Promise.all([create(), create({ reportIds: [b, a, b] }), create()])
    for (const { series } of both) expect(series.map(({ id }) => id)).toEqual([input.id])
    const entries = await database.db
      .selectFrom('auditEntries')
      .select('action')
      .where('subject', '=', `series:${input.id}`)
      .execute()
    expect(entries).toEqual([{ action: 'series.create' }])
    for (const over of [
      { title: 'Autre' },
      { title: undefined },
      { reportIds: [a, c] },
      { reportIds: [a, b, c] },
    ])
      await expect(create(over)).rejects.toMatchObject({ code: 'id_taken' })
    await expect(create({}, actorOf('chief', 'ac63', { agencyId }))).rejects.toMatchObject({
      code: 'id_taken',
    })
  })

  test('every change is in the audit log', async () => {
    const rows = await database.db
      .selectFrom('auditEntries')
      .select('action')
      .distinct()
      .where('action', 'like', 'series.%')
      .orderBy('action')
      .execute()
    expect(rows.map(({ action }) => action)).toEqual([
      'series.apart',
      'series.create',
      'series.link',
      'series.rename',
      'series.together',
      'series.unlink',
    ])
  })
})
