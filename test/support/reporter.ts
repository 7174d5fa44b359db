import type { Reporter, SerializedError, TestModule } from 'vitest/node'

/**
 * Prints `N passed, N failed` as the last line of a run, after the number of tests that were left to the long set. A
 * file that does not load, or an error outside of tests, counts as one failure.
 */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    let passed = 0
    let failed = errors.length
    let long = 0
    for (const module of modules) {
      failed += module.errors().length
      for (const suite of module.children.allSuites()) failed += suite.errors().length
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === 'passed') passed++
        else if (state === 'failed') failed++
        else if (test.tags.includes('long')) long++
      }
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
