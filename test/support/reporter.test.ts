import { expect, test } from 'vitest'
import { type Case, countTests } from './reporter.ts'

const caseOf = (source: string, state: Case['state'], isLong = false): Case => ({ source, state, isLong })

test('counts the cases of a table as one test, and tests at other positions apart', () => {
  const cases = [caseOf('a:1:1', 'passed'), caseOf('a:1:1', 'passed'), caseOf('a:9:1', 'passed')]
  expect(countTests(cases)).toEqual({ passed: 2, failed: 0, long: 0 })
})

test('a table with failed cases failed once', () => {
  const cases = [caseOf('a:1:1', 'passed'), caseOf('a:1:1', 'failed'), caseOf('a:1:1', 'failed')]
  expect(countTests(cases)).toEqual({ passed: 0, failed: 1, long: 0 })
})

test('a table of which the run has some cases is not left to the long set', () => {
  const cases = [
    caseOf('a:1:1', 'passed'),
    caseOf('a:1:1', 'skipped', true),
    caseOf('a:9:1', 'skipped', true),
    caseOf('b:9:1', 'skipped'),
  ]
  expect(countTests(cases)).toEqual({ passed: 1, failed: 0, long: 1 })
})

const positions = new Set<string>()
test.for([1, 2])('both cases of a table know the same position: %i', (_, { task }) => {
  positions.add(JSON.stringify(task.location ?? null))
  expect([...positions]).toEqual([expect.stringContaining('"line"')])
})
