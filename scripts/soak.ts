import { type ChildProcess, spawn } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

// npm run soak -- --minutes 60 --only L1,L5,smpp --seed 7
//
// npm run soak -- --only tests
//
// npm run soak -- --simulate --seeds 1000
// npm run soak -- --simulate --seed 17
//
// npm run soak -- --postgres 16,17
//
// Repeats the chaos, fuzz, accessibility and journey tests with larger amounts than `npm test`, each round with another
// seed, until the time is over. The first part depends on the seed, so that short soaks reach different parts.
// The part "tests" runs the long set, which `npm test` leaves out: once, to its end.
// Ends with a summary that names the parts without a round, and exits with 1 when a round failed.
// With --postgres, runs every test that needs a database and no browser once on each of these versions of PostgreSQL; `npm test`
// runs them on 18.
// With --simulate, runs hours of virtual time of each seed instead (test/simulation), and every broken rule that must be
// found; prints the seed that fails.

interface Part {
  readonly files: readonly string[]
  /** Amounts of a round as settings of its tests, with the name under which the summary adds them up. */
  readonly amounts: Readonly<
    Record<string, { readonly count: number; readonly times: number; readonly name: string }>
  >
  /** Additional settings of its tests. */
  readonly settings?: Readonly<Record<string, string>>
  /** True: in the amounts and by the workers of `npm test`, to the end whatever the time. */
  readonly isLongSet?: boolean
}

const root = fileURLToPath(new URL('../', import.meta.url))

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    only: { type: 'string', default: '' },
    simulate: { type: 'boolean', default: false },
    postgres: { type: 'string' },
    seeds: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
})
const minutes = Number(values.minutes)
const firstSeed = Number(values.seed)

function filesWith(pattern: RegExp): string[] {
  return globSync('{src,test}/**/*.test.ts', { cwd: root })
    .filter((file) => pattern.test(readFileSync(join(root, file), 'utf8')))
    .sort()
}

/** Rounds of short soaks are smaller, so that one does not take most of the time. */
const upTo = (most: number, aMinute: number) => Math.round(Math.max(1, Math.min(most, minutes * aMinute)))

