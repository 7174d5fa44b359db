import { readdirSync, readFileSync } from 'node:fs'
import { sql } from 'kysely'
import pg from 'pg'
import type { Deps } from '../src/deps.ts'

/** Resources used from a moment until the next message is submitted to a gateway. */
export interface Effort {
  /** Statements sent by this process on all connections, including begin and commit. */
  readonly statements: readonly string[]
  /** Processor time of this process and of all processes of the PostgreSQL server, without that of the SMSC. */
  readonly cpuMs: number
}

/**
 * Measures the resources that this process and its PostgreSQL server use from now until a message is submitted to
 * a gateway.
 */
export async function watchEffort({ db, gateways }: Pick<Deps, 'db' | 'gateways'>): Promise<{
  /** Resolves when a message is submitted. */
  readonly effort: Promise<Effort>
  stop(): void
}> {
  const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db)
  const server = parentOf(rows[0]?.pid ?? 0)
  const serverPids = [server, ...childrenOf(server)]
  const statements: string[] = []
  const { promise: effort, resolve } = Promise.withResolvers<Effort>()
  let isOver = false

  const prototype = pg.Client.prototype as { query: (...all: unknown[]) => unknown }
  const { query } = prototype
  prototype.query = function noted(this: pg.Client, ...all: unknown[]): unknown {
    const [first] = all as [string | { readonly text: string }]
    if (!isOver) statements.push(typeof first === 'string' ? first : first.text)
    return query.apply(this, all)
  }
  const undo = gateways.map((gateway) => {
    const { submit } = gateway
    gateway.submit = (...all) => {
      if (!isOver) {
        isOver = true
        // Excludes the time for reading the server's processes.
        const own = ownMs() - before.own
        resolve({ statements, cpuMs: own + sumMs(serverPids) - before.ofServer })
      }
      return submit.apply(gateway, all)
    }
    return () => {
      gateway.submit = submit
    }
  })
  const before = { ofServer: sumMs(serverPids), own: ownMs() }
  return {
    effort,
    stop() {
      isOver = true
      prototype.query = query
      for (const restore of undo) restore()
    },
  }
}

function ownMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Sums the processor time of processes as counted by the system's scheduler. */
function sumMs(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + Number(readProc(pid, 'schedstat').split(' ')[0]), 0) / 1e6
}

function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((candidate) => parentOf(candidate) === pid)
}

/** Returns the parent of a process; 0 when it has ended. */
function parentOf(pid: number): number {
  // "12 (postgres) S 4 …": the name may contain anything, but is the last field to end with a bracket.
  return Number(readProc(pid, 'stat').split(') ').at(-1)?.split(' ')[1] ?? 0)
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}
