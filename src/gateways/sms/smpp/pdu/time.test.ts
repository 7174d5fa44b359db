import fc from 'fast-check'
import { expect, test } from 'vitest'
import { explainStatus, statusCode } from './codes.ts'
import { formatRelativeTime, parseTimeSeconds } from './time.ts'

test('formats a duration as the standard requires', () => {
  expect(formatRelativeTime(3600)).toBe('000000010000000R')
  expect(formatRelativeTime(2 * 86_400 + 61)).toBe('000002000101000R')
  expect(formatRelativeTime(-5)).toBe('000000000001000R')
  expect(formatRelativeTime(1e9)).toBe('000030000000000R')
})

test('parses what it formats', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 * 86_400 }), (seconds) => {
      expect(parseTimeSeconds(formatRelativeTime(seconds), 0)).toBe(seconds)
    }),
  )
  expect(parseTimeSeconds('261124101500004+', Date.UTC(2026, 10, 24, 9, 0, 0))).toBe(900)
  expect(parseTimeSeconds('tomorrow', 0)).toBeUndefined()
})

test('tells permanent, temporary and throttling statuses apart', () => {
  expect(explainStatus(0x0b)).toMatchObject({ name: 'ESME_RINVDSTADR', permanent: true, throttle: false })
  expect(explainStatus(0x58)).toMatchObject({ permanent: false, throttle: true })
  expect(explainStatus(0x14)).toMatchObject({ permanent: false, throttle: true })
  expect(explainStatus(0x401)).toMatchObject({ name: '0x00000401', permanent: false, throttle: false })
  expect(statusCode('ESME_RINVPASWD')).toBe(0x0e)
})
