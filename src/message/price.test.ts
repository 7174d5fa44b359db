import { expect, test } from 'vitest'
import { costCents } from './price.ts'

test('rounds the cost up', () => {
  expect(costCents(214, 4500)).toBe(963)
  expect(costCents(1, 4500)).toBe(5)
  expect(costCents(0, 4500)).toBe(0)
})
