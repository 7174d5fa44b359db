import { parseArgs } from 'node:util'
import { MissingPrograms } from './rehearse/installed.ts'

// npm run rehearse -- ha --members 50000 --seed 7
// npm run rehearse -- ha --report docs/rehearsals/ha.md --date 2026-12-01
//
// Rehearses high availability on this machine, on addresses 127.0.0.2 and following (docs/runbook/high-availability.md): three
// database nodes, two web nodes, three workers and a broadcast, while parts of it are killed, frozen and restarted. Prints a
// report. Exit code 1: a promise was broken; 2: a program is not installed, or an option is wrong.
// --keep leaves the logs of every process in the temporary folder, which it names.

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    members: { type: 'string', default: '50000' },
    seed: { type: 'string', default: '1' },
    report: { type: 'string' },
    date: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
})
const members = Number(values.members)
const seed = Number(values.seed)
const isRight =
  positionals.join() === 'ha' &&
  Number.isSafeInteger(members) &&
  members >= 1000 &&
  members <= 1_000_000 &&
  Number.isSafeInteger(seed) &&
  (values.report === undefined || /^\d{4}-\d{2}-\d{2}$/.test(values.date ?? ''))
if (!isRight) {
  console.error(
    'npm run rehearse -- ha [--members 50000] [--seed 1] [--report FILE --date YYYY-MM-DD] [--keep]\n--members is 1000 to 1000000.',
  )
  process.exit(2)
}

const { rehearse } = await import('./rehearse/ha.ts')
try {
  const { report, date } = values
  const problems = await rehearse({ members, seed, report, date, keep: values.keep })
  process.exit(problems.length === 0 ? 0 : 1)
} catch (error) {
  if (!(error instanceof MissingPrograms)) throw error
  console.error(error.message)
  process.exit(2)
}
