import { describe, expect, test } from 'vitest'
import { METROPOLITAN_ZONE } from '../../message/clock.ts'
import { CareSettings } from '../../schemes/settings/care.ts'
import { careFor, isQuiet } from './care.ts'

const NIGHT = new Date('2026-03-12T22:30:00Z')
const settings = CareSettings.parse({ quiet: { from: 1320, to: 420 } })

describe('quiet hours', () => {
  test.each([
    // from, to, minute, quiet
    [1320, 420, 1319, false],
    [1320, 420, 1320, true],
    [1320, 420, 0, true],
    [1320, 420, 419, true],
    [1320, 420, 420, false],
    [720, 840, 719, false],
    [720, 840, 720, true],
    [720, 840, 839, true],
    [720, 840, 840, false],
    [0, 0, 0, false],
    [480, 480, 480, false],
  ])('from %i to %i, at %i: %s', (from, to, minute, quiet) => {
    expect(isQuiet({ from, to }, minute)).toBe(quiet)
  })

  test.each([
    ['2026-03-12T22:30:00Z', METROPOLITAN_ZONE, '23:30', true],
    ['2026-07-12T22:30:00Z', METROPOLITAN_ZONE, '00:30', true],
    ['2026-03-12T22:30:00Z', 'Indian/Reunion', '02:30', true],
    ['2026-03-12T03:30:00Z', 'Indian/Reunion', '07:30', false],
    ['2026-03-12T22:30:00Z', 'America/Cayenne', '19:30', false],
    ['2026-03-12T03:30:00Z', 'America/Martinique', '23:30', true],
  ])('follow the clock of the scheme: %s in %s is %s', (at, timeZone, clock, quiet) => {
    const [hours = 0, minutes = 0] = clock.split(':').map(Number)
    const care = careFor(settings, 'notice', { now: new Date(at), timeZone })
    expect(care).toMatchObject({ quiet: { minute: hours * 60 + minutes }, timeZone })
    expect(isQuiet({ from: 1320, to: 420 }, care.quiet!.minute)).toBe(quiet)
  })
})

describe('care for an alert', () => {
  test.each([
    ['vital', 'vital', false, null],
    ['vital', 'alert', false, null],
    ['alert', 'vital', true, 7],
    ['alert', 'alert', false, 7],
    ['notice', 'vital', true, 2],
    ['notice', 'alert', true, 2],
  ] as const)('%s, where %s overrides quiet hours', (severity, quietOverriddenBy, spares, budget) => {
    const care = careFor({ ...settings, quietOverriddenBy }, severity, {
      now: NIGHT,
      timeZone: METROPOLITAN_ZONE,
    })
    expect(care.quiet).toEqual(spares ? { minute: 1410, usual: { from: 1320, to: 420 } } : null)
    expect(care.budget).toBe(budget)
    expect(care.since).toEqual(new Date('2026-03-05T22:30:00Z'))
  })

  test("has no budget for vital alerts, whatever the scheme's settings", () => {
    expect(CareSettings.safeParse({ budgetPerWeek: { vital: 3 } }).success).toBe(false)
  })
})
