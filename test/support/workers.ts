import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { scanOutput } from './log-scan.ts'
import type { WorkerProcessOptions } from './worker-process.ts'

/** The line that an engine prints in its log once it dispatches. */
const READY = '{"ready":true}'

/** An engine in a separate process. */
export interface Worker {
  /** Resolves when it dispatches or has ended. */
  readonly ready: Promise<unknown>
  /** Resolves with the exit code, or null when a signal ended it. */
  readonly ended: Promise<number | null>
  signal(name: NodeJS.Signals): void
}

const workers = new Set<Worker>()
process.once('exit', () => {
  for (const worker of workers) worker.signal('SIGKILL')
})

export function startWorker(options: WorkerProcessOptions): Worker {
  const path = fileURLToPath(new URL('./worker-process.ts', import.meta.url))
  const child = spawn(process.execPath, [path, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache') },
  })
  scanOutput(child.stdout, 'a worker')
  scanOutput(child.stderr, 'a worker')
  child.stderr.pipe(process.stderr)
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const said = new Promise((resolve) =>
    createInterface({ input: child.stdout }).on('line', (line) => line === READY && resolve(line)),
  )
  const worker = {
    ready: Promise.race([said, ended]),
    ended,
    signal: (name: NodeJS.Signals) => void child.kill(name),
  } satisfies Worker
  workers.add(worker)
  void ended.then(() => workers.delete(worker))
  return worker
}
