import { expect, test } from 'vitest'
import { formatMinute } from './table.ts'

test('formats an instant to the minute in both languages', () => {
  const at = '2026-12-01T10:02:13.120Z'
  expect(formatMinute('fr', at)).toMatch(/^\d\d\/12\/2026 \d\d:02$/)
  expect(formatMinute('en', at)).toMatch(/^\d\d\/12\/2026 \d\d:02$/)
})