const parts: Readonly<Record<string, Part>> = {
  L1: {
    files: ['test/chaos/kill.test.ts', 'test/chaos/server-kill.test.ts'],
    amounts: { TOCSIN_KILLS: { count: upTo(25, 2), times: 2, name: 'kills' } },
  },
  L2: {
    files: [
      'test/chaos/in-doubt.test.ts',
      'test/chaos/overtaking.test.ts',
      'test/chaos/http-providers.test.ts',
      'test/chaos/half-sent.test.ts',
      'test/chaos/called-back.test.ts',
    ],
    amounts: {},
  },
  L3: {
    files: ['test/chaos/smsc-faults.test.ts'],
    amounts: {
      TOCSIN_FAULT_MEMBERS: { count: upTo(500, 100), times: 16, name: 'messages under one fault' },
      TOCSIN_FAULT_ROUNDS: { count: upTo(20, 3), times: 1, name: 'broadcasts under two faults' },
    },
  },
  L4: { files: ['test/chaos/routes.test.ts', 'test/chaos/http-failover.test.ts'], amounts: {} },
  L5: {
    files: ['test/chaos/postgres.test.ts', 'test/chaos/full-disk.test.ts'],
    amounts: {
      TOCSIN_RESTARTS: { count: upTo(10, 1), times: 1, name: 'restarts of PostgreSQL' },
      TOCSIN_PROMOTIONS: { count: upTo(4, 1), times: 1, name: 'promotions' },
    },
  },
  L6: {
    files: ['test/chaos/workers.test.ts', 'test/chaos/limits.test.ts', 'test/chaos/long-messages.test.ts'],
    amounts: { TOCSIN_FREEZES: { count: upTo(5, 1), times: 1, name: 'workers frozen and woken' } },
  },
  L8: { files: ['src/gateways/isolation.test.ts'], amounts: {} },
  L12: { files: ['src/alerts/proof/verify.test.ts'], amounts: {} },
  // The finish time announced for 1 to 10,000 recipients, and a stop while 10,000 leave.
  finish: { files: ['src/alerts/order/finish-time.test.ts'], amounts: {} },
  // The tests that `npm test` leaves out (ADR 65), with the others of their files, some of which prepare what they need.
  tests: { files: filesWith(/tags: 'long'|@module-tag long/), amounts: {}, isLongSet: true },
  // The files that `npm test` runs on PostgreSQL only, here on both databases.
  databases: {
    files: filesWith(/usualKinds/),
    amounts: {},
    settings: { TOCSIN_BOTH_DATABASES: '1' },
  },
  // Packs the program and installs it alone; makes a release but for what only a forge can do.
  package: {
    files: ['test/operations/package.test.ts', 'test/operations/release.test.ts'],
    amounts: {},
    settings: { TOCSIN_PACKAGE: '1' },
  },
  // Builds the image by its Dockerfile and starts it as the compose file says: needs mmdebstrap, buildah and bubblewrap.
  image: { files: ['test/operations/image.test.ts'], amounts: {}, settings: { TOCSIN_IMAGE: '1' } },
  // Needs pgBackRest and Debian's PostgreSQL 17.
  pgbackrest: {
    files: ['test/operations/pgbackrest.test.ts'],
    amounts: {},
    settings: { TOCSIN_PGBACKREST: '1' },
  },
  proxies: { files: ['test/operations/proxies.test.ts'], amounts: {} },
  // Needs Prometheus: each alert rule is loaded and seen to fire.
  monitoring: { files: ['test/operations/monitoring.test.ts'], amounts: {} },
  U2: { files: ['test/accessibility/screens.test.ts', 'test/accessibility/dialogs.test.ts'], amounts: {} },
  // The journeys, with every rule of accessibility in each state and look that they reach.
  journeys: { files: globSync('test/journeys/**/*.test.ts', { cwd: root }).sort(), amounts: {} },
  // A million in the first round of an hour: three ways to read them, and as many octet strings to the simulator.
  smpp: {
    files: ['test/fuzz/smpp.test.ts'],
    amounts: { TOCSIN_FUZZ_RUNS: { count: upTo(250_000, 10_000), times: 4, name: 'inputs of SMPP' } },
  },
  fuzz: {
    files: ['test/fuzz/inputs.test.ts'],
    amounts: { TOCSIN_FUZZ_RUNS: { count: upTo(50_000, 10_000), times: 1, name: 'other inputs' } },
  },
}

const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')

if (values.postgres !== undefined) {
  let code = 0
  for (const version of values.postgres.split(',')) {
    console.log(`PostgreSQL ${version}`)
    const files = ['src', 'test/chaos', 'test/contracts', 'test/guard', 'test/upgrades']
    code = Math.max(code, await runAlone(files, { TOCSIN_TEST_POSTGRES: version, TOCSIN_LONG: '1' }))
  }
  process.exit(code)
}

if (values.simulate) {
  // One seed repeats a failure; without a seed, the first ones.
  const isOne = process.argv.some(
    (argument) => argument.startsWith('--seed') && !argument.startsWith('--seeds'),
  )
  const seeds = values.seeds ?? (isOne ? '1' : '1000')
  const only = isOne && values.seeds === undefined ? ['-t', 'keep every promise'] : []
  process.exit(
    await runAlone(['--retry', '0', 'test/simulation', ...only], {
      TOCSIN_SOAK: '1',
      TOCSIN_SIMULATIONS: seeds,
      TOCSIN_SEED: isOne ? values.seed : '1',
    }),
  )
}

const chosen = values.only === '' ? Object.keys(parts) : values.only.split(',')
const unknown = chosen.filter((name) => parts[name] === undefined)
if (unknown.length > 0 || !(minutes > 0) || !Number.isSafeInteger(firstSeed)) {
  console.error(`npm run soak -- [--minutes 60] [--only ${Object.keys(parts).join(',')}] [--seed 7]`)
  process.exit(2)
}

