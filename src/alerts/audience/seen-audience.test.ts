import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../../test/support/database.ts'
import { actorOf, testDeps } from '../../../test/support/deps.ts'
import {
  agencyId,
  communes,
  established,
  idOf,
  phoneOf,
  sectorId,
  seedMembers,
  seedSchemes,
} from '../../../test/support/fixtures.ts'
import { runsOf } from '../../../test/support/random.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { type Database, inScheme } from '../../platform/db.ts'
import { createReport } from '../../reports/actions.ts'
import { changeSector } from '../../schemes/sectors/actions.ts'
import type { Area } from '../../territory/contract.ts'
import { returnMessage, submitAlert } from '../approval/actions.ts'
import { firstMessageOf } from '../approval/messages.ts'
import { createAlert, updateAlert } from '../compose/draft.ts'
import type { AlertView, AudienceView } from '../contract.ts'
import { getAlert } from '../live/read.ts'
import { approveAlert, broadcastAlert, overrideAlert } from '../order/broadcast.ts'
import { findAudienceHashes, hashOfResolved, resolveCodes } from './audience.ts'
import { previewAudience } from './preview.ts'

const operator = actorOf('operator', 'ac63', { agencyId })
const chief = { ...actorOf('chief', 'ac63', { agencyId }), userId: 'chief-1', name: 'Anne Morel' }
const chamber = actorOf('chamber', 'ac63')
const SECTOR: Area = { kind: 'sector', id: sectorId }
const TRADES = ['bakeries', 'jewellers', 'tobacco-press'] as const
const IN_63 = communes.filter(({ departement }) => departement === '63').map(({ code }) => code)

