import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../../test/support/database.ts'
import {
  communes,
  idOf,
  phoneOf,
  type SeedMember,
  sectorId,
  seedMembers,
  seedSchemes,
} from '../../../test/support/fixtures.ts'
import { runsOf } from '../../../test/support/random.ts'
import type { PlannedRecipient } from '../../deliveries/plan/plan.ts'
import { METROPOLITAN_ZONE } from '../../message/clock.ts'
import { type Database, inScheme } from '../../platform/db.ts'
import type { Area, SimpleArea } from '../../territory/contract.ts'
import { distanceKm } from '../../territory/distance.ts'
import { type Audience, heldBackOf, recipientsOf, resolveAudience } from './audience.ts'
import { countAudience } from './audience-count.ts'
import { type Care, isQuiet } from './care.ts'

const context = { schemeId: 'ac63', territory: { kind: 'departement', code: '63' } } as const
const trades = ['bakeries', 'jewellers', 'tobacco-press']

const commune = fc.constantFrom(...communes.map(({ code }) => code))
const placed = fc.constantFrom(
  ...communes.filter(({ latitude }) => latitude !== null).map(({ code }) => code),
)
// Circles around Issoire, so that their border crosses communes.
const point = fc.record({
  latitude: fc.double({ min: 45.3, max: 45.9, noNaN: true }),
  longitude: fc.double({ min: 2.9, max: 3.8, noNaN: true }),
})
const simple: fc.Arbitrary<SimpleArea> = fc.oneof(
  fc.record({ kind: fc.constant('commune' as const), code: commune }),
  fc.record({
    kind: fc.constant('radius' as const),
    centre: fc.oneof(fc.record({ commune: placed }), point),
    kilometres: fc.constantFrom(3, 8, 30, 60),
  }),
  fc.record({ kind: fc.constant('epci' as const), code: fc.constantFrom('200070407', '246300701') }),
  fc.record({ kind: fc.constant('departement' as const), code: fc.constantFrom('63', '39') }),
  fc.record({ kind: fc.constant('sector' as const), id: fc.constant(sectorId) }),
  fc.record({
    kind: fc.constant('communes' as const),
    codes: fc.uniqueArray(commune, { minLength: 1, maxLength: 3 }),
  }),
  fc.constant({ kind: 'scheme' as const }),
)
const area: fc.Arbitrary<Area> = fc.oneof(
  { weight: 3, arbitrary: simple },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('union' as const),
      areas: fc.array(simple, { minLength: 1, maxLength: 3 }),
    }),
  },
)
const hours = fc.constantFrom(
  { from: 1320, to: 420 },
  { from: 720, to: 840 },
  { from: 0, to: 0 },
  { from: 1439, to: 0 },
)
const NOW = new Date('2026-03-12T16:30:00Z')
const hoursAgo = (hours: number) => new Date(NOW.getTime() - hours * 3_600_000)
const care: fc.Arbitrary<Care> = fc
  .record({
    severity: fc.constantFrom('vital', 'alert', 'notice'),
    quiet: fc.option(
      fc.record({
        minute: fc.constantFrom(0, 419, 420, 719, 720, 839, 840, 1320, 1439),
        usual: fc.option(hours, { nil: null }),
      }),
      { nil: null },
    ),
    budget: fc.constantFrom(null, null, 1, 2, 3),
    since: fc.constant(hoursAgo(7 * 24)),
    digestAt: fc.constant(480),
    timeZone: fc.constant(METROPOLITAN_ZONE),
  })
  .map((one) => (one.severity === 'vital' ? { ...one, quiet: null, budget: null } : one))
/** Past alerts of each number, in hours ago; some are older than seven days. */
const pastOf = (numbers: number) =>
  fc.array(
    fc.record({
      phone: fc.integer({ min: 0, max: numbers - 1 }).map(phoneOf),
      severity: fc.constantFrom('vital' as const, 'alert' as const, 'notice' as const),
      hours: fc.integer({ min: 1, max: 240 }),
    }),
    { maxLength: numbers * 4, size: 'max' },
  )
// Alerts to many numbers or to one only, since `isCrowd` chooses another query for each.
const past = fc.oneof(pastOf(16), pastOf(1))
// Few numbers for the number of members, so that many are shared, some by three members.
const member = fc.record({
  trade: fc.constantFrom(...trades),
  communeCode: commune,
  status: fc.constantFrom(
    'active' as const,
    'active' as const,
    'active' as const,
    'pending' as const,
    'left' as const,
  ),
  point: fc.option(point, { nil: undefined }),
  quiet: fc.option(hours, { nil: undefined }),
  phones: fc.uniqueArray(
    fc.record({ mobile: fc.integer({ min: 0, max: 15 }).map(phoneOf), sms: fc.boolean() }),
    { maxLength: 3, selector: ({ mobile }) => mobile },
  ),
})
type Member = Omit<SeedMember, 'phones' | 'point' | 'quiet'> & {
  readonly quiet: SeedMember['quiet'] | undefined
  readonly phones: readonly { readonly mobile: string; readonly sms: boolean }[]
  readonly point: { readonly latitude: number; readonly longitude: number } | undefined
  readonly communeCode: string
  readonly trade: string
}

