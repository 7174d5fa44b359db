import { expect, test, vi } from 'vitest'
import { METROPOLITAN_ZONE } from '../../../src/message/clock.ts'
import { readablePhone } from '../../../src/message/phone.ts'
import { setTimeZone } from '../../api/clock.ts'
import {
  clockOf,
  dayOf,
  longDayOf,
  momentOf,
  preciseTimeOf,
  sinceOf,
  spanOf,
  untilOf,
  whenOf,
} from './format.ts'

test.each([
  [0, '00:00'],
  [72_000, '01:12'],
  [3_599_000, '59:59'],
  [7_800_000, '2 h 10'],
  [49 * 3_600_000, '2 j'],
])('formats a clock after %i ms as %s', (milliseconds, expected) =>
  expect(clockOf('fr', milliseconds)).toBe(expected),
)

test('counts days on a clock in the language of the screen', () =>
  expect(clockOf('en', 49 * 3_600_000)).toBe('2 d'))

test('adds the day to a time of another day', () => {
  const at = new Date('2026-03-12T21:14:07Z')
  expect(preciseTimeOf('fr', at.toISOString(), at.getTime() + 60_000)).toBe('22:14:07')
  expect(preciseTimeOf('fr', at.toISOString(), at.getTime() + 86_400_000)).toMatch(/^12 mars.*22:14:07$/)
})

test('writes a moment with the words it needs inside a sentence', () => {
  const at = Date.parse('2026-03-12T21:14:00Z')
  expect(whenOf('fr', at, at + 60_000)).toBe('à 22:14')
  expect(whenOf('fr', at, at + 86_400_000)).toBe('le 12 mars à 22:14')
  expect(whenOf('en', at, at + 86_400_000)).toBe('on 12 Mar at 22:14')
  expect(whenOf('fr', at, at + 366 * 86_400_000)).toBe('le 12 mars 2026 à 22:14')
})

test.each([
  ['Indian/Reunion', 'à 01:14', '13 mars 2026'],
  ['America/Cayenne', 'à 18:14', '12 mars 2026'],
  ['America/Martinique', 'à 17:14', '12 mars 2026'],
])('writes times in the time zone of the scheme, %s, whatever that of the device', (zone, time, day) => {
  const at = '2026-03-12T21:14:00Z'
  try {
    for (const device of ['Europe/Paris', 'Pacific/Auckland', 'America/New_York']) {
      vi.stubEnv('TZ', device)
      setTimeZone(zone)
      expect(whenOf('fr', at, Date.parse(at) + 60_000)).toBe(time)
      expect(dayOf('fr', at)).toBe(day)
    }
  } finally {
    vi.unstubAllEnvs()
    setTimeZone(METROPOLITAN_ZONE)
  }
})

test.each([
  [38, '38 ms'],
  [1200, '1,2 s'],
  [124_000, '2 min 04'],
  [7_800_000, '2 h 10'],
])('formats a span of %i ms as %s', (milliseconds, expected) =>
  expect(spanOf('fr', milliseconds)).toBe(expected),
)

test('groups the digits of a French number in pairs, and leaves a masked one unchanged', () => {
  expect(readablePhone('+33639980042')).toBe('06\u00A039\u00A098\u00A000\u00A042')
  expect(readablePhone('•• •• •• •• 42')).toBe('••\u00A0••\u00A0••\u00A0••\u00A042')
})

test('writes the first of a month as French does, and other days and times as they are', () => {
  const now = Date.parse('2026-11-30T09:00:00Z')
  const first = '2026-12-01T10:01:00Z'
  expect(dayOf('fr', first)).toBe('1er déc. 2026')
  expect(momentOf('fr', first, now)).toMatch(/^1er déc\.,? (à )?11:01$/)
  expect(whenOf('fr', first, now)).toBe('le 1er déc. à 11:01')
  expect(sinceOf('fr', first, now)).toBe('le 1er déc. à 11:01')
  expect(longDayOf('fr', Date.parse(first))).toBe('mardi 1er décembre 2026')
  expect(dayOf('fr', '2026-12-21T10:00:00Z')).toBe('21 déc. 2026')
  expect(dayOf('en', first)).toBe('1 Dec 2026')
})

test('writes an end with the preposition that its day needs', () => {
  const first = '2026-12-01T10:01:00Z'
  expect(untilOf('fr', first, Date.parse('2026-12-01T09:00:00Z'))).toBe('jusqu’à 11:01')
  expect(untilOf('fr', first, Date.parse('2026-11-30T09:00:00Z'))).toBe('jusqu’au 1er déc. à 11:01')
  expect(untilOf('en', first, Date.parse('2026-11-30T09:00:00Z'))).toBe('until 1 Dec at 11:01')
})
