import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dayIn, METROPOLITAN_ZONE } from '../message/clock.ts'
import {
  addDays,
  computeFee,
  daysBetween,
  duesStateOf,
  type Fees,
  nextTargetDay,
  receiptNumber,
  remainingByYear,
  waiversToCancel,
} from './rules.ts'

const fees: Fees = {
  year: 2026,
  feeCents: 1000,
  tradeFees: { farmers: 0, jewellers: 2500 },
  proRata: true,
  dueOn: '2026-03-31',
}

describe('what a member owes', () => {
  test.each([
    ['joined in an earlier year', 'bakeries', '2020-05-01', 1000, '2026-03-31'],
    ['joined in January', 'bakeries', '2026-01-31', 1000, '2026-03-31'],
    ['joined in March', 'bakeries', '2026-03-15', 833, '2026-04-14'],
    ['joined in December', 'bakeries', '2026-12-31', 83, '2027-01-30'],
    ['has a fee of its trade', 'jewellers', '2026-07-01', 1250, '2026-07-31'],
    ['is exempt', 'farmers', '2026-07-01', 0, '2026-07-31'],
    ['joined on the last day of the year before', 'bakeries', '2025-12-31', 1000, '2026-03-31'],
  ])('%s', (_, trade, joinedOn, amountCents, dueOn) => {
    const member = { trade, joinedOn, addedOn: joinedOn }
    expect(computeFee(fees, member)).toEqual({ amountCents, dueOn })
    expect(computeFee({ ...fees, proRata: false }, member).amountCents).toBe(fees.tradeFees[trade] ?? 1000)
  })

  test('is by the day of joining, and has 30 days from the day that the member was added', () => {
    const member = { trade: 'bakeries', joinedOn: '2019-05-01', addedOn: '2026-07-10' }
    expect(computeFee(fees, member)).toEqual({ amountCents: 1000, dueOn: '2026-08-09' })
  })

  test.each([true, false])('is nothing for a member that joins in a later year, pro rata: %s', (proRata) => {
    const member = { trade: 'bakeries', joinedOn: '2027-01-05', addedOn: '2026-02-01' }
    expect(computeFee({ ...fees, proRata }, member).amountCents).toBe(0)
  })

  test('is never more than the whole fee, and never more for joining later', () => {
    fc.assert(
      fc.property(fc.nat({ max: 10_000_000 }), fc.integer({ min: 1, max: 11 }), (feeCents, month) => {
        const joined = (m: number) =>
          computeFee(
            { ...fees, feeCents },
            {
              ...{ trade: 'bakeries', addedOn: '2026-01-01' },
              joinedOn: `2026-${String(m).padStart(2, '0')}-10`,
            },
          ).amountCents
        expect(joined(month)).toBeLessThanOrEqual(feeCents)
        expect(joined(month + 1)).toBeLessThanOrEqual(joined(month))
        expect(Number.isInteger(joined(month))).toBe(true)
      }),
    )
  })
})

test('payments settle the oldest year first; nothing is lost or counted twice', () => {
  expect(remainingByYear([1000, 1000, 1000], 1500)).toEqual([0, 500, 1000])
  expect(remainingByYear([1000, 1000], -300)).toEqual([0, 0])
  fc.assert(
    fc.property(
      fc.array(fc.nat({ max: 5000 })),
      fc.integer({ min: -5000, max: 50_000 }),
      (years, balance) => {
        const left = remainingByYear(years, balance)
        const whole = years.reduce((sum, one) => sum + one, 0)
        expect(left.reduce((sum, one) => sum + one, 0)).toBe(Math.max(0, Math.min(whole, balance)))
        left.forEach((one, i) => {
          expect(one).toBeGreaterThanOrEqual(0)
          expect(one).toBeLessThanOrEqual(years[i]!)
          // A year is settled only after all earlier ones.
          if (one < years[i]!) for (const before of left.slice(0, i)) expect(before).toBe(0)
        })
      },
    ),
  )
})

