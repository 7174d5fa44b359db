import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A process of the rehearsal, which is ended by its id. */
export interface Started {
  readonly name: string
  readonly pid: number
  signal(name: NodeJS.Signals): void
  /** Ends it, by SIGKILL when the signal has not ended it in time. */
  end(signal?: NodeJS.Signals): Promise<void>
}

export interface StartOptions {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Default: the current user. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined
  readonly cwd?: string
}

const END_MS = 15_000

/** Starts processes, whose output goes to a file each, and ends all that are left. */
export class Processes {
  readonly #logs: string
  readonly #running = new Map<number, ChildProcess>()

  constructor(logs: string) {
    this.#logs = logs
    // Nothing outlives the rehearsal, however it ends.
    process.on('exit', () => {
      for (const pid of this.#running.keys()) killTree(pid)
    })
  }

  start(name: string, { command, args, env = {}, user, cwd }: StartOptions): Started {
    const file = openSync(join(this.#logs, `${name}.log`), 'a')
    const child = spawn(command, args, {
      env: { PATH: process.env.PATH ?? '', HOME: '/nonexistent', LC_ALL: 'C.UTF-8', ...env },
      stdio: ['ignore', file, file],
      ...(cwd === undefined ? {} : { cwd }),
      ...user,
    })
    closeSync(file)
    const { pid } = child
    if (pid === undefined) throw new Error(`${name} does not start: ${command}`)
    this.#running.set(pid, child)
    const ended = new Promise<void>((resolve) =>
      child.once('exit', () => {
        this.#running.delete(pid)
        resolve()
      }),
    )
    return {
      name,
      pid,
      signal: (signal) => void child.kill(signal),
      async end(signal = 'SIGTERM') {
        child.kill(signal)
        const timer = setTimeout(() => killTree(pid), END_MS)
        await ended
        clearTimeout(timer)
      },
    }
  }

  /** Ends every process that is left, with those that it started. */
  async endAll(): Promise<void> {
    for (const pid of this.#running.keys()) killTree(pid)
    await until('all processes to end', 10_000, async () => this.#running.size === 0)
  }

  /** Returns the end of what a process wrote. */
  logOf(name: string): string {
    return readFileSync(join(this.#logs, `${name}.log`), 'utf8').slice(-3000)
  }
}

/** Returns the processes that descend from one, without it. */
function descendantsOf(pid: number): number[] {
  const children = new Map<number, number[]>()
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    try {
      // The name in parentheses may hold spaces.
      const [, parent] = /^\d+ \(.*\) \S (\d+)/s.exec(readFileSync(`/proc/${entry}/stat`, 'utf8')) ?? []
      const of = Number(parent)
      children.set(of, [...(children.get(of) ?? []), Number(entry)])
    } catch {
      // It has ended meanwhile.
    }
  }
  const found: number[] = []
  for (let queue = [pid]; queue.length > 0; ) {
    queue = queue.flatMap((one) => children.get(one) ?? [])
    found.push(...queue)
  }
  return found
}

/** Kills a process and all that descend from it, the first one first, so that it starts no others. */
export function killTree(pid: number): void {
  const others = descendantsOf(pid)
  for (const one of [pid, ...others]) {
    try {
      process.kill(one, 'SIGKILL')
    } catch {
      // It has ended already.
    }
  }
}

/** Waits until something is true; a failed check counts as not yet. @throws Error after `ms` */
export async function until(what: string, ms: number, check: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + ms
  let last: unknown
  while (performance.now() < end) {
    try {
      if (await check()) return
      last = undefined
    } catch (error) {
      last = error
    }
    await sleep(100)
  }
  throw new Error(`waited ${ms / 1000} s in vain for ${what}`, { cause: last })
}
