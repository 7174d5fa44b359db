import type { Reporter, SerializedError, TestCase, TestModule } from 'vitest/node'

/** A test as a run reports it: one row of a table, or the only case. */
export interface Case {
  /** File and position of the call in the source, which all rows of a table share. */
  readonly source: string
  readonly state: 'passed' | 'failed' | 'skipped' | 'pending'
  readonly isLong: boolean
}

/**
 * Counts tests as they are written: the cases of a table are one, which failed if one of them did. `long` are those of
 * which the run left out every case to the long set.
 */
export function countTests(cases: readonly Case[]): { passed: number; failed: number; long: number } {
  const written = Map.groupBy(cases, ({ source }) => source)
  const counts = { passed: 0, failed: 0, long: 0 }
  for (const rows of written.values()) {
    if (rows.some(({ state }) => state === 'failed')) counts.failed++
    else if (rows.some(({ state }) => state === 'passed')) counts.passed++
    else if (rows.some(({ isLong }) => isLong)) counts.long++
  }
  return counts
}

/**
 * Prints `N passed, N failed` as the last line of a run, after the number of tests that were left to the long set. A
 * file that does not load, or an error outside of tests, counts as one failure.
 */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const { passed, failed: failedTests, long } = countTests(modules.flatMap(casesOf))
    let failed = failedTests + errors.length
    for (const module of modules) {
      failed += module.errors().length
      for (const suite of module.children.allSuites()) failed += suite.errors().length
    }
    // Vitest and the servers of tests may still print something.
    process.on('exit', () => {
      if (long > 0) process.stdout.write(`${long} more in the long set: npm run soak -- --only tests\n`)
      process.stdout.write(`${passed} passed, ${failed} failed\n`)
      // The PostgreSQL of the run ends the process with 0 from its own hook, whatever the result of the tests.
      if (failed > 0 || passed === 0) process.exitCode = 1
    })
  }
}

function casesOf(module: TestModule): Case[] {
  return Array.from(module.children.allTests(), (test: TestCase) => ({
    source: `${module.moduleId}:${test.location ? `${test.location.line}:${test.location.column}` : test.id}`,
    state: test.result().state,
    isLong: test.tags.includes('long'),
  }))
}
