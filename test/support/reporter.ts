import type { Reporter, SerializedError, TestModule } from 'vitest/node'

/** Prints `N passed, N failed` as the very last line of a run. A file that does not load, or an error outside any test, counts as one failed. */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    let passed = 0
    let failed = errors.length
    for (const module of modules) {
      failed += module.errors().length
      for (const suite of module.children.allSuites()) failed += suite.errors().length
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === 'passed') passed++
        else if (state === 'failed') failed++
      }
    }
    // Vitest and the tests' own servers may still have something to say.
    process.on('exit', () => {
      process.stdout.write(`${passed} passed, ${failed} failed\n`)
      // The PostgreSQL of the run ends the process with 0 from a hook of its own, whatever the tests found.
      if (failed > 0 || passed === 0) process.exitCode = 1
    })
  }
}
