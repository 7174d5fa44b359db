import { expect, test } from 'vitest'
import { COMMENTED, fragmentsOfComments, fragmentsOfDocstrings } from '../../scripts/comments.ts'

test('no docstring begins as a fragment of a sentence', () => {
  expect(COMMENTED.length).toBeGreaterThan(1000)
  expect(fragmentsOfDocstrings()).toEqual([])
})

test('no comment begins as a question that it does not ask', () => {
  expect(fragmentsOfComments()).toEqual([])
})
