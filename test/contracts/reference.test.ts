import { expect, test } from 'vitest'
import { makeReference } from '../../scripts/reference.ts'
import { readReferenceFile } from '../../src/territory/reference/reference.ts'

test('the communes that ship with the program are those of the packages: else run node scripts/reference.ts', async () => {
  const [made, shipped] = await Promise.all([makeReference(), readReferenceFile()])
  expect(shipped.sources).toBe(made.sources)
  // A comparison of 35,000 objects would take seconds.
  expect(JSON.stringify(shipped) === JSON.stringify(made)).toBe(true)
})
