import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { testDatabase, usualKinds } from '../../../test/support/database.ts'
import { actorOf, contactOf, testDeps } from '../../../test/support/deps.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../../test/support/fixtures.ts'
import { runsOf } from '../../../test/support/random.ts'
import type { Deps } from '../../deps.ts'
import type { AppError } from '../../errors.ts'
import type { Actor, ShopStatus } from '../../permissions.ts'
import type { Database } from '../../platform/db.ts'
import type { LiveEvent } from '../../platform/http/live.ts'
import { getStatistics as getFigures } from '../../statistics/actions.ts'
import { createReport, getReport, listReports, refuseReport } from '../actions.ts'
import { claimReport, releaseReport } from '../claims.ts'
import { getReportForm, listOwnReports, REPORTS_AN_HOUR, reportFromShop } from './actions.ts'
import { NewOwnReport } from './contract.ts'

const operator = actorOf('operator', 'ac63')
const of = (n: number, schemeId = 'ac63') => ({ schemeId, memberId: idOf(n) })
const person = (n: number, schemeId = 'ac63') => contactOf(schemeId, idOf(n))

describe.each(usualKinds)('reports from the portal on %s', (kind) => {
  let database: Database
  let deps: Deps
  let clock = new Date('2026-03-12T10:00:00Z')
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    await seedMembers(
      database.db,
      'ac63',
      [1, 2, 3].map((n) => ({ id: idOf(n), name: `Tabac ${n}`, phones: [phoneOf(n)] })),
    )
    await seedMembers(database.db, 'ac39', [{ id: idOf(4), communeCode: '39300', phones: [phoneOf(1)] }])
    deps = testDeps(database, { now: () => clock })
  })
  afterAll(() => database.close())
  beforeEach(() => {
    clock = new Date(clock.getTime() + 2 * 3_600_000)
  })

  const send = (n: number, input: object = {}) =>
    reportFromShop(deps, person(n), of(n), NewOwnReport.parse({ categoryCode: 'counterfeit', ...input }))
  const own = async (n: number) => (await listOwnReports(deps, person(n), of(n))).reports
  const problemsOf = (work: Promise<unknown>) =>
    work.then(
      () => [],
      (error: AppError) => error.problems.map(({ code, path }) => `${path}: ${code}`),
    )

  test('the form starts with the shop and the categories that it can report', async () => {
    expect(await getReportForm(deps, person(1), of(1))).toEqual({
      categories: [
        { code: 'counterfeit', labelFr: 'Faux billets', labelEn: 'Counterfeit notes' },
        { code: 'robbery', labelFr: 'Vol à main armée', labelEn: 'Armed robbery' },
      ],
      commune: 'Issoire',
      place: 'Tabac 1',
      lateAfterMinutes: 60,
    })
  })

  test('a report waits in the queue with its caller filled in, and operators are notified', async () => {
    const told = vi.fn<(event: LiveEvent) => void>()
    const leave = deps.live.subscribe('ac63', told)
    const sent = await send(1, { facts: 'Deux billets de 50.', flight: 'vers Clermont, à pied' })
    leave()
    expect(told.mock.calls.map(([event]) => event)).toEqual([
      { type: 'report', schemeId: 'ac63', reportId: sent.id },
    ])
    expect(await getReport(deps, operator, 'ac63', sent.id)).toMatchObject({
      state: 'waiting',
      portal: true,
      called17: false,
      commune: { name: 'Issoire' },
      place: 'Tabac 1',
      facts: 'Deux billets de 50, fuite vers Clermont, à pied',
      caller: { name: 'Dominique', member: { id: idOf(1), name: 'Tabac 1' }, answerable: true },
      createdBy: 'Dominique (Tabac 1)',
      calledAt: clock.toISOString(),
    })
    const [entry] = await database.db
      .selectFrom('auditEntries')
      .select(['actor', 'details'])
      .where('subject', '=', `report:${sent.id}`)
      .execute()
    expect(entry?.actor).toBe(`contact:${idOf(1)}`)
    expect(JSON.stringify(entry)).not.toContain('39980001')
    // A place, how, or neither: each is written so that it can stand in a message.
    for (const [flight, facts] of [
      ['Le Broc en voiture.', 'Deux billets de 50, fuite vers Le Broc en voiture'],
      ['scooter noir', 'Deux billets de 50, fuite : scooter noir'],
    ] as const) {
      const { id } = await send(1, { facts: 'Deux billets de 50.', flight })
      expect(await getReport(deps, operator, 'ac63', id)).toMatchObject({ facts })
    }
  })

  test('answers the same report again under its id, also at the limit of an hour, and refuses another', async () => {
    const input = { id: deps.newId(), facts: 'Deux billets de 50.', flight: 'à pied' }
    const [first, second] = await Promise.all([send(3, input), send(3, input)])
    expect(first).toMatchObject({ id: input.id })
    expect(second).toEqual(first)
    for (let i = 1; i < REPORTS_AN_HOUR; i++) await send(3)
    expect(await send(3, input)).toEqual(first)
    expect((await own(3)).filter(({ id }) => id === input.id)).toHaveLength(1)
    const entries = await database.db
      .selectFrom('auditEntries')
      .select('actor')
      .where('subject', '=', `report:${input.id}`)
      .execute()
    expect(entries).toEqual([{ actor: `contact:${idOf(3)}` }])
    await expect(send(3, { ...input, facts: 'Trois billets.' })).rejects.toMatchObject({ code: 'id_taken' })
    await expect(send(1, input)).rejects.toMatchObject({ code: 'id_taken' })
  })

  test('is a call to 17 only if its author says that they called', async () => {
    const months = async () => (await getFigures(deps, operator, 'ac63', {})).calls
    const before = (await months()) ?? 0
    await send(2)
    expect(await months()).toBe(before)
    const { id } = await send(2, { called17: true })
    expect(await months()).toBe(before + 1)
    expect(await getReport(deps, operator, 'ac63', id)).toMatchObject({ portal: true, called17: true })
  })

  test('reports every problem at once, each at its field', async () => {
    expect(await problemsOf(send(1, { categoryCode: '' }))).toEqual(['categoryCode: input.required'])
    const hours = (n: number) => new Date(clock.getTime() - n * 3_600_000).toISOString()
    expect(await problemsOf(send(1, { categoryCode: 'nothing', occurredAt: hours(2) }))).toEqual([
      'categoryCode: unknown_category',
      'lateReason: late_reason_missing',
    ])
    expect(await problemsOf(send(1, { occurredAt: hours(-1) }))).toEqual([
      'occurredAt: report.offence_in_future',
    ])
    expect(await send(1, { occurredAt: hours(2), lateReason: 'Vu à la caisse du soir' })).toMatchObject({
      occurredAt: hours(2),
    })
  })

  test('limits a shop to five reports an hour, whichever contact, without blocking others', async () => {
    for (let i = 0; i < REPORTS_AN_HOUR; i++) await send(2)
    await expect(send(2)).rejects.toMatchObject({ code: 'rate_limited', values: { seconds: 3600 } })
    await send(3)
    clock = new Date(clock.getTime() + 3_600_000)
    await send(2)
    // Also when submitted at the same time.
    clock = new Date(clock.getTime() + 2 * 3_600_000)
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => send(2)))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(REPORTS_AN_HOUR)
  })

  test('the merchant follows it: received, taken, closed without an alert, with the answer', async () => {
    const { id } = await send(1)
    const state = async () => (await own(1)).find((one) => one.id === id)?.state
    expect(await state()).toBe('received')
    await claimReport(deps, operator, 'ac63', id, { take: false })
    expect(await state()).toBe('taken')
    await releaseReport(deps, operator, 'ac63', id)
    expect(await state()).toBe('received')
    await refuseReport(deps, operator, 'ac63', id, {
      reason: 'doubt',
      note: 'Appelant connu pour plaisanter',
      answer: 'Merci, pas d’alerte.',
    })
    const [closed] = (await own(1)).filter((one) => one.id === id)
    expect(closed).toMatchObject({ state: 'closed', answer: 'Merci, pas d’alerte.' })
    expect(JSON.stringify(closed)).not.toMatch(/plaisanter|doubt|Camille/)
  })

  test('shows no calls to 17, not even those of the same shop', async () => {
    const call = await createReport(deps, operator, 'ac63', {
      categoryCode: 'robbery',
      communeCode: '63178',
      callerMemberId: idOf(1),
      facts: 'Notes de l’opérateur',
    })
    expect((await own(1)).map(({ id }) => id)).not.toContain(call.id)
    expect((await listReports(deps, operator, 'ac63', { limit: 200 })).reports.map(({ id }) => id)).toContain(
      call.id,
    )
  })

  test("only for an active member's own shop, and not for accounts", async () => {
    for (const status of ['pending', 'suspended'] as const satisfies readonly ShopStatus[]) {
      const actor: Actor = { ...person(1), shops: [{ ...person(1).shops[0]!, status }] }
      await expect(
        reportFromShop(deps, actor, of(1), NewOwnReport.parse({ categoryCode: 'counterfeit' })),
      ).rejects.toMatchObject({ code: 'forbidden' })
    }
    await expect(
      reportFromShop(deps, operator, of(1), NewOwnReport.parse({ categoryCode: 'counterfeit' })),
    ).rejects.toMatchObject({ code: 'forbidden' })
  })

  test('no path shows a shop the reports of another, in its scheme or elsewhere', async () => {
    const made = new Map<number, string[]>()
    for (const n of [1, 2, 3]) made.set(n, [(await send(n, { facts: `Fait ${n}` })).id])
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(1, 2, 3, 4),
        fc.constantFrom(1, 2, 3, 4),
        fc.constantFrom('ac63', 'ac39'),
        async (me, asked, schemeId) => {
          const actor = person(me, me === 4 ? 'ac39' : 'ac63')
          const list = await listOwnReports(deps, actor, of(asked, schemeId)).catch(
            (error: AppError) => error.code,
          )
          const isOwn = me === asked && schemeId === (me === 4 ? 'ac39' : 'ac63')
          if (!isOwn) expect(list).toBe('not_found')
          else if (typeof list !== 'string') {
            for (const [n, ids] of made) {
              expect(list.reports.some(({ id }) => ids.includes(id))).toBe(n === me)
            }
          }
        },
      ),
      { numRuns: runsOf(60) },
    )
  })
})