test('states, days and numbers', () => {
  const dues = { amountCents: 1000, remainingCents: 1000, dueOn: '2026-03-31' }
  expect(duesStateOf(dues, '2026-03-31')).toBe('due')
  expect(duesStateOf(dues, '2026-04-01')).toBe('late')
  expect(duesStateOf({ ...dues, remainingCents: 0 }, '2026-04-01')).toBe('paid')
  expect(duesStateOf({ ...dues, amountCents: 0, remainingCents: 0 }, '2026-04-01')).toBe('exempt')
  // Half past eleven in the evening in London is the next day in France.
  expect(dayIn(METROPOLITAN_ZONE, new Date('2026-12-31T23:30:00Z'))).toBe('2027-01-01')
  expect(addDays('2026-02-28', 1)).toBe('2026-03-01')
  expect(addDays('2026-03-29', 1)).toBe('2026-03-30')
  expect(daysBetween('2026-03-28', '2026-03-30')).toBe(2)
  expect(receiptNumber('ac63', 2026, 42)).toBe('AC63-2026-00042')
})

describe('waivers of a withdrawn year', () => {
  test.each([
    ['a waiver of that year, entirely', [[1000, 1000]], 1000, 0, [1000]],
    ['the part of that year, of a waiver of two years', [[1700, 1000]], 1000, 700, [1000]],
    ['nothing of a waiver of another year', [[700, 0]], 1000, 700, [0]],
    [
      'one of two waivers of that year',
      [
        [1000, 1000],
        [1000, 1000],
      ],
      1000,
      1000,
      [1000, 0],
    ],
    [
      'more, if the remaining fees are less than the waivers',
      [
        [1000, 0],
        [1000, 0],
      ],
      1000,
      1000,
      [1000, 0],
    ],
  ])('cancels %s', (_, waivers, amountCents, othersCents, backs) => {
    const given = waivers.map(([cents = 0, ofYear = 0]) => ({ cents, ofYear }))
    expect(waiversToCancel(given, { amountCents, othersCents })).toEqual(backs)
  })

  test('leave waivers no larger than the remaining fees, and cancel no more than the withdrawn fee', () => {
    const cents = fc.integer({ min: 1, max: 3000 })
    const waiver = fc
      .tuple(cents, cents)
      .map(([a, b]) => ({ cents: Math.max(a, b), ofYear: Math.min(a, b) - 1 }))
    fc.assert(
      fc.property(
        fc.array(waiver, { maxLength: 4 }),
        cents,
        fc.nat({ max: 9000 }),
        (waivers, amountCents, more) => {
          const letOff = waivers.reduce((sum, one) => sum + one.cents, 0)
          // Never more than was billed.
          const othersCents = Math.max(0, letOff - amountCents) + more
          const backs = waiversToCancel(waivers, { amountCents, othersCents })
          const back = backs.reduce((sum, one) => sum + one, 0)
          expect(backs.every((one, i) => one >= 0 && one <= waivers[i]!.cents)).toBe(true)
          expect(back).toBeLessThanOrEqual(amountCents)
          expect(letOff - back).toBeLessThanOrEqual(othersCents)
          const ofYear = waivers.reduce((sum, one) => sum + one.ofYear, 0)
          expect(back).toBeGreaterThanOrEqual(Math.min(ofYear, amountCents))
        },
      ),
    )
  })
})

test.each([
  // Weekends, and the days on which TARGET is closed.
  ['2026-03-14', '2026-03-16'],
  ['2026-04-03', '2026-04-07'],
  ['2026-05-01', '2026-05-04'],
  ['2026-12-25', '2026-12-28'],
  ['2027-01-01', '2027-01-04'],
  ['2027-03-26', '2027-03-30'],
  ['2038-04-23', '2038-04-27'],
  // A holiday in France on which banks settle.
  ['2026-07-14', '2026-07-14'],
])('banks that are closed on %s settle on %s', (day, next) => {
  expect(nextTargetDay(day)).toBe(next)
})
