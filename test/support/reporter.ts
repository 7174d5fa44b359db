import type { Reporter, SerializedError, TestModule } from 'vitest/node'

/**
 * Prints `N passed, N failed` as the last line of a run, after the names of the tests that needed a second try and why
 * the first one failed. A file that does not load, or an error outside of tests, counts as one failure.
 */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    let passed = 0
    let failed = errors.length
    const flaky: string[] = []
    for (const module of modules) {
      failed += module.errors().length
      for (const suite of module.children.allSuites()) failed += suite.errors().length
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (test.diagnostic()?.flaky) {
          const causes = (test.result().errors ?? []).map(({ message, stacks }) =>
            [message, ...(stacks ?? []).map(({ file, line }) => `at ${file}:${line}`)].join('\n  '),
          )
          flaky.push(`${module.relativeModuleId}: ${test.fullName}\n  ${causes.join('\n  ')}`)
        }
        if (state === 'passed') passed++
        else if (state === 'failed') failed++
      }
    }
    // Vitest and the servers of tests may still print something.
    process.on('exit', () => {
      for (const name of flaky) process.stdout.write(`passed at the second try: ${name}\n`)
      process.stdout.write(`${passed} passed, ${failed} failed\n`)
      // The PostgreSQL of the run ends the process with 0 from its own hook, whatever the result of the tests.
      if (failed > 0 || passed === 0) process.exitCode = 1
    })
  }
}