/** Computes the audience from its definition, over the members in memory. */
function expectedAudience(members: readonly Member[], { area, trades: wanted }: Audience): Member[] {
  const inArea = (one: Member, part: Area): boolean => {
    const home = communes.find(({ code }) => code === one.communeCode)!
    switch (part.kind) {
      case 'commune':
        return home.code === part.code
      case 'communes':
        return part.codes.includes(home.code)
      case 'epci':
        return home.epci === part.code
      case 'departement':
        return home.departement === part.code
      case 'scheme':
        return true
      case 'sector':
        return home.code === '63178' || home.code === '63050'
      case 'union':
        return part.areas.some((each) => inArea(one, each))
      case 'radius': {
        const { centre } = part
        const middle = 'commune' in centre ? communes.find(({ code }) => code === centre.commune)! : centre
        if (middle.latitude === null || middle.longitude === null) return false
        const at = one.point ?? home
        if (at.latitude === null || at.longitude === null) return false
        return (
          distanceKm(
            { latitude: middle.latitude, longitude: middle.longitude },
            { latitude: at.latitude, longitude: at.longitude },
          ) <= part.kilometres
        )
      }
      default:
        throw new Error(`not in this test: ${part.kind}`)
    }
  }
  return members.filter(
    (one) =>
      one.status === 'active' && (wanted.length === 0 || wanted.includes(one.trade)) && inArea(one, area),
  )
}

/** The settings of a vital alert, which holds back no recipient. */
const UNSPARING: Care = {
  severity: 'vital',
  quiet: null,
  budget: null,
  since: hoursAgo(168),
  digestAt: 480,
  timeZone: METROPOLITAN_ZONE,
}

function countBy<T>(items: readonly T[], key: (item: T) => string): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const item of items) counts[key(item)] = (counts[key(item)] ?? 0) + 1
  return counts
}

