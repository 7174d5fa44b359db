import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { openDatabase } from '../../src/platform/db.ts'
import { migrate } from '../../src/platform/migrate.ts'
import { ensureWeb } from '../../src/start/web-build.ts'
import { startPostgres } from './postgres.ts'
import { ROOT, startProgram } from './program.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Answers copies of what is made once a run: see the doors of `setup`. */
    copies: string
  }
}

/** A copy of the filled demo: its database, and the directory with its secret and its simulated phones. */
export interface DemoCopy {
  readonly directory: string
  readonly databaseUrl: string
}

const MIGRATED = 'template_tocsin'
const DEMO = 'template_demo'

/** Undoes what was made, the last first. */
type Closing = (() => Promise<unknown>)[]

/**
 * What is made once for the whole run, and only when a test asks for it. The tests run in other processes, so they
 * ask over HTTP, by `POST`, and each gets a copy of its own.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const closing: Closing = []
  const postgres = once(() => openPostgres(closing))
  const embedded = once(() => dumpEmbedded(project.vite.config.cacheDir))
  const demo = once(async () => fillDemo(await postgres(), closing))
  const doors: Readonly<Record<string, () => Promise<string>>> = {
    /** The address of a database on the run's PostgreSQL. */
    '/migrated': async () => (await postgres()).copy(MIGRATED),
    '/empty': async () => (await postgres()).copy('template0'),
    /** The path of a migrated PGlite, dumped. */
    '/embedded': embedded,
    /** A filled demo on the run's PostgreSQL, as JSON (`DemoCopy`), for the caller to remove. The web app is built by then. */
    '/demo': async () => JSON.stringify(await (await demo())()),
  }

  const http = createServer((request, response) => {
    // One kept open would be closed by now and then just as a test asks for its next copy.
    response.setHeader('connection', 'close')
    const open = doors[request.url ?? ''] ?? (() => Promise.reject(new Error('no such door')))
    open().then(
      (copy) => response.end(copy),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  project.provide('copies', `http://127.0.0.1:${(http.address() as AddressInfo).port}`)

  return async () => {
    http.close()
    http.closeAllConnections()
    for (const close of closing.reverse()) await close()
  }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make()
    return made
  }
}

/** The PostgreSQL of the run, and the databases to copy on it. */
interface Templates {
  /** Creates a database like a template. @returns its address. */
  copy(template: string): Promise<string>
  /** Makes a database the template of that name once `fill` is done with it. */
  make(template: string, from: string, fill: (url: string) => Promise<void>): Promise<void>
}

async function openPostgres(closing: Closing): Promise<Templates> {
  const server = await startPostgres()
  closing.push(() => server.stop())
  // One after the other: two copies of one template at once are refused.
  const admin = new pg.Pool({ connectionString: server.url, max: 1 })
  closing.push(() => admin.end())
  const create = (name: string, template: string) =>
    admin.query(`create database ${name} template ${template} strategy file_copy`)
  let count = 0
  const templates: Templates = {
    async copy(template) {
      const name = `test_${++count}`
      await create(name, template)
      return server.urlOf(name)
    },
    async make(template, from, fill) {
      await create(template, from)
      await fill(server.urlOf(template))
    },
  }
  // Migrated once and copied: migrating each database would also race for the one role they share.
  await templates.make(MIGRATED, 'template0', async (url) => {
    const database = await openDatabase({ kind: 'postgres', url, poolSize: 2 })
    await migrate(database.db, () => new Date())
    await database.close()
  })
  return templates
}

/** Kept from run to run, and made again for other migrations or another PGlite. */
async function dumpEmbedded(cacheDirectory: string): Promise<string> {
  const cache = join(cacheDirectory, 'embedded')
  const path = join(cache, `${await hashOfSchema()}.tar`)
  if (existsSync(path)) return path
  await mkdir(cache, { recursive: true })
  const outdated = await readdir(cache)
  const directory = await mkdtemp(join(tmpdir(), 'tocsin-embedded-'))
  try {
    const database = await openDatabase({ kind: 'embedded', directory })
    await migrate(database.db, () => new Date())
    await database.close()
    const pglite = await PGlite.create(join(directory, 'pgdata'))
    const dump = await pglite.dumpDataDir('none')
    await pglite.close()
    // Under its name once it is whole; another run may be at it too.
    const part = `${path}.${process.pid}`
    await writeFile(part, dump.stream())
    await rename(part, path)
    for (const name of outdated) await rm(join(cache, name), { force: true })
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
  return path
}

/** Of all that makes an empty migrated database. */
async function hashOfSchema(): Promise<string> {
  const migrations = join(ROOT, 'migrations')
  const paths = [
    'node_modules/@electric-sql/pglite/package.json',
    'src/platform/migrate.ts',
    ...(await readdir(migrations)).sort().map((name) => join('migrations', name)),
  ]
  const hash = createHash('sha256')
  for (const path of paths) hash.update(path).update(await readFile(join(ROOT, path)))
  return hash.digest('hex').slice(0, 16)
}

async function fillDemo(postgres: Templates, closing: Closing): Promise<() => Promise<DemoCopy>> {
  const root = await mkdtemp(join(tmpdir(), 'tocsin-demo-'))
  closing.push(() => rm(root, { recursive: true, force: true }))
  const filled = join(root, 'filled')
  const [web] = await Promise.all([
    buildWeb(),
    postgres.make(DEMO, MIGRATED, async (url) => {
      await fill({ TOCSIN_DATA_DIR: filled, DATABASE_URL: url, TOCSIN_DEMO: 'true' })
      // Each copy begins with what the planner knows, in place of learning it again.
      const admin = new pg.Client({ connectionString: url })
      await admin.connect()
      await admin.query('vacuum analyze')
      await admin.end()
    }),
  ])
  if (web !== undefined) throw new Error(`the web app could not be built:\n${web}`)
  let count = 0
  return async () => {
    const directory = join(root, `copy-${++count}`)
    const [databaseUrl] = await Promise.all([
      postgres.copy(DEMO),
      cp(filled, directory, { recursive: true, preserveTimestamps: true }),
    ])
    return { directory, databaseUrl }
  }
}

/** Fills a demo as its first start does, and ends the program like any server, so that nothing is left half written. */
async function fill(env: Readonly<Record<string, string>>): Promise<void> {
  const program = startProgram(['serve', '--no-web'], { PORT: '0', TOCSIN_LANG: 'fr', ...env })
  await program.says(/prêt en/)
  program.process.kill('SIGTERM')
  const code = await program.ended
  if (code !== 0) throw new Error(`ended with ${code}:\n${program.output.stderr}`)
}

/** Before any test needs it: they would build it at the same time, each within its own. @returns what went wrong. */
async function buildWeb(): Promise<string | undefined> {
  let output = ''
  const built = await ensureWeb(
    () => {},
    (text) => {
      output += text
    },
  )
  return built === 'ready' || built === 'built' ? undefined : `${built} ${output}`
}
