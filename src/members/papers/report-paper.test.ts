import { expect, test } from 'vitest'
import { shareWidths } from './report-paper.ts'

test('columns have the widths of their shares, but none is narrower than its longest word', () => {
  expect(shareWidths([1, 1, 2], [10, 10, 10], 100)).toEqual([25, 25, 50])
  expect(shareWidths([1, 1, 2], [40, 10, 10], 100)).toEqual([40, 20, 40])
  // The column that gave way keeps its own longest word.
  expect(shareWidths([1, 1, 2], [40, 10, 45], 100)).toEqual([40, 15, 45])
})

test('by their shares alone where not all words fit', () => {
  expect(shareWidths([1, 1], [80, 30], 100)).toEqual([50, 50])
})
