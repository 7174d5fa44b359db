import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findInstalled } from './installed.ts'
import { freePort, systemUser } from './postgres.ts'

const program = findInstalled('pgbouncer')

/** Reason for which a pooler cannot be started here; undefined: it can. */
export const poolerLacking = program === undefined ? 'pgbouncer is not installed' : undefined

export interface Pooler {
  /** Returns the URL of a database of the server through the pooler. */
  readonly url: string
  /** Stops it from answering, as a machine that disappears does, or lets it go on. */
  freeze(isFrozen: boolean): void
  stop(): Promise<void>
}

/**
 * Starts PgBouncer in transaction mode before the database of a URL, for its login.
 * @param settings of `[pgbouncer]`
 */
export async function startPooler(
  serverUrl: string,
  settings: Readonly<Record<string, string | number>>,
): Promise<Pooler> {
  const server = new URL(serverUrl)
  const database = server.pathname.slice(1)
  const port = await freePort()
  const directory = await mkdtemp(join(tmpdir(), 'tocsin-pgbouncer-'))
  await chmod(directory, 0o755)
  const lines = { listen_addr: '127.0.0.1', listen_port: port, unix_socket_dir: '', auth_type: 'trust' }
  const all = { ...lines, auth_file: join(directory, 'userlist.txt'), pool_mode: 'transaction', ...settings }
  const file = join(directory, 'pgbouncer.ini')
  await writeFile(join(directory, 'userlist.txt'), `"${server.username}" "${server.password}"\n`)
  await writeFile(
    file,
    `[databases]\n${database} = host=${server.hostname} port=${server.port}\n[pgbouncer]\n${Object.entries(
      all,
    )
      .map(([name, value]) => `${name} = ${value}\n`)
      .join('')}`,
  )
  const child = spawn(program ?? 'pgbouncer', [file], { ...systemUser(), cwd: directory, stdio: 'ignore' })
  const ended = once(child, 'exit')
  const url = new URL(serverUrl)
  url.hostname = '127.0.0.1'
  url.port = String(port)
  const stop = async () => {
    child.kill('SIGKILL')
    await ended
    await rm(directory, { recursive: true })
  }
  while (!(await accepts(port))) {
    if (child.exitCode !== null) throw new Error(`PgBouncer ended with ${child.exitCode}`)
    await sleep(20)
  }
  return { url: url.href, freeze: (isFrozen) => void child.kill(isFrozen ? 'SIGSTOP' : 'SIGCONT'), stop }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
