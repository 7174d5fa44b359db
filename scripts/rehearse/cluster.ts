import { randomBytes } from 'node:crypto'
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { databaseUser, pathOf } from './installed.ts'
import { killTree, type Processes, type Started, until } from './processes.ts'

/** The addresses of the machines that the rehearsal imitates. */
export const ADDRESSES = {
  DB1: '127.0.0.2',
  DB2: '127.0.0.3',
  DB3: '127.0.0.4',
  BALANCER: '127.0.0.5',
  WEB1: '127.0.0.6',
  WEB2: '127.0.0.7',
} as const

const DB_NODES = ['db1', 'db2', 'db3'] as const
export type DbNode = (typeof DB_NODES)[number]

const addressOf = (node: DbNode) => ADDRESSES[node.toUpperCase() as 'DB1' | 'DB2' | 'DB3']

/** Chosen anew for each rehearsal. */
export const newPassword = () => randomBytes(18).toString('hex')

export interface Passwords {
  readonly superuser: string
  readonly web: string
}

/** HAProxy takes every node for the primary until two checks have failed. */
const CHECKED_MS = 4000

interface Member {
  readonly name: DbNode
  readonly role: string
  readonly state: string
}

/** The parts of deploy/ha on this machine: etcd, Patroni with PostgreSQL, HAProxy and PgBouncer. */
export class Cluster {
  readonly #processes: Processes
  readonly #directory: string
  readonly #values: Readonly<Record<string, string>>
  readonly #etcd = new Map<DbNode, Started>()
  readonly #patroni = new Map<DbNode, Started>()
  #pgbouncer: Started | undefined

