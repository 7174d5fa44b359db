import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { withLogin } from '../test/support/engine-login.ts'
import { openOrderDesk } from '../test/support/orders.ts'
import { freePort } from '../test/support/postgres.ts'
import { ROOT } from '../test/support/program.ts'
import { startSmscProcess } from '../test/support/smsc-process.ts'
import { fillScheme, freshDatabase, orderBroadcast, untilBroadcastDone } from '../test/support/world.ts'
import type { BenchContext } from './context.ts'
import { type BenchResults, median, result } from './result.ts'

/** The compiled code and the garbage of the start are gone after it. */
const IDLE_MS = 60_000
const START_MS = 180_000
/** Commands that need no data, and those that open the directory of an embedded database. */
const WITHOUT_DATA = [
  ['--help'],
  ['members', '--help'],
  ['message', 'Faux billets à Issoire.'],
  ['config', 'check'],
]
const ON_DATA = [
  ['users', 'list'],
  ['routes'],
  ['audit', 'verify'],
  ['message', '--scheme', 'ac63', 'Faux billets à Issoire.'],
  ['doctor'],
]

/** Measures F11: memory of the processes as they are started in service, time and memory of commands. */
export async function benchMemory(context: BenchContext): Promise<BenchResults> {
  return {
    ...(await measureServer(context)),
    ...(await measureEmbedded(context)),
  }
}

/** A process of role all on PostgreSQL: a while after its start, then during a broadcast. */
async function measureServer(context: BenchContext): Promise<BenchResults> {
  const { settings, remove } = await freshDatabase('postgres', await context.postgres())
  if (settings.kind !== 'postgres') throw new Error('not PostgreSQL')
  const smsc = await startSmscProcess(['--answer-as', 'PROVIDER'])
  const contract = { window: 1000 }
  const env = {
    TOCSIN_DEMO: 'false',
    TOCSIN_SECRET: 'a secret of more than thirty-two characters, for tests only',
    TOCSIN_BASE_URL: 'https://tocsin.example',
    TOCSIN_ENCRYPTION: 'off',
    TOCSIN_SMPP_HOST: '127.0.0.1',
    TOCSIN_SMPP_PORT: String(smsc.port),
    TOCSIN_SMPP_TLS: 'false',
    TOCSIN_SMPP_SYSTEM_ID: 'tocsin',
    TOCSIN_SMPP_PASSWORD: 'tocsin',
    TOCSIN_SMPP_WINDOW: String(contract.window),
    DATABASE_URL: withLogin(settings.url, 'tocsin_engine'),
  }
  const { code } = await runCommand(['migrate'], { ...env, DATABASE_OWNER_URL: settings.url })
  if (code !== 0) throw new Error(`tocsin migrate ended with ${code}`)
  const desk = await openOrderDesk(settings.url, contract)
  let server: ChildProcess | undefined
  try {
    await fillScheme(desk.deps, context.large)
    server = await startServer(env)
    await sleep(IDLE_MS)
    const idle = readMemory(server, 'VmRSS')
    const peaks: number[] = []
    for (let run = 0; run < context.runs; run++) {
      // Resets the largest memory (proc(5)).
      writeFileSync(`/proc/${server.pid}/clear_refs`, '5')
      const id = await orderBroadcast(desk.deps, { limit: context.large, simulated: false })
      await untilBroadcastDone(desk.deps, id, 300_000)
      peaks.push(readMemory(server, 'VmHWM'))
    }
    context.print(`F11: role all idle ${idle} MB, broadcasts of ${context.large} ${peaks.join(', ')} MB`)
    return {
      'F11.idle': result(idle, 'MB, role all on PostgreSQL, idle', 250, 'atMost', [{ idle }]),
      'F11.broadcast': result(
        Math.max(...peaks),
        `MB at most during a broadcast of ${context.large}`,
        400,
        'atMost',
        peaks.map((peak) => ({ peak })),
      ),
    }
  } finally {
    await stop(server)
    await desk.close()
    await smsc.stop()
    await remove()
  }
}

