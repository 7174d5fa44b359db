import { expect, test } from 'vitest'
import type { Level } from './doctrine.ts'
import { raisedBy } from './useDescribed.ts'

const draft = (level: Level, raisedFor: string | null) => ({
  doctrine: { offence: true, arrested: false, level },
  raisedFor,
})

test.each<[Level, string | null, string | null, string]>([
  // level before, raised for, words found now, result
  ['established', null, null, 'unchanged'],
  ['established', null, 'scooter noir', 'precise for scooter noir'],
  ['precise', null, 'scooter noir', 'precise for scooter noir'],
  ['precise', 'scooter noir', 'scooter noir', 'unchanged'],
  // The operator went back to established facts: the level is not raised again for the same words.
  ['established', 'scooter noir', 'scooter noir', 'unchanged'],
  ['established', 'scooter noir', 'scooter noir, brun', 'precise for scooter noir, brun'],
  ['precise', 'scooter noir', null, 'established for null'],
  ['prevention', null, 'scooter noir', 'prevention for scooter noir'],
  ['prevention', 'scooter noir', null, 'prevention for null'],
])('at %s, raised for %s, with the words %s: %s', (level, raisedFor, words, result) => {
  const change = raisedBy(draft(level, raisedFor), words)
  expect(change === null ? 'unchanged' : `${change.doctrine.level} for ${change.raisedFor}`).toBe(result)
})