/** Time that a round started before the deadline may take. */
const GRACE_MS = 10 * 60_000
const startedAt = performance.now()
const deadline = startedAt + minutes * 60_000
const done = new Map<string, number>()
const failures: string[] = []
let rounds = 0
let running: ChildProcess | undefined
let isStopped = false
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    isStopped = true
    running?.kill(signal)
  })
}

const from = Math.abs(firstSeed) % chosen.length
const inTurn = [...chosen.slice(from), ...chosen.slice(0, from)]
const reached = new Set<string>()
const isOnlyLongSet = inTurn.every((name) => parts[name]?.isLongSet)
for (let cycle = 0; !isOver() && (cycle === 0 || !isOnlyLongSet); cycle++) {
  for (const name of inTurn) {
    if (isOver()) break
    await round(name, parts[name] as Part, firstSeed + cycle)
    reached.add(name)
  }
}

const missed = inTurn.filter((name) => !reached.has(name))
const amounts = [...done].map(([name, count]) => `${count.toLocaleString('en')} ${name}`).join(', ')
console.log(
  `soak: ${rounds} rounds in ${minutesSince(startedAt)} min from seed ${firstSeed}${amounts === '' ? '' : `: ${amounts}`}; ${
    missed.length === 0 ? '' : `no time for ${missed.join(', ')}; `
  }${failures.length === 0 ? 'nothing failed' : `${failures.length} failed: ${failures.join('; ')}`}`,
)
process.exitCode = failures.length > 0 || rounds === 0 ? 1 : 0

/** Runs Vitest once, with its output shown. @returns its exit code */
function runAlone(args: readonly string[], settings: Readonly<Record<string, string>>): Promise<number> {
  const child = spawn(process.execPath, [vitest, 'run', ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...settings },
  })
  return new Promise((resolve) => child.once('close', (code) => resolve(code ?? 1)))
}

function isOver(): boolean {
  return isStopped || performance.now() >= deadline
}

async function round(name: string, part: Part, seed: number): Promise<void> {
  const { files, amounts, settings: own, isLongSet = false } = part
  const settings: Record<string, string> = { TOCSIN_SEED: String(seed), TOCSIN_LONG: '1', ...own }
  if (!isLongSet) settings.TOCSIN_SOAK = '1'
  for (const [setting, { count }] of Object.entries(amounts)) settings[setting] = String(count)
  const began = performance.now()
  const { code, output } = await run(part, settings)
  if (isStopped) return
  rounds++
  console.log(
    `${name.padEnd(4)} seed ${seed}  ${code === 0 ? 'passed' : 'FAILED'} in ${((performance.now() - began) / 1000).toFixed(0)} s`,
  )
  for (const { count, times, name: what } of Object.values(amounts))
    done.set(what, (done.get(what) ?? 0) + count * times)
  if (code === 0) return
  failures.push(`${name} seed ${seed}`)
  const again = Object.entries(settings).map(([setting, value]) => `${setting}=${value}`)
  console.log(
    `${output}\nAgain: ${again.join(' ')} npx vitest run ${[...files, ...argumentsOf(part)].join(' ')}`,
  )
}

/** Arguments of Vitest. Files run one after the other, since each needs the whole machine; not those of the long set. */
function argumentsOf({ isLongSet = false }: Part): readonly string[] {
  return isLongSet ? [] : ['--maxWorkers', '1']
}

function run(
  part: Part,
  settings: Readonly<Record<string, string>>,
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [vitest, 'run', ...argumentsOf(part), ...part.files], {
      cwd: root,
      env: { ...process.env, NO_COLOR: '1', ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    running = child
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output = (output + text).slice(-20_000)
      })
    }
    const isCut = part.isLongSet !== true
    const timer = isCut && setTimeout(() => child.kill('SIGTERM'), deadline - performance.now() + GRACE_MS)
    child.once('close', (code) => {
      if (timer) clearTimeout(timer)
      resolve({ code, output })
    })
  })
}

function minutesSince(ms: number): string {
  return ((performance.now() - ms) / 60_000).toFixed(1)
}