/** The demo on its embedded database, then commands on the directory that it leaves, and commands without data. */
async function measureEmbedded(context: BenchContext): Promise<BenchResults> {
  const directory = mkdtempSync(join(tmpdir(), 'tocsin-bench-'))
  const env = { TOCSIN_DATA_DIR: directory }
  let server: ChildProcess | undefined
  try {
    // The first start fills the demo.
    server = await startServer(env)
    await sleep(IDLE_MS)
    const first = readMemory(server, 'VmRSS')
    await stop(server)
    server = await startServer(env)
    await sleep(IDLE_MS)
    const demo = readMemory(server, 'VmRSS')
    context.print(`F11: the embedded demo ${demo} MB, after its first start ${first} MB`)
    await stop(server)
    const help = await measureCommands(context, WITHOUT_DATA, {})
    const onData = await measureCommands(context, ON_DATA, env)
    return {
      'F11.demo': result(demo, 'MB, the embedded demo', 450, 'atMost', [{ demo }]),
      'F11.demo.first': result(first, 'MB, the embedded demo after its first start', 450, 'atMost', [
        { first },
      ]),
      ...resultsOf('F11.help', 'a command without data', help, 500),
      ...resultsOf('F11.embedded', 'a command on an embedded directory', onData, 2000),
      'F11.embedded.memory': result(
        Math.max(...onData.map(({ megabytes }) => megabytes)),
        'MB at most, a command on an embedded directory',
        350,
        'atMost',
        onData.map(({ megabytes }) => ({ megabytes })),
      ),
    }
  } finally {
    await stop(server)
    rmSync(directory, { recursive: true, force: true })
  }
}

interface CommandCost {
  readonly wallMs: number
  readonly processorMs: number
  readonly megabytes: number
}

function resultsOf(key: string, what: string, costs: readonly CommandCost[], targetMs: number): BenchResults {
  const runs = costs.map(({ wallMs, processorMs }) => ({ wallMs, processorMs }))
  const worst = (name: 'wallMs' | 'processorMs') => Math.max(...runs.map((run) => run[name]))
  return {
    [`${key}.wall`]: result(worst('wallMs'), `ms, ${what}, the slowest`, targetMs, 'atMost', runs),
    [`${key}.processor`]: result(
      worst('processorMs'),
      `ms of processor time, ${what}, the dearest`,
      targetMs,
      'atMost',
      runs,
    ),
  }
}

/** Measures each command: the median of its runs, after one that fills the cache of compiled code. */
async function measureCommands(
  context: BenchContext,
  commands: readonly (readonly string[])[],
  env: Readonly<Record<string, string>>,
): Promise<CommandCost[]> {
  const costs: CommandCost[] = []
  for (const args of commands) {
    await runCommand(args, env)
    const runs: CommandCost[] = []
    for (let run = 0; run < context.runs; run++) runs.push(await runCommand(args, env))
    const of = (key: keyof CommandCost) => Math.round(median(runs.map((one) => one[key])))
    const cost = { wallMs: of('wallMs'), processorMs: of('processorMs'), megabytes: of('megabytes') }
    context.print(
      `F11: tocsin ${args.slice(0, 2).join(' ')}: ${cost.wallMs} ms (${cost.processorMs} of processor time), ${cost.megabytes} MB`,
    )
    costs.push(cost)
  }
  return costs
}

function spawnTocsin(args: readonly string[], env: Readonly<Record<string, string>>): ChildProcess {
  return spawn(process.execPath, ['bin/tocsin.js', ...args], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, TOCSIN_LANG: 'en', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** Starts a server without the web application, as the package serves it from files. */
async function startServer(env: Readonly<Record<string, string>>): Promise<ChildProcess> {
  const port = await freePort()
  const child = spawnTocsin(['serve', '--no-web'], { ...env, PORT: String(port) })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-5000)
    })
  const end = performance.now() + START_MS
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined)
    if (answer?.ok) return child
    if (child.exitCode !== null || performance.now() > end) throw new Error(`it does not start:\n${output}`)
    await sleep(100)
  }
}

async function stop(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}

/**
 * Runs a command to its end, reading its largest memory and its processor time until then. Its code may say what it found: no
 * process sends, so that `routes` and `doctor` end with another one than 0.
 */
async function runCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<CommandCost & { readonly code: number | null }> {
  const startedAt = performance.now()
  const child = spawnTocsin(args, env)
  child.stdout?.resume()
  child.stderr?.resume()
  let megabytes = 0
  let processorMs = 0
  const timer = setInterval(() => {
    try {
      megabytes = readMemory(child, 'VmHWM')
      processorMs = readProcessorMs(child)
    } catch {
      // It has ended.
    }
  }, 5)
  const [code] = await once(child, 'close')
  clearInterval(timer)
  return { code, wallMs: performance.now() - startedAt, processorMs, megabytes }
}

function readMemory({ pid }: ChildProcess, field: 'VmRSS' | 'VmHWM'): number {
  const [, kilobytes] =
    new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  if (kilobytes === undefined) throw new Error(`no ${field}`)
  return Math.round((Number(kilobytes) * 1024) / 1e6)
}

/** Hundredths of a second, as Linux counts for programs (USER_HZ). */
const TICK_MS = 10

function readProcessorMs({ pid }: ChildProcess): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name of the program, in parentheses, may contain spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
