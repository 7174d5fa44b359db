import { expect, test } from 'vitest'
import type { Today } from '../../../src/today/contract.ts'
import { linesOf } from './lines.ts'

const none: Today = {
  requests: { count: 0, corrections: 0, names: [], oldestAt: null },
  numbers: { count: 0, dead: 0, gone: 0, doubtful: 0 },
  duplicates: { count: 0 },
  dues: null,
  charters: { count: 0, version: null },
  members: 0,
  months: [],
  yearMedian: null,
  alerts: null,
}
const factOf = (requests: Partial<Today['requests']>) =>
  linesOf(
    { ...none, requests: { ...none.requests, ...requests } },
    (key, values) => `${key} ${JSON.stringify(values)}`,
    'fr',
  ).find(({ key }) => key === 'requests')?.fact

test('the line of requests tells those to join apart from corrections', () => {
  expect(factOf({})).toBeUndefined()
  expect(factOf({ count: 1, corrections: 1 })).toBe('today.requests.corrections {"count":1,"shown":"1"}')
  const joins = { names: ['Presse', 'Fleurs'], oldestAt: '2026-11-28T10:00:00.000Z' }
  expect(factOf({ ...joins, count: 2 })).toMatch(/^today\.requests\.joins .*"names":"Presse, Fleurs"/)
  const both = factOf({ ...joins, count: 4, corrections: 1 })
  expect(both).toMatch(
    /joins \{"count":3,.*"names":"Presse, Fleurs…".* today\.requests\.corrections \{"count":1/,
  )
})
