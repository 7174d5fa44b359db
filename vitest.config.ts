import { defineConfig } from 'vitest/config'
import MixedKinds from './test/support/sequencer.ts'

// What the command line names, beside its options.
const named = process.argv.slice(3).filter((argument) => !argument.startsWith('-'))
const isBesideCode = named.length > 0 && named.every((name) => /^(?:src|web)\//.test(name))

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'web/**/*.test.{ts,tsx}'],
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/log-scan-hooks.ts', 'test/support/remembered-hashes.ts'],
    reporters: ['default', './test/support/reporter.ts'],
    // The reporter counts tests as they are written: a table of cases is one.
    includeTaskLocation: true,
    pool: 'forks',
    // A process a worker, not one a file: 1 s of processor time less each. No test leaves anything behind in its process.
    isolate: false,
    sequence: { sequencer: MixedKinds },
    // Two cores, and tests that wait for a third of their time. Those beside the code wait for little but PostgreSQL: for a room,
    // which takes less time than it takes four workers to load the program, two are done sooner.
    maxWorkers: isBesideCode ? 2 : 4,
    // A worker keeps the modules of all its files: collecting garbage less often takes a tenth less of its processor time. What is
    // outside the heap counts like the heap: each 64 MB of it, of which PGlite takes several, would else be a collection of all.
    execArgv: [
      '--no-memory-reducer',
      '--external-memory-accounted-in-global-limit',
      '--initial-old-space-size=768',
      '--max-semi-space-size=32',
    ],
    tags: [
      {
        name: 'long',
        description:
          'The long set (ADR 65): `npm run soak -- --only tests`, or TOCSIN_LONG=1 with the names of files.',
        skip: process.env.TOCSIN_LONG === undefined,
      },
    ],
    // A failure that would pass again has a cause, which is looked for.
    retry: 0,
    // For a machine with a load of ten a core: a limit only ends what hangs.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // A screen, or another process, on a busy machine: 1 s by default. Asking a page takes some 20 ms of processor time.
    expect: { poll: { timeout: 60_000, interval: 100 } },
  },
})