describe.each(usualKinds)('audience on %s', (kind) => {
  let database: Database
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    // The same numbers in another scheme, on members in the same communes, must never be counted.
    await seedMembers(
      database.db,
      'ac39',
      communes.map(({ code }, n) => ({ id: idOf(900 + n), communeCode: code, phones: [phoneOf(n)] })),
    )
  })
  afterAll(() => database.close())

  const inAc63 = <T>(work: Parameters<typeof inScheme<T>>[2]) => inScheme(database.db, 'ac63', work)
  const recipients = (audience: Audience, care: Care = UNSPARING, place = '63178') =>
    inAc63(async (tx) => {
      const resolved = await resolveAudience(tx, audience, context)
      const { rows } =
        await sql<PlannedRecipient>`select * from (${recipientsOf(resolved, place, care)}) r`.execute(tx)
      return rows
    })
  const heldBack = (audience: Audience, care: Care) =>
    inAc63(async (tx) => {
      const resolved = await resolveAudience(tx, audience, context)
      const { rows } = await sql<PlannedRecipient & { reason: string; dueAt: Date }>`
        select * from (${heldBackOf(resolved, care, NOW)}) r`.execute(tx)
      return rows
    })
  const seedPast = async (drawn: readonly { phone: string; severity: string; hours: number }[]) => {
    await inAc63((tx) => sql`delete from solicitations`.execute(tx))
    const sorted = drawn.toSorted((a, b) => a.hours - b.hours)
    for (const phone of new Set(drawn.map((one) => one.phone))) {
      const of = (severity?: string) =>
        sorted
          .filter((one) => one.phone === phone && (severity === undefined || one.severity === severity))
          .map((one) => hoursAgo(one.hours))
      await database.db
        .insertInto('solicitations')
        .values({
          schemeId: 'ac63',
          phone,
          latest: of().slice(0, 4),
          alert: of('alert'),
          notice: of('notice'),
        })
        .execute()
    }
  }

  test('counts in the preview exactly the recipients of the snapshot, both as defined', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(member, { maxLength: 24, size: 'max' }),
        fc.array(fc.record({ area, trades: fc.subarray(trades), care }), { minLength: 1, maxLength: 4 }),
        past,
        async (drawn, audiences, had) => {
          const members: Member[] = drawn.map((one, n) => ({ ...one, id: idOf(n + 1) }))
          await inAc63((tx) => sql`delete from members where scheme_id = 'ac63'`.execute(tx))
          await seedMembers(
            database.db,
            'ac63',
            members.map(({ point: at, quiet, ...one }) => ({
              ...one,
              ...(at && { point: at }),
              ...(quiet && { quiet }),
            })),
          )
          await seedPast(had)
          for (const audience of audiences) {
            const { care } = audience
            const counts = await inAc63((tx) => countAudience(tx, audience, context, care))
            const rows = await recipients(audience, care)
            const held = await heldBack(audience, care)
            const expected = expectedAudience(members, audience)
            const reachable = expected.filter(({ phones }) => phones.some(({ sms }) => sms))

            // Each phone once, on the first member by id that lists it and is not in quiet hours.
            const isCalm = (one: Member) => {
              const its = one.quiet ?? care.quiet?.usual
              return care.quiet !== null && its != null && isQuiet(its, care.quiet.minute)
            }
            const lately = (phone: string, severity?: string) =>
              had.filter(
                (one) =>
                  one.phone === phone &&
                  one.hours <= 7 * 24 &&
                  (severity === undefined || one.severity === severity),
              ).length
            const phones = new Map<string, Member>()
            for (const one of [...expected.filter((each) => !isCalm(each)), ...expected]) {
              for (const { mobile, sms } of one.phones)
                if (sms && !phones.has(mobile)) phones.set(mobile, one)
            }
            const reasonOf = ([phone, owner]: readonly [string, Member]) =>
              isCalm(owner)
                ? 'quiet'
                : care.budget !== null && lately(phone, care.severity) >= care.budget
                  ? 'fatigue'
                  : null
            const sent = [...phones].filter((one) => reasonOf(one) === null)
            expect(new Map(rows.map((row) => [row.phone, row.memberId]))).toEqual(
              new Map(sent.map(([phone, owner]) => [phone, owner.id])),
            )
            expect(rows.length).toBe(sent.length)
            expect(new Map(held.map((row) => [row.phone, `${row.memberId} ${row.reason}`]))).toEqual(
              new Map(
                [...phones]
                  .filter((one) => reasonOf(one) !== null)
                  .map((one) => [one[0], `${one[1].id} ${reasonOf(one)}`]),
              ),
            )
            expect(held.length).toBe(phones.size - sent.length)
            expect(counts.leftOut).toEqual({
              quiet: held.filter((row) => row.reason === 'quiet').length,
              fatigue: held.filter((row) => row.reason === 'fatigue').length,
            })
            const solicited = (least: number, most = Number.POSITIVE_INFINITY) =>
              rows.filter((row) => least <= lately(row.phone) && lately(row.phone) <= most).length
            expect(counts.solicitation).toEqual({
              two: solicited(2, 2),
              three: solicited(3, 3),
              fourOrMore: solicited(4),
            })
            const reached = expected.filter(({ phones: own }) =>
              own.some(({ mobile, sms }) => sms && rows.some((row) => row.phone === mobile)),
            )

            expect(counts.sms).toBe(rows.length)
            expect(counts.members).toBe(reached.length)
            expect(counts.unreachable).toBe(expected.length - reachable.length)
            const nonZero = (cells: readonly (readonly [string, number])[]) =>
              Object.fromEntries(cells.filter(([, count]) => count > 0))
            expect(nonZero(counts.byTrade.map(({ trade, sms }) => [trade, sms]))).toEqual(
              countBy(rows, (row) => row.trade),
            )
            expect(nonZero(counts.byCommune.map(({ code, sms }) => [code, sms]))).toEqual(
              countBy(rows, (row) => row.communeCode),
            )
            expect(Object.fromEntries(counts.byTrade.map(({ trade, members: n }) => [trade, n]))).toEqual(
              countBy(reached, (one) => one.trade),
            )
            expect(Object.fromEntries(counts.byCommune.map(({ code, members: n }) => [code, n]))).toEqual(
              countBy(reached, (one) => one.communeCode),
            )
          }
        },
      ),
      { numRuns: runsOf(80) },
    ))

  test('orders recipients by distance from the place, those without a point last', async () => {
    await inAc63((tx) => sql`delete from members where scheme_id = 'ac63'`.execute(tx))
    await seedMembers(
      database.db,
      'ac63',
      ['63321', '63003', '63113', '63287', '63178', '63050'].map((communeCode, n) => ({
        id: idOf(n + 1),
        communeCode,
        phones: [phoneOf(n)],
      })),
    )
    const order = async (place: string) =>
      (await recipients({ area: { kind: 'scheme' }, trades: [] }, UNSPARING, place)).map(
        (row) => row.communeCode,
      )
    expect(await order('63178')).toEqual(['63178', '63287', '63050', '63113', '63003', '63321'])
    expect((await order('63113')).slice(0, 1)).toEqual(['63113'])
    // If the place has no point, recipients are ordered by member, and none is missing.
    expect(await order('63321')).toEqual(['63321', '63003', '63113', '63287', '63178', '63050'])
  })
})