  constructor(processes: Processes, directory: string, passwords: Passwords) {
    this.#processes = processes
    this.#directory = directory
    process.on('exit', () => this.killAll())
    this.#values = {
      ...ADDRESSES,
      NETWORK: '127.0.0.0/8',
      SUPERUSER_PASSWORD: passwords.superuser,
      REPLICATION_PASSWORD: newPassword(),
      REWIND_PASSWORD: newPassword(),
      WEB_PASSWORD: passwords.web,
    }
  }

  /** Starts the three database nodes and HAProxy; resolves once there are a primary and two replicas, one synchronous. */
  async startDatabases(): Promise<void> {
    for (const node of DB_NODES) this.#startEtcd(node)
    await until(
      'etcd to have a leader',
      30_000,
      async () => (await getStatus(`${addressOf(node1)}:2379/health`)) === 200,
    )
    // The first one makes the cluster, and the others copy it.
    for (const node of DB_NODES) this.#startPatroni(node)
    await this.untilWhole(120_000)
    const file = this.#write('haproxy.cfg', this.#directory, {})
    this.#processes.start('haproxy', { command: pathOf('haproxy'), args: ['-db', '-f', file] })
    await sleep(CHECKED_MS)
  }

  /** Waits until there are a primary and two replicas that stream, one of them synchronous. */
  async untilWhole(ms: number): Promise<void> {
    await until('a primary and two replicas', ms, async () => {
      const members = await this.members()
      return (
        members.filter(({ role, state }) => role === 'leader' && state === 'running').length === 1 &&
        members.filter(({ state }) => state === 'streaming').length === 2 &&
        members.some(({ role }) => role === 'sync_standby')
      )
    })
  }

  /** Returns what Patroni says of its nodes, from the first that answers. */
  async members(): Promise<readonly Member[]> {
    for (const node of DB_NODES) {
      try {
        const response = await fetch(`http://${addressOf(node)}:8008/cluster`, {
          signal: AbortSignal.timeout(2000),
        })
        return ((await response.json()) as { members: Member[] }).members
      } catch {
        // The next one.
      }
    }
    return []
  }

  /** Returns the node that is the primary by its own Patroni. */
  async primary(): Promise<DbNode | undefined> {
    for (const node of DB_NODES) {
      if ((await getStatus(`${addressOf(node)}:8008/primary`).catch(() => 0)) === 200) return node
    }
    return undefined
  }

  startPooler(): void {
    const data = this.#folder('pgbouncer')
    this.#write('userlist.txt', data, { DATA: data })
    const file = this.#write('pgbouncer.ini', data, { DATA: data })
    this.#pgbouncer = this.#processes.start('pgbouncer', {
      command: pathOf('pgbouncer'),
      args: [file],
      user: databaseUser(),
      cwd: data,
    })
  }

  /** Ends PgBouncer with all its connections, as a restart of its service does, and starts it again. */
  async restartPooler(): Promise<void> {
    await this.#pgbouncer?.end('SIGQUIT')
    this.startPooler()
  }

  /** Kills all processes of PostgreSQL on a node; its Patroni goes on. */
  killPostgres(node: DbNode): void {
    const pid = this.#postmasterOf(node)
    if (pid === undefined) throw new Error(`PostgreSQL does not run on ${node}`)
    killTree(pid)
  }

  /** Kills everything on a node, as when its machine loses power. */
  killNode(node: DbNode): void {
    for (const started of [this.#patroni.get(node), this.#etcd.get(node)]) {
      if (started !== undefined) killTree(started.pid)
    }
    const pid = this.#postmasterOf(node)
    if (pid !== undefined) killTree(pid)
  }

  /** Ends PostgreSQL on all nodes, which is no child of Patroni, and Patroni first, which would start it again. */
  killAll(): void {
    for (const node of DB_NODES) this.killNode(node)
  }

  startNode(node: DbNode): void {
    this.#startEtcd(node)
    this.#startPatroni(node)
  }

  /** Returns the process of PostgreSQL on a node; undefined: none runs. */
  #postmasterOf(node: DbNode): number | undefined {
    try {
      const data = join(this.#directory, node, 'postgresql')
      const pid = Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0])
      // The number may be that of another process by now.
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(data) ? pid : undefined
    } catch {
      return undefined
    }
  }

  #startEtcd(node: DbNode): void {
    const data = this.#folder(node)
    const file = this.#write('etcd.yml', data, this.#of(node, data))
    this.#etcd.set(
      node,
      this.#processes.start(`etcd-${node}`, {
        command: pathOf('etcd'),
        args: ['--config-file', file],
        user: databaseUser(),
        cwd: data,
      }),
    )
  }

  #startPatroni(node: DbNode): void {
    const data = this.#folder(node)
    const file = this.#write('patroni.yml', data, this.#of(node, data))
    this.#patroni.set(
      node,
      this.#processes.start(`patroni-${node}`, {
        command: pathOf('patroni'),
        args: [file],
        user: databaseUser(),
        cwd: data,
      }),
    )
  }

  #of(node: DbNode, data: string): Record<string, string> {
    return { NODE: node, ADDRESS: addressOf(node), DATA: data }
  }

  #folder(name: string): string {
    const path = join(this.#directory, name)
    mkdirSync(path, { recursive: true, mode: 0o700 })
    own(path)
    return path
  }

  /** Writes a file of deploy/ha with its values filled in, readable by the user of the databases only. */
  #write(name: string, directory: string, own_: Readonly<Record<string, string>>): string {
    const text = readFileSync(fileURLToPath(new URL(`../../deploy/ha/${name}`, import.meta.url)), 'utf8')
    const path = join(directory, name)
    writeFileSync(path, fillIn(text, { ...this.#values, ...own_ }), { mode: 0o600 })
    own(path)
    return path
  }
}

const [node1] = DB_NODES

/** Fills in `${NAME}` as envsubst does. @throws Error for a name without a value */
export function fillIn(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{([A-Z0-9_]+)\}/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`no value for ${name}`)
    return value
  })
}

function own(path: string): void {
  const user = databaseUser()
  if (user === undefined) return
  chownSync(path, user.uid, user.gid)
  chmodSync(path, path.endsWith('.cfg') ? 0o644 : 0o700)
}

async function getStatus(address: string): Promise<number> {
  const response = await fetch(`http://${address}`, { signal: AbortSignal.timeout(2000) })
  await response.arrayBuffer()
  return response.status
}
