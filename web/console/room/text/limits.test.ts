import { expect, test } from 'vitest'
import * as alerts from '../../../../src/alerts/contract.ts'
import * as reports from '../../../../src/reports/contract.ts'
import * as limits from './limits.ts'

test('equal the limits of the contracts', () => {
  expect(limits.MAX_PARTS).toBe(alerts.MAX_PARTS)
  expect(limits.MAX_ANSWER_PARTS).toBe(reports.MAX_ANSWER_PARTS)
})
