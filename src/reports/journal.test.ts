import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../test/support/database.ts'
import { actorOf, contactOf, testDeps } from '../../test/support/deps.ts'
import { agencyId, idOf, phoneOf, seedMembers, seedSchemes } from '../../test/support/fixtures.ts'
import type { Deps } from '../deps.ts'
import type { Database } from '../platform/db.ts'
import { createReport, listReports, refuseReport } from './actions.ts'
import type { NewReport, RefuseReport, ReportQuery } from './contract.ts'
import { exportJournal, getReportStatistics } from './journal.ts'

const operator = actorOf('operator', 'ac63', { agencyId })

describe.each(usualKinds)('journal on %s', (kind) => {
  let database: Database
  let deps: Deps
  let clock = new Date()
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    await seedMembers(database.db, 'ac63', [{ id: idOf(1), name: '=Tabac; du Centre', phones: [phoneOf(1)] }])
    deps = testDeps(database, { now: () => clock })
    const call = async (at: string, input: Partial<NewReport>, refusal?: RefuseReport) => {
      clock = new Date(at)
      const { id } = await createReport(deps, operator, 'ac63', {
        categoryCode: 'counterfeit',
        communeCode: '63178',
        ...input,
      })
      if (refusal) await refuseReport(deps, operator, 'ac63', id, refusal)
    }
    await call('2025-03-12T12:00:00Z', {}, { reason: 'other', note: 'trop ancien pour la statistique' })
    // This is already February in French local time.
    await call('2026-01-31T23:30:00Z', {}, { reason: 'doubt' })
    await call('2026-02-10T12:00:00Z', { categoryCode: 'robbery' }, { reason: 'no_offence' })
    await call('2026-02-11T12:00:00Z', { exercise: true }, { reason: 'no_offence' })
    await call('2026-03-02T12:00:00Z', {})
    await call(
      '2026-03-03T12:00:00Z',
      { callerMemberId: idOf(1), place: 'rue "Haute"', facts: 'billets\nde 20' },
      { reason: 'doubt', answer: 'Merci de votre appel.' },
    )
    clock = new Date('2026-03-20T12:00:00Z')
  })
  afterAll(() => database.close())

  test('counts by month, reason and category, including months without a call, without exercises', async () => {
    expect(await getReportStatistics(deps, operator, 'ac63', { months: 4 })).toEqual({
      months: [
        { month: '2025-12', calls: 0, broadcast: 0, refused: 0, answered: 0 },
        { month: '2026-01', calls: 0, broadcast: 0, refused: 0, answered: 0 },
        { month: '2026-02', calls: 2, broadcast: 0, refused: 2, answered: 0 },
        { month: '2026-03', calls: 2, broadcast: 0, refused: 1, answered: 1 },
      ],
      reasons: [
        { reason: 'doubt', refused: 2 },
        { reason: 'no_offence', refused: 1 },
      ],
      categories: [
        { code: 'counterfeit', labelFr: 'Faux billets', labelEn: 'Counterfeit notes', calls: 3, refused: 2 },
        { code: 'robbery', labelFr: 'Vol à main armée', labelEn: 'Armed robbery', calls: 1, refused: 1 },
      ],
      behindSeconds: 0,
    })
    const empty = await getReportStatistics(deps, actorOf('operator', 'ac39'), 'ac39', { months: 1 })
    expect(empty).toEqual({
      months: [{ month: '2026-03', calls: 0, broadcast: 0, refused: 0, answered: 0 }],
      reasons: [],
      categories: [],
      behindSeconds: 0,
    })
  })

  const csv = async (query: Parameters<typeof exportJournal>[3], lang: 'fr' | 'en' = 'fr') => {
    let text = ''
    for await (const piece of await exportJournal(deps, operator, 'ac63', query, lang)) text += piece
    return text
  }

  test('is exported with its filters, with masked numbers, safe to open in a spreadsheet', async () => {
    const text = await csv({ state: 'refused', exercise: false })
    const lines = text.trimEnd().split('\r\n')
    expect(lines[0]).toMatch(/^\uFEFFAppel;Faits;Catégorie;.*;Exercice;Origine$/)
    expect(lines).toHaveLength(5)
    expect(lines[1]).toBe(
      '2026-03-03 13:00:00;2026-03-03 13:00:00;Faux billets;Issoire;63178;"rue ""Haute""";"\'=Tabac; du Centre";;"billets\nde 20";;Camille Roche (CIC Clermont-Ferrand);non diffusé;doute non levé;;Merci de votre appel.;2026-03-03 13:00:00;Camille Roche (CIC Clermont-Ferrand);;;;;non;appel',
    )
    expect((await csv({}, 'en')).split('\r\n')).toHaveLength(8)
    expect(text).not.toContain('+33')
  })

  test('filters by day of the call in France, reason and agency, and counts accordingly', async () => {
    const listed = async (query: Partial<ReportQuery>) => {
      const { reports, counts } = await listReports(deps, operator, 'ac63', { limit: 50, ...query })
      return { days: reports.map(({ calledAt }) => calledAt.slice(0, 10)), counts }
    }
    // 31 January 23:30 UTC is 1 February in France.
    expect((await listed({ from: '2026-02-01', to: '2026-02-10' })).days).toEqual([
      '2026-02-10',
      '2026-01-31',
    ])
    expect((await listed({ to: '2026-01-31' })).days).toEqual(['2025-03-12'])
    expect(await listed({ refusalCode: 'doubt' })).toEqual({
      days: ['2026-03-03', '2026-01-31'],
      counts: { waiting: 0, broadcast: 0, refused: 2 },
    })
    expect((await listed({ agencyId, state: 'waiting' })).days).toEqual(['2026-03-02'])
    expect((await listed({ agencyId: idOf(77) })).days).toEqual([])
    expect((await listed({ from: '2026-03-02', to: '2026-03-01' })).days).toEqual([])
    expect(
      (await csv({ refusalCode: 'no_offence', from: '2026-02-11', agencyId })).trimEnd().split('\r\n'),
    ).toHaveLength(2)
  })

  test.each([
    ['Indian/Reunion', '2026-02-01', '2026-02-01 03:30:00', '2026-02'],
    ['America/Cayenne', '2026-01-31', '2026-01-31 20:30:00', '2026-01'],
    ['America/Martinique', '2026-01-31', '2026-01-31 19:30:00', '2026-01'],
  ])('filters, exports and counts by the days of the scheme: %s', async (timeZone, day, hour, month) => {
    const set = (zone: string | null) =>
      sql`update schemes set time_zone = ${zone} where id = 'ac63'`.execute(database.db)
    await set(timeZone)
    try {
      const text = await csv({ from: day, to: day })
      expect(
        text
          .trimEnd()
          .split('\r\n')
          .slice(1)
          .map((line) => line.split(';')[0]),
      ).toEqual([hour])
      const { months } = await getReportStatistics(deps, operator, 'ac63', { months: 3 })
      expect(months.find((one) => one.month === month)?.calls).toBe(month === '2026-01' ? 1 : 2)
    } finally {
      await set(null)
    }
  })

  test('its export is audited, without the search text', async () => {
    await csv({ q: 'Mme Petit', categoryCode: 'robbery' })
    const entry = await database.db
      .selectFrom('auditEntries')
      .select(['actor', 'details'])
      .where('action', '=', 'report.export')
      .orderBy('seq', 'desc')
      .executeTakeFirstOrThrow()
    expect(entry).toEqual({
      actor: 'user:operator-1',
      details: { categoryCode: 'robbery', searched: true },
    })
  })

  test('refuses members, the chamber and other schemes', async () => {
    for (const actor of [actorOf('chamber', 'ac63'), contactOf('ac63', idOf(1))]) {
      await expect(getReportStatistics(deps, actor, 'ac63', { months: 1 })).rejects.toMatchObject({
        code: 'forbidden',
      })
      await expect(exportJournal(deps, actor, 'ac63', {}, 'fr')).rejects.toMatchObject({ code: 'forbidden' })
    }
    await expect(exportJournal(deps, actorOf('chief', 'ac39'), 'ac63', {}, 'fr')).rejects.toMatchObject({
      code: 'unknown_scheme',
    })
  })
})