describe.each(usualKinds)('the audience that was on screen, on %s', (kind) => {
  let database: Database
  let deps: Deps
  let clock = new Date('2026-03-12T17:30:00Z')

  beforeAll(async () => {
    database = await testDatabase(kind, { poolSize: 8 })
    await seedSchemes(database)
    await sql`update schemes set doctrine = '{"approval": [{"categories": ["robbery"], "severities": "all"}],
      "emergencyOverride": true, "care": {"budgetPerWeek": {"alert": null, "notice": null}}}'
      where id = 'ac63'`.execute(database.db)
    // One member of each trade in each commune.
    await seedMembers(
      database.db,
      'ac63',
      IN_63.flatMap((communeCode, place) =>
        TRADES.map((trade, no) => ({
          id: idOf(place * 10 + no),
          trade,
          communeCode,
          phones: [phoneOf(place * 10 + no)],
        })),
      ),
    )
  })
  afterAll(() => database.close())
  beforeEach(async () => {
    await draw('63178', '63050')
    clock = new Date(clock.getTime() + 48 * 3_600_000)
    deps = testDeps(database, { now: () => clock })
  })

  const draw = (...codes: string[]) =>
    sql`update sectors set commune_codes = ${codes} where id = ${sectorId}`.execute(database.db)
  /** Changes the sector as a chamber does on its screen. */
  const enlarge = async () => {
    const { rows } = await sql<{ version: number }>`
      select version from sectors where id = ${sectorId}`.execute(database.db)
    await changeSector(deps, chamber, 'ac63', sectorId, {
      name: "Val d'Allier",
      communeCodes: IN_63,
      version: rows[0]!.version,
    })
  }
  const write = async (categoryCode = 'counterfeit', trades: string[] = []) => {
    const { id: reportId } = await createReport(deps, operator, 'ac63', {
      categoryCode,
      communeCode: '63178',
    })
    return createAlert(deps, operator, 'ac63', {
      text: 'Vol à main armée à Issoire vers 18h30. Faux billets à Issoire. Ne pas intervenir.',
      area: SECTOR,
      trades,
      doctrine: established,
      reportId,
    })
  }
  const look = (trades: string[] = []) =>
    previewAudience(deps, operator, 'ac63', { area: SECTOR, trades, severity: 'alert' })
  const seen = ({ hash, members }: AudienceView) => ({ audience: { hash, members } })
  const order = (alert: AlertView, more: object = {}) =>
    broadcastAlert(deps, operator, 'ac63', alert.id, { version: alert.version, ...more })
  const submit = (alert: AlertView, more: object = {}) =>
    submitAlert(deps, operator, 'ac63', alert.id, { version: alert.version, ...more })
  const approve = (alert: AlertView, more: object = {}) =>
    approveAlert(deps, chief, 'ac63', alert.id, { version: alert.version, ...more })
  const refusal = (act: Promise<unknown>) =>
    act.then(
      () => expect.fail('it was taken'),
      (error: unknown) => {
        if (!(error instanceof AppError)) throw error
        return { code: error.code, ...error.values }
      },
    )
  const planned = async (id: string) =>
    (
      await sql<{ phone: string }>`
        select d.phone from deliveries d join broadcasts b on b.id = d.broadcast_id
        where b.alert_id = ${id} and b.kind = 'first'`.execute(database.db)
    ).rows
      .map(({ phone }) => phone)
      .sort()
  const numbersIn = (codes: readonly string[], trades: readonly string[] = TRADES) =>
    IN_63.flatMap((code, place) =>
      TRADES.flatMap((trade, no) =>
        codes.includes(code) && trades.includes(trade) ? [phoneOf(place * 10 + no)] : [],
      ),
    ).toSorted()

  test('refuses an order when the sector was enlarged after the preview, in the same version', async () => {
    const shown = await look()
    expect(shown.members).toBe(6)
    const alert = await write()
    await enlarge()
    expect(await refusal(order(alert, seen(shown)))).toEqual({
      code: 'audience_changed',
      before: 6,
      after: 18,
    })
    // An order without an audience goes to the audience of its version, or is refused.
    expect(await refusal(order(alert))).toEqual({ code: 'audience_changed', before: 'unknown', after: 18 })
    expect(await planned(alert.id)).toEqual([])
    // A new preview is accepted.
    await order(alert, seen(await look()))
    expect(await planned(alert.id)).toEqual(numbersIn(IN_63))
  })

  test('accepts an alert saved again, since that makes a new version with the current sector', async () => {
    const alert = await write()
    await enlarge()
    const again = await updateAlert(deps, operator, 'ac63', alert.id, {
      text: alert.text,
      area: SECTOR,
      trades: [],
      version: alert.version,
    })
    expect(again.version).toBe(2)
    await order(again)
    expect(await planned(alert.id)).toEqual(numbersIn(IN_63))
  })

  test('refuses to approve an alert whose sector changed after the submission: it can only be returned', async () => {
    const alert = await submit(await write('robbery'), seen(await look()))
    expect(alert.submission).toEqual({ members: 6, changed: false })
    await enlarge()
    const { alert: now } = await getAlert(deps, chief, 'ac63', alert.id)
    expect(now.submission).toEqual({ members: 6, changed: true })
    const changed = { code: 'audience_changed', before: 6, after: 18 }
    expect(await refusal(approve(alert))).toEqual(changed)
    // Another preview by the approver does not change what the author submitted.
    expect(await refusal(approve(alert, seen(await look())))).toEqual(changed)
    expect(await planned(alert.id)).toEqual([])
    const reason = 'Le secteur a été agrandi.'
    const returned = await returnMessage(deps, chief, 'ac63', firstMessageOf(alert.id), {
      version: alert.version,
      reason,
    })
    expect(returned).toMatchObject({ state: 'returned', submission: null })
    const again = await submit(returned, seen(await look()))
    expect(again.submission).toEqual({ members: 18, changed: false })
    await approve(again, seen(await look()))
    expect(await planned(alert.id)).toEqual(numbersIn(IN_63))
  })

  test('refuses an approval from a screen that shows the sector of an earlier submission', async () => {
    const shown = await look()
    const alert = await submit(await write('robbery'), seen(shown))
    await enlarge()
    const { version } = alert
    const returned = await returnMessage(deps, chief, 'ac63', firstMessageOf(alert.id), {
      version,
      reason: 'À revoir.',
    })
    const again = await submit(returned, seen(await look()))
    expect(again.version).toBe(version)
    expect(await refusal(approve(again, seen(shown)))).toMatchObject({ code: 'audience_changed', before: 6 })
  })

  test('refuses a submission and an override for another sector than the one shown', async () => {
    const shown = await look()
    const alert = await write('robbery')
    await enlarge()
    expect(await refusal(submit(alert, seen(shown)))).toMatchObject({ code: 'audience_changed', before: 6 })
    const alone = { version: alert.version, reason: 'Agresseur encore en ville', ...seen(shown) }
    expect(await refusal(overrideAlert(deps, chief, 'ac63', alert.id, alone))).toMatchObject({
      code: 'audience_changed',
      after: 18,
    })
  })

  test('sends to members who joined since and not to those who left, without a change of audience', async () => {
    const alert = await submit(await write('robbery'), seen(await look()))
    await seedMembers(database.db, 'ac63', [{ id: idOf(900), phones: [phoneOf(900)] }])
    await sql`update members set status = 'left' where id = ${idOf(0)}`.execute(database.db)
    try {
      expect((await getAlert(deps, chief, 'ac63', alert.id)).alert.submission).toEqual({
        members: 6,
        changed: false,
      })
      await approve(alert, seen(await look()))
      expect(await planned(alert.id)).toEqual([
        ...numbersIn(['63178', '63050']).filter((phone) => phone !== phoneOf(0)),
        phoneOf(900),
      ])
    } finally {
      await sql`update members set status = 'active' where id = ${idOf(0)}`.execute(database.db)
      await sql`update members set status = 'left' where id = ${idOf(900)}`.execute(database.db)
    }
  })

  test('keeps the hash of the audience that a sent alert had, whatever its sector becomes', async () => {
    const alert = await write()
    const sent = await order(alert, seen(await look()))
    await enlarge()
    expect((await getAlert(deps, operator, 'ac63', alert.id)).alert.contentHash).toBe(sent.contentHash)
  })

  const codes = fc.uniqueArray(fc.constantFrom(...IN_63), { minLength: 1, maxLength: IN_63.length })
  const someTrades = fc.uniqueArray(fc.constantFrom(...TRADES), { maxLength: 2 })

  test('property: sends to the communes and trades that were on screen, or to no recipient', async () => {
    await fc.assert(
      fc.asyncProperty(codes, codes, someTrades, fc.boolean(), async (before, after, trades, names) => {
        clock = new Date(clock.getTime() + 48 * 3_600_000)
        await draw(...before)
        const shown = await look(trades)
        const alert = await write('counterfeit', trades)
        await draw(...after)
        const isSame = before.toSorted().join() === after.toSorted().join()
        const ordered = order(alert, names ? seen(shown) : {})
        if (isSame) await ordered
        else expect(await refusal(ordered)).toMatchObject({ code: 'audience_changed' })
        const audience = numbersIn(before, trades.length === 0 ? TRADES : trades)
        expect(shown.members).toBe(audience.length)
        expect(await planned(alert.id)).toEqual(isSame ? audience : [])
      }),
      { numRuns: runsOf(25) },
    )
  })

  test('property: shows the hash of the codes to which an order is sent', async () => {
    const commune = fc.constantFrom(...IN_63)
    const placed = fc.constantFrom('63178', '63287', '63050', '63113')
    const simple = fc.oneof(
      commune.map((code) => ({ kind: 'commune' as const, code })),
      commune.map((code) => ({ kind: 'neighbours' as const, code })),
      fc.record({
        kind: fc.constant('radius' as const),
        centre: placed.map((code) => ({ commune: code })),
        kilometres: fc.integer({ min: 1, max: 60 }),
      }),
      codes.map((all) => ({ kind: 'communes' as const, codes: all })),
      fc.constantFrom(
        { kind: 'epci' as const, code: '200070407' },
        { kind: 'departement' as const, code: '63' },
        { kind: 'sector' as const, id: sectorId },
        { kind: 'scheme' as const },
      ),
    )
    const area: fc.Arbitrary<Area> = fc.oneof(
      simple,
      fc.array(simple, { minLength: 1, maxLength: 4 }).map((areas) => ({ kind: 'union' as const, areas })),
    )
    const context = { schemeId: 'ac63', territory: { kind: 'departement', code: '63' } } as const
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ area, trades: someTrades }), { minLength: 1, maxLength: 3 }),
        (all) =>
          inScheme(database.db, 'ac63', async (tx) => {
            const hashes = await findAudienceHashes(
              tx,
              all.map((audience) => ({ audience, context })),
            )
            const resolved = []
            for (const audience of all)
              resolved.push(hashOfResolved(await resolveCodes(tx, audience, context)))
            expect(hashes).toEqual(resolved)
          }),
      ),
      { numRuns: runsOf(60) },
    )
  })
})
