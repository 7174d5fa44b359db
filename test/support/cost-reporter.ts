import { readdirSync, readFileSync } from 'node:fs'
import type { Reporter, TestModule } from 'vitest/node'

/** Consumers of processor time: the processes of Vitest that run tests, and the programs that they and the global setup start. */
type Spender = 'tests' | 'chromium' | 'postgres' | 'programs'
type Seconds = Record<Spender, number>

interface Running {
  readonly pid: number
  readonly parent: number
  readonly name: string
  /** Seconds of the process itself. */
  readonly own: number
  /** Seconds of its children that have ended. */
  readonly ended: number
}

const TICKS_PER_SECOND = 100

/**
 * Prints the processor time of each test file as it ends, whatever else the machine does: `npm test -- --maxWorkers=1
 * --reporter=./test/support/cost-reporter.ts FILES`. With one worker, what is spent between the ends of two files belongs to the
 * second one; the first file also pays for what is made once a run. It reads /proc, so it needs Linux.
 */
export default class CostReporter implements Reporter {
  #last: Seconds = spentBelow(process.pid)
  #hasHeading = false
  readonly #total: Seconds = { tests: 0, chromium: 0, postgres: 0, programs: 0 }

  onTestModuleEnd(module: TestModule): void {
    const now = spentBelow(process.pid)
    const spent = mapSeconds((who) => now[who] - this.#last[who])
    for (const who of SPENDERS) this.#total[who] += spent[who]
    this.#last = now
    // Printed at once: an interrupted run keeps what it measured.
    this.#print(`${formatSeconds(spent)}  ${module.relativeModuleId}`)
  }

  onTestRunEnd(): void {
    this.#print(`${formatSeconds(this.#total)}  all`)
  }

  #print(line: string): void {
    const heading = ['sum', ...SPENDERS].map((one) => one.padStart(COLUMN)).join('')
    if (!this.#hasHeading) process.stdout.write(`\nSeconds of processor time\n${heading}\n`)
    this.#hasHeading = true
    process.stdout.write(`${line}\n`)
  }
}

const SPENDERS = ['tests', 'chromium', 'postgres', 'programs'] as const satisfies readonly Spender[]
const COLUMN = 10

function mapSeconds(of: (who: Spender) => number): Seconds {
  return {
    tests: of('tests'),
    chromium: of('chromium'),
    postgres: of('postgres'),
    programs: of('programs'),
  }
}

function formatSeconds(seconds: Seconds): string {
  const sum = SPENDERS.reduce((all, who) => all + seconds[who], 0)
  return [sum, ...SPENDERS.map((who) => seconds[who])].map((one) => one.toFixed(1).padStart(COLUMN)).join('')
}

/** Returns the seconds that the descendants of a process have spent so far. */
function spentBelow(root: number): Seconds {
  const spent: Seconds = { tests: 0, chromium: 0, postgres: 0, programs: 0 }
  const children = Map.groupBy(listProcesses(), ({ parent }) => parent)
  const visit = (one: Running, who: Spender): void => {
    spent[who] += one.own
    // A worker waits for the programs that it started.
    spent[who === 'tests' ? 'programs' : who] += one.ended
    for (const child of children.get(one.pid) ?? []) visit(child, spenderOf(child, who))
  }
  for (const child of children.get(root) ?? []) {
    const isWorker = /vitest/.test(commandOf(child.pid))
    visit(child, spenderOf(child, isWorker ? undefined : 'programs'))
  }
  return spent
}

/** @param parent undefined: a worker of Vitest */
function spenderOf({ name }: Running, parent: Spender | undefined): Spender {
  if (parent === 'chromium' || parent === 'postgres') return parent
  if (name.startsWith('chrom')) return 'chromium'
  if (name.startsWith('postgres')) return 'postgres'
  return parent === undefined ? 'tests' : 'programs'
}

function listProcesses(): Running[] {
  return readdirSync('/proc').flatMap((entry) => {
    const pid = Number(entry)
    const stat = Number.isNaN(pid) ? '' : readIfThere(`/proc/${pid}/stat`)
    if (stat === '') return []
    // The name is in parentheses, and may contain any character.
    const nameEnd = stat.lastIndexOf(')')
    const fields = stat.slice(nameEnd + 2).split(' ')
    const secondsAt = (index: number) => Number(fields[index]) / TICKS_PER_SECOND
    return [
      {
        pid,
        parent: Number(fields[1]),
        name: stat.slice(stat.indexOf('(') + 1, nameEnd),
        own: secondsAt(11) + secondsAt(12),
        ended: secondsAt(13) + secondsAt(14),
      },
    ]
  })
}

function commandOf(pid: number): string {
  return readIfThere(`/proc/${pid}/cmdline`)
}

/** Returns an empty text when the process has ended meanwhile. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
