import { expect, test } from 'vitest'
import { timeZoneOfCode } from './time-zones.ts'

test.each([
  ['63', 'Europe/Paris'],
  ['63178', 'Europe/Paris'],
  ['2A004', 'Europe/Paris'],
  ['974', 'Indian/Reunion'],
  ['97411', 'Indian/Reunion'],
  ['97105', 'America/Guadeloupe'],
  ['976', 'Indian/Mayotte'],
  ['98735', 'Pacific/Tahiti'],
])('gives %s the time zone %s, which every runtime knows', (code, zone) => {
  expect(timeZoneOfCode(code)).toBe(zone)
  expect(() => new Intl.DateTimeFormat('fr', { timeZone: zone })).not.toThrow()
})
