import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase } from '../../test/support/database.ts'
import { actorOf, noteJobs, testDeps } from '../../test/support/deps.ts'
import { agencyId, idOf, phoneOf, seedMembers, seedSchemes } from '../../test/support/fixtures.ts'
import { verifyAudit } from '../audit/verify.ts'
import type { Deps } from '../deps.ts'
import type { Actor } from '../permissions.ts'
import type { Database } from '../platform/db.ts'
import type { LiveEvent } from '../platform/http/live.ts'
import { createReport, getReport, listReports, refuseReport } from './actions.ts'
import type { NewReport, ReportQuery } from './contract.ts'

const operator = actorOf('operator', 'ac63', { agencyId })
const counterfeit: NewReport = { categoryCode: 'counterfeit', communeCode: '63178' }
const query: ReportQuery = { limit: 50 }

describe('reports', () => {
  let database: Database
  let deps: Deps
  let clock = new Date('2026-03-12T17:30:00Z')
  const jobs = noteJobs()
  const events: LiveEvent[] = []

  beforeAll(async () => {
    database = await testDatabase('postgres')
    await seedSchemes(database)
    await seedMembers(database.db, 'ac63', [
      { id: idOf(1), name: 'Tabac Ambert', communeCode: '63003', phones: [phoneOf(1)] },
      { id: idOf(2), name: 'Tabac du Centre', phones: [phoneOf(1), phoneOf(2)] },
      { id: idOf(3), name: 'Parti', status: 'left', phones: [phoneOf(3)] },
      { id: idOf(4), name: 'Sans SMS', phones: [{ mobile: phoneOf(4), sms: false }] },
    ])
    await seedMembers(database.db, 'ac39', [{ id: idOf(9), communeCode: '39300', phones: [phoneOf(9)] }])
    deps = testDeps(database, { now: () => clock, jobs })
    deps.live.subscribe('ac63', (event) => events.push(event))
  })
  afterAll(() => database.close())

  test('records a call: the caller is recognised, the operator named, and screens notified', async () => {
    const report = await createReport(deps, operator, 'ac63', {
      ...counterfeit,
      place: 'centre-ville',
      callerPhone: '06 39 98 00 01',
      facts: 'Billet de 50 €',
    })
    expect(report).toMatchObject({
      category: { code: 'counterfeit', labelFr: 'Faux billets', severity: 'alert' },
      commune: { code: '63178', name: 'Issoire' },
      calledAt: clock.toISOString(),
      occurredAt: clock.toISOString(),
      // Two shops have this number; the one of the commune is chosen.
      caller: {
        name: 'Dominique',
        phone: '•• •• •• •• 01',
        member: { id: idOf(2), name: 'Tabac du Centre' },
        answerable: true,
      },
      agency: { name: 'CIC Clermont-Ferrand', kind: 'police' },
      state: 'waiting',
      createdBy: 'Camille Roche (CIC Clermont-Ferrand)',
      alert: null,
    })
    expect(events.at(-1)).toEqual({ type: 'report', schemeId: 'ac63', reportId: report.id })
    expect(await getReport(deps, operator, 'ac63', report.id)).toEqual(report)
  })

  test('former members, and members of other schemes, are not recognised', async () => {
    for (const n of [3, 9]) {
      const { caller } = await createReport(deps, operator, 'ac63', {
        ...counterfeit,
        callerPhone: phoneOf(n),
      })
      expect(caller).toEqual({ name: null, phone: `•• •• •• •• 0${n}`, member: null, answerable: true })
    }
    await expect(
      createReport(deps, operator, 'ac63', { ...counterfeit, callerMemberId: idOf(9) }),
    ).rejects.toMatchObject({ code: 'invalid_input', problems: [{ code: 'report.caller_unknown' }] })
  })

  test('the member chosen by the operator takes precedence over the number', async () => {
    const { caller } = await createReport(deps, operator, 'ac63', {
      ...counterfeit,
      callerPhone: phoneOf(1),
      callerMemberId: idOf(1),
      callerName: 'Mme Petit',
    })
    expect(caller).toEqual({
      name: 'Mme Petit',
      phone: '•• •• •• •• 01',
      member: { id: idOf(1), name: 'Tabac Ambert' },
      answerable: true,
    })
  })

  test("a caller is answered at the mobile they left, otherwise at their business's", async () => {
    const answerable = async (over: Partial<NewReport>) =>
      (await createReport(deps, operator, 'ac63', { ...counterfeit, ...over })).caller?.answerable
    expect(await answerable({ callerPhone: phoneOf(77) })).toBe(true)
    expect(await answerable({ callerPhone: '04 65 71 00 01' })).toBe(false)
    expect(await answerable({ callerMemberId: idOf(2) })).toBe(true)
    expect(await answerable({ callerMemberId: idOf(4) })).toBe(false)
    expect(await answerable({ callerName: 'Mme Petit' })).toBe(false)
    expect(await answerable({})).toBeUndefined()
  })

  test('refuses an answer without recipient or text, or too long, with all other problems', async () => {
    const { id } = await createReport(deps, operator, 'ac63', { ...counterfeit, callerName: 'Mme Petit' })
    const refuse = (answer: string, over: Partial<Deps> = {}) =>
      refuseReport({ ...deps, ...over }, operator, 'ac63', id, { reason: 'other', answer })
    await expect(refuse('x'.repeat(400))).rejects.toMatchObject({
      problems: [
        { code: 'report.note_missing', path: 'note' },
        { code: 'text_too_long', path: 'answer', values: { parts: 3, limit: 2 } },
        { code: 'report.no_mobile', path: 'answer' },
      ],
    })
    const noRoute = { config: { ...deps.config, gateways: [] } }
    await expect(refuse('', noRoute)).rejects.toMatchObject({
      problems: [
        { code: 'report.note_missing' },
        { code: 'text_empty' },
        { code: 'report.no_mobile' },
        { code: 'no_route' },
      ],
    })
    expect((await getReport(deps, operator, 'ac63', id)).state).toBe('waiting')
  })

  test('reports every problem at once, and writes nothing', async () => {
    const before = await listReports(deps, operator, 'ac63', query)
    await expect(
      createReport(deps, operator, 'ac63', {
        categoryCode: 'retired',
        communeCode: '39300',
        callerPhone: '12',
        occurredAt: '2026-03-12T15:00:00+00:00',
      }),
    ).rejects.toMatchObject({
      code: 'invalid_input',
      problems: [
        { code: 'unknown_category', path: 'categoryCode' },
        { code: 'report.commune_outside', path: 'communeCode' },
        { code: 'late_reason_missing', path: 'lateReason' },
        { code: 'phone.short', path: 'callerPhone' },
      ],
    })
    await expect(
      createReport(deps, operator, 'ac63', { ...counterfeit, communeCode: '99999' }),
    ).rejects.toMatchObject({ code: 'unknown_commune', values: { code: '99999' } })
    expect(await listReports(deps, operator, 'ac63', query)).toEqual(before)
  })

  test('a report is refused once, with its reason; a job discards its draft', async () => {
    const { id } = await createReport(deps, operator, 'ac63', counterfeit)
    const refused = await refuseReport(deps, operator, 'ac63', id, {
      reason: 'doubt',
      note: 'Billet vérifié',
    })
    expect(refused).toMatchObject({
      state: 'refused',
      refusal: { code: 'doubt', note: 'Billet vérifié' },
      decidedBy: 'Camille Roche (CIC Clermont-Ferrand)',
      decidedAt: clock.toISOString(),
    })
    expect(jobs.noted.at(-1)).toEqual({ name: 'report.refused', payload: { schemeId: 'ac63', reportId: id } })
    await expect(refuseReport(deps, operator, 'ac63', id, { reason: 'doubt' })).rejects.toMatchObject({
      code: 'already_decided',
    })
    const other = await createReport(deps, operator, 'ac63', counterfeit)
    await expect(refuseReport(deps, operator, 'ac63', other.id, { reason: 'other' })).rejects.toMatchObject({
      problems: [{ code: 'report.note_missing' }],
    })
    await expect(refuseReport(deps, operator, 'ac63', idOf(77), { reason: 'doubt' })).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  test('a list is filtered, counted by state, and paged without losing calls of one instant', async () => {
    clock = new Date('2026-03-12T18:00:00Z')
    const ids: string[] = []
    for (let i = 0; i < 5; i++) {
      ids.push(
        (
          await createReport(deps, operator, 'ac63', {
            categoryCode: 'robbery',
            communeCode: i === 0 ? '63003' : '63113',
            facts: ['Voiture', 'Moto noire, 100 % sûr', 'Fenêtre forcée, bœuf volé'][i] ?? 'Voiture',
          })
        ).id,
      )
    }
    // Calls of one instant are sorted by id.
    ids.sort()
    const robberies = await listReports(deps, operator, 'ac63', { ...query, categoryCode: 'robbery' })
    expect(robberies.counts).toEqual({ waiting: 5, broadcast: 0, refused: 0 })
    expect(robberies.reports.map(({ id }) => id)).toEqual(ids.toReversed())

    const seen: string[] = []
    for (let page: ReportQuery = { ...query, categoryCode: 'robbery', limit: 2 }; ; ) {
      const { reports, next } = await listReports(deps, operator, 'ac63', page)
      seen.push(...reports.map(({ id }) => id))
      if (next === null) break
      page = { ...page, before: next }
    }
    expect(seen).toEqual(ids.toReversed())

    const found = async (q: string) =>
      (await listReports(deps, operator, 'ac63', { ...query, categoryCode: 'robbery', q })).reports.length
    expect(await Promise.all(['ambert', 'MOTO', '100 %', '%', 'clermont', 'rien'].map(found))).toEqual([
      1, 1, 1, 1, 4, 0,
    ])
    // Accents and ligatures are those of the text or not.
    expect(await Promise.all(['fenetre', 'FENÊTRE FORCÉE', 'boeuf', 'Bœuf vole', 'sur'].map(found))).toEqual([
      1, 1, 1, 1, 1,
    ])
    const waiting = await listReports(deps, operator, 'ac63', { ...query, state: 'refused' })
    expect(waiting.reports.map(({ state }) => state)).toEqual(['refused'])
    expect(waiting.counts.refused).toBe(1)
    expect(waiting.counts.waiting).toBeGreaterThan(5)
  })

  test('refuses users without the right, and other schemes', async () => {
    const { id } = await createReport(deps, operator, 'ac63', counterfeit)
    await expect(
      createReport(deps, actorOf('magistrate', 'ac63'), 'ac63', counterfeit),
    ).rejects.toMatchObject({
      code: 'forbidden',
    })
    await expect(getReport(deps, actorOf('chamber', 'ac63'), 'ac63', id)).rejects.toMatchObject({
      code: 'forbidden',
    })
    await expect(getReport(deps, actorOf('operator', 'ac39'), 'ac63', id)).rejects.toMatchObject({
      code: 'unknown_scheme',
    })
    // A report of another scheme is not found.
    await expect(getReport(deps, actorOf('operator', 'ac39'), 'ac39', id)).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  test('each action is in the audit log, without personal data', async () => {
    const rows = await database.db
      .selectFrom('auditEntries')
      .select(['actor', 'action', 'details'])
      .where('schemeId', '=', 'ac63')
      .execute()
    expect(new Set(rows.map(({ action }) => action))).toEqual(
      new Set(['report.create', 'report.read', 'report.refuse']),
    )
    expect(new Set(rows.map(({ actor }) => actor))).toEqual(new Set(['user:operator-1']))
    expect(JSON.stringify(rows)).not.toMatch(/\+33|Petit|Billet|Dominique/)
    const chain = (await verifyAudit(database.db)).find(({ schemeId }) => schemeId === 'ac63')
    expect(chain?.entries).toBe(rows.length)
    expect(chain?.broken).toBeUndefined()
  })

  describe('with an id of the client', () => {
    const call: NewReport = {
      ...counterfeit,
      place: 'centre-ville',
      callerPhone: '06 39 98 00 01',
      facts: 'Billet de 50 €',
      calledAt: '2026-03-12T17:20:00Z',
    }
    const entriesOf = (id: string) =>
      database.db.selectFrom('auditEntries').select('action').where('subject', '=', `report:${id}`).execute()
    const create = (input: NewReport, actor: Actor = operator, schemeId = 'ac63') =>
      createReport(deps, actor, schemeId, input)

    test('answers the same request again with the report that it created, once on record', async () => {
      const input = { ...call, id: deps.newId() }
      const first = await create(input)
      expect(first.id).toBe(input.id)
      const before = events.length
      expect(await create(input)).toEqual(first)
      expect(await entriesOf(input.id)).toEqual([{ action: 'report.create' }])
      expect(events).toHaveLength(before)
      // Also once it is decided, when a new report would be too late.
      await refuseReport(deps, operator, 'ac63', input.id, { reason: 'doubt' })
      clock = new Date(clock.getTime() + 6 * 3_600_000)
      expect(await create(input)).toMatchObject({ id: input.id, state: 'refused' })
      clock = new Date(clock.getTime() - 6 * 3_600_000)
    })

    test('creates one report of two requests at once', async () => {
      for (let i = 0; i < 20; i++) {
        const input = { ...call, id: deps.newId() }
        const both = await Promise.all([create(input), create(input), create(input)])
        expect(new Set(both.map(({ id }) => id))).toEqual(new Set([input.id]))
        expect(await entriesOf(input.id)).toHaveLength(1)
      }
      const id = deps.newId()
      const settled = await Promise.allSettled([
        create({ ...call, id }),
        create({ ...call, id, facts: 'Autre' }),
      ])
      expect(settled.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      expect(settled.find(({ status }) => status === 'rejected')).toMatchObject({
        reason: { code: 'id_taken' },
      })
    })

    test.each<[string, Partial<NewReport>]>([
      ['category', { categoryCode: 'robbery' }],
      ['commune', { communeCode: '63003' }],
      ['place', { place: 'gare' }],
      ['facts', { facts: undefined }],
      ['call', { calledAt: '2026-03-12T17:21:00Z' }],
      ['offence', { occurredAt: '2026-03-12T17:19:00Z' }],
      ['late reason', { lateReason: 'Découvert à la caisse' }],
      ['phone', { callerPhone: phoneOf(2) }],
      ['name', { callerName: 'Mme Petit' }],
      ['member', { callerMemberId: idOf(1) }],
      ['kind', { exercise: true }],
    ])('refuses the same id with another %s', async (_, over) => {
      const id = deps.newId()
      await create({ ...call, id })
      await expect(create({ ...call, id, ...over })).rejects.toMatchObject({ code: 'id_taken' })
      expect(await entriesOf(id)).toHaveLength(1)
    })

    test('refuses the id of a report of another account, and reveals nothing about a row of another scheme', async () => {
      const input = { ...call, id: deps.newId() }
      await create(input)
      const colleague = actorOf('chief', 'ac63', { agencyId })
      await expect(create(input, colleague)).rejects.toMatchObject({ code: 'id_taken' })
      const elsewhere = await create(
        { categoryCode: 'counterfeit', communeCode: '39300', id: input.id },
        actorOf('operator', 'ac39'),
        'ac39',
      )
      expect(elsewhere).toMatchObject({ id: input.id, commune: { code: '39300' }, place: null })
    })
  })
})
