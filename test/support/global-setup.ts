import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { createAuditKeys } from '../../src/audit/keys.ts'
import { sealDue } from '../../src/audit/seals.ts'
import { SEALS } from '../../src/commands/audit/seals.ts'
import { installJobs } from '../../src/jobs.ts'
import { migrate } from '../../src/platform/database/migrate.ts'
import { openDatabase } from '../../src/platform/db.ts'
import { ensureWeb, WEB_DIRECTORY } from '../../src/start/http/web-build.ts'
import { keepDemoSecret } from '../../src/start/secrets/secret.ts'
import { loadReference } from '../../src/territory/reference/reference.ts'
import { makeDatabaseDirectory } from './directory.ts'
import { takeLeaks } from './log-scan.ts'
import { type ProcessLogin, postgresMajor, startPostgres } from './postgres.ts'
import { type CommandResult, ROOT, startProgram } from './program.ts'
import { sourcesOf } from './sources.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** URL that serves copies of artefacts made once per run: see the doors of `setup`. */
    copies: string
  }
}

/** A copy of the filled demo: its database, and the directory with its secret and simulated phones. */
export interface DemoCopy {
  readonly directory: string
  readonly databaseUrl: string
}

/** A first start of the demo on the embedded database: a copy of its directory, what it wrote, and its exit code. */
export interface FirstStart extends CommandResult {
  readonly directory: string
}

const MIGRATED = 'template_tocsin'
/** Migrated, with the communes of France; the name of the template ends with the hash of its sources. */
const TERRITORY = 'template_territory_'
/** The filled demo; the name of the template ends with the hash of its sources, and the hour. */
const DEMO = 'template_demo_'

/** Cleanups, run last first. */
type Closing = (() => Promise<unknown>)[]

/**
 * Serves artefacts made once for the whole run, and only when a test requests one. The tests run in other
 * processes, so they request them over HTTP, by `POST`, and each gets its own copy.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const closing: Closing = []
  const postgres = once(() => openPostgres(project.vite.config.cacheDir, closing))
  const embedded = once(() => dumpEmbedded(project.vite.config.cacheDir))
  const web = once(buildWeb)
  const territory = once(async () => makeTerritory(await postgres()))
  const demo = once(async () => openDemo(await postgres(), await territory(), web))
  const firstStart = once(() => openFirstStart(project.vite.config.cacheDir, closing))
  const doors: Readonly<Record<string, () => Promise<string>>> = {
    /** URL of a migrated database on the run's PostgreSQL. */
    '/migrated': async () => (await postgres()).copy(MIGRATED, 'tocsin_web'),
    /** URL of a database with the communes of France. */
    '/territory': async () => (await postgres()).copy(await territory(), 'tocsin_web'),
    /** URL of an empty database, as its owner: the caller migrates it. */
    '/empty': async () => (await postgres()).copy('template0'),
    /** Path of the dump of a migrated PGlite. */
    '/embedded': embedded,
    /** Directory of the built web app. */
    '/web': web,
    /**
     * A filled demo on the run's PostgreSQL, as JSON (`DemoCopy`), for the caller to remove. The web app is built
     * by then.
     */
    '/demo': async () => JSON.stringify(await (await demo())()),
    /** A demo filled by its first start on the embedded database, as JSON (`FirstStart`), for the caller to remove. */
    '/first-start': async () => JSON.stringify(await (await firstStart())()),
  }

  // Everything runs, without a cache. A failure is reported by the tests that ask for the demo.
  const filling = process.env.CI === undefined ? undefined : demo().catch(() => {})

  const http = createServer((request, response) => {
    // A persistent connection would sometimes be closed just as a test requests its next copy.
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
    await filling
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

/** The PostgreSQL of the run and its template databases. */
interface Templates {
  /** Directory beside the databases, with the files of each template that has some, under its name. */
  readonly files: string
  /** Creates a database from a template. @returns its URL with this login, without one with that of its owner */
  copy(template: string, login?: ProcessLogin): Promise<string>
  /** Creates a template from another one with `fill`, unless it exists, in place of those of other sources. @returns its name */
  make(template: SourcedTemplate, from: string, fill: (url: string) => Promise<void>): Promise<string>
}

interface SourcedTemplate {
  readonly name: string
  /** The end of the name, which identifies the state of the sources; '' if a cluster has one state only. */
  readonly state: string
}

/**
 * Replaces the directories of a cache by a new one, unless a machine starts each run from scratch.
 * @param write fills a directory, which is renamed once complete, since another run may write it too
 */
async function saveInCache(
  cache: string,
  kept: string,
  write: (part: string) => Promise<unknown>,
): Promise<void> {
  if (process.env.CI !== undefined) return
  const part = join(cache, `part-${process.pid}`)
  await mkdir(part, { recursive: true })
  await write(part)
  for (const name of await readdir(cache))
    if (!isBeingSaved(name)) await rm(join(cache, name), { recursive: true, force: true })
  await rename(part, kept)
}

/** Returns true for a directory of the cache that a running process is writing. */
function isBeingSaved(name: string): boolean {
  const pid = /^part-(\d+)$/.exec(name)?.[1]
  if (pid === undefined) return false
  try {
    return process.kill(Number(pid), 0)
  } catch {
    return false
  }
}

/** Filling a demo takes 10 s on two idle cores. */
const FILLING_LIMIT_MS = 300_000
/** Time for which a demo is reused in further runs: its alerts are of the last hours and days. */
const DEMO_KEPT_MS = 3_600_000

/** Returns the name of a demo in the cache: the hash of its sources, and the hour (see DEMO_KEPT_MS). */
async function nameOfDemo(): Promise<string> {
  return `${await hashOfProgram()}_${Math.floor(Date.now() / DEMO_KEPT_MS)}`
}

/**
 * Opens the templates, which survive the run: all of them until the schema changes, those with more than the schema until their
 * own sources do. So a change of the program makes a test wait only if it needs what the program fills.
 */
async function openPostgres(cacheDirectory: string, closing: Closing): Promise<Templates> {
  const cache = join(cacheDirectory, 'postgres')
  const kept = join(cache, `${await hashOfSchema()}-on-${postgresMajor}`)
  const root = makeDatabaseDirectory('tocsin-templates-')
  closing.push(() => rm(root, { recursive: true, force: true }))
  const files = join(root, 'files')
  const isKept = existsSync(kept)
  if (isKept) await copyDirectory(join(kept, 'files'), files)
  else await mkdir(files)
  const server = await startPostgres(isKept ? { from: join(kept, 'data') } : {})
  closing.push(() => server.stop())
  // One after the other: PostgreSQL refuses two concurrent copies of one template.
  const admin = new pg.Pool({ connectionString: server.url, max: 1 })
  const namesLike = async (pattern: string) => {
    const { rows } = await admin.query<{ name: string }>(
      'select datname as name from pg_database where datname like $1',
      [pattern],
    )
    return rows.map(({ name }) => name)
  }
  const create = (name: string, template: string) =>
    admin.query(`create database ${name} template ${template} strategy file_copy`)

  let hasChanged = false
  closing.push(async () => {
    const isSaved = hasChanged && process.env.CI === undefined
    for (const name of isSaved ? await namesLike('test%') : [])
      await admin.query(`drop database ${name} with (force)`)
    // A closing connection may be notified that the server ends.
    admin.on('error', () => {})
    await admin.end()
    if (!isSaved) return
    await saveInCache(cache, kept, async (part) => {
      await copyDirectory(files, join(part, 'files'))
      await server.saveTo(join(part, 'data'))
    })
  })

  let count = 0
  const templates: Templates = {
    files,
    async copy(template, login) {
      const name = `test_${++count}`
      await create(name, template)
      return server.urlOf(name, login)
    },
    async make({ name, state }, from, fill) {
      const template = `${name}${state}`
      const made = await namesLike(`${name}%`)
      if (made.includes(template)) return template
      // Those of other sources, and what a run left whose fill failed.
      for (const outdated of made) await admin.query(`drop database ${outdated} with (force)`)
      for (const directory of await readdir(files))
        if (directory.startsWith(name)) await rm(join(files, directory), { recursive: true })
      // Renamed once complete.
      const unfinished = `${template}_unfinished`
      await create(unfinished, from)
      await fill(server.urlOf(unfinished))
      await admin.query(`alter database ${unfinished} rename to ${template}`)
      hasChanged = true
      return template
    },
  }
  // Migrated once and copied: migrating each database would also race for the one role they share.
  await templates.make({ name: MIGRATED, state: '' }, 'template0', async (url) => {
    const database = await openDatabase({ kind: 'postgres', url, poolSize: 2 })
    await migrate(database.db, () => new Date())
    await installJobs(database)
    await database.close()
  })
  return templates
}

/** Returns a dump kept between runs, and made again for other migrations or another PGlite. */
async function dumpEmbedded(cacheDirectory: string): Promise<string> {
  const cache = join(cacheDirectory, 'embedded')
  const path = join(cache, `${await hashOfSchema()}.tar`)
  if (existsSync(path)) return path
  await mkdir(cache, { recursive: true })
  const outdated = await readdir(cache)
  const directory = makeDatabaseDirectory('tocsin-embedded-')
  try {
    const database = await openDatabase({ kind: 'embedded', directory })
    await migrate(database.db, () => new Date())
    await installJobs(database)
    await database.close()
    const pglite = await PGlite.create(join(directory, 'pgdata'))
    const dump = await pglite.dumpDataDir('none')
    await pglite.close()
    // Renamed once complete, since another run may write it too.
    const part = `${path}.${process.pid}`
    await writeFile(part, dump.stream())
    await rename(part, path)
    for (const name of outdated) await rm(join(cache, name), { force: true })
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
  return path
}

/** Hashes the sources of a filled demo, which are the whole program. */
async function hashOfProgram(): Promise<string> {
  const names = await readdir(join(ROOT, 'src'), { recursive: true })
  const program = names.filter((name) => /\.(ts|sql|json)$/.test(name) && !name.endsWith('.test.ts'))
  return hashOf([
    ...(await listSchema()),
    ...CONTOURS,
    ...program.map((name) => join('src', name)).toSorted(),
  ])
}

/** Hashes the sources of the communes of France. */
async function hashOfTerritory(): Promise<string> {
  return hashOf([...CONTOURS, ...(await sourcesOf(['src/territory/reference/reference.ts']))])
}

/** Hashes the sources of an empty migrated database, and of the servers with the templates. */
async function hashOfSchema(): Promise<string> {
  return hashOf(await listSchema())
}

const CONTOURS = ['contours/communes.json.gz', 'contours/reference.json.gz']

async function listSchema(): Promise<string[]> {
  const migrations = await readdir(join(ROOT, 'migrations'))
  return [
    // The versions of the program, PGlite and pg-boss.
    'package-lock.json',
    'test/support/global-setup.ts',
    'test/support/postgres.ts',
    ...migrations.sort().map((name) => join('migrations', name)),
    ...(await sourcesOf(['src/platform/database/migrate.ts', 'src/jobs.ts'])),
  ]
}

async function hashOf(paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const path of paths) hash.update(path).update(await readFile(join(ROOT, path)))
  return hash.digest('hex').slice(0, 16)
}

async function makeTerritory(templates: Templates): Promise<string> {
  return templates.make({ name: TERRITORY, state: await hashOfTerritory() }, MIGRATED, async (url) => {
    const database = await openDatabase({ kind: 'postgres', url, poolSize: 2 })
    await loadReference({ db: database.db, now: () => new Date() })
    await database.close()
  })
}

async function openDemo(
  templates: Templates,
  territory: string,
  web: () => Promise<string>,
): Promise<() => Promise<DemoCopy>> {
  const state = await nameOfDemo()
  const filled = join(templates.files, `${DEMO}${state}`)
  const [demo] = await Promise.all([
    templates.make({ name: DEMO, state }, territory, async (url) => {
      await fill({ TOCSIN_DATA_DIR: filled, DATABASE_URL: url, TOCSIN_DEMO: 'true' })
      await sealDemo(url, filled)
      // Each copy starts with the statistics of the query planner.
      const admin = new pg.Client({ connectionString: url })
      await admin.connect()
      await admin.query('vacuum analyze')
      await admin.end()
    }),
    web(),
  ])
  return async () => {
    const databaseUrl = await templates.copy(demo, 'tocsin_engine')
    const directory = makeDatabaseDirectory('tocsin-demo-')
    await copyDirectory(filled, directory)
    return { directory, databaseUrl }
  }
}

/** Seals the facts of a filled demo, which takes 1 s of processor time, and which each copy would do in its first minute. */
async function sealDemo(url: string, directory: string): Promise<void> {
  const database = await openDatabase({ kind: 'postgres', url, poolSize: 2 })
  const auditKeys = createAuditKeys({ secret: { current: keepDemoSecret(directory) } })
  await sealDue({ db: database.db, now: () => new Date(), auditKeys }, SEALS)
  await database.close()
}

/** Fills a demo on the embedded database, which survives the run. @returns a function that copies it */
async function openFirstStart(cacheDirectory: string, closing: Closing): Promise<() => Promise<FirstStart>> {
  const cache = join(cacheDirectory, 'first-start')
  const kept = join(cache, await nameOfDemo())
  const root = makeDatabaseDirectory('tocsin-first-start-')
  closing.push(() => rm(root, { recursive: true, force: true }))
  // Copied at once, since another run may replace what is kept.
  if (existsSync(kept)) await copyDirectory(kept, root)
  else {
    // As below `node --watch` (npm run dev), where each import of a child is a message to its parent.
    const result = await fill({ TOCSIN_DATA_DIR: join(root, 'data'), WATCH_REPORT_DEPENDENCIES: '1' })
    await writeFile(join(root, 'result.json'), JSON.stringify(result))
    await saveInCache(cache, kept, (part) => copyDirectory(root, part))
  }
  const result: CommandResult = JSON.parse(await readFile(join(root, 'result.json'), 'utf8'))
  return async () => {
    const directory = makeDatabaseDirectory('tocsin-first-start-')
    await copyDirectory(join(root, 'data'), directory)
    return { ...result, directory }
  }
}

function copyDirectory(from: string, to: string): Promise<void> {
  return cp(from, to, { recursive: true, preserveTimestamps: true })
}

/** Fills a demo like its first start, and stops the program like a server, so that all files are complete. */
async function fill(env: Readonly<Record<string, string>>): Promise<CommandResult> {
  const program = startProgram(['serve', '--no-web'], { PORT: '0', TOCSIN_LANG: 'fr', ...env })
  const limit = setTimeout(() => program.process.kill('SIGKILL'), FILLING_LIMIT_MS)
  await program.says(/prêt en/)
  clearTimeout(limit)
  program.process.kill('SIGTERM')
  const code = await program.ended
  if (code !== 0) throw new Error(`ended with ${code}:\n${program.output.stderr}`)
  const leaks = takeLeaks()
  if (leaks.length > 0) throw new Error(`the log of a first start gives somebody away:\n${leaks.join('\n')}`)
  return { code, ...program.output }
}

/**
 * Builds the web app before any test needs it: the tests would build it concurrently, each within its own timeout.
 */
async function buildWeb(): Promise<string> {
  // A build that outlives the run is the one that the program serves and the benchmarks measure.
  if (process.env.CI !== undefined) process.env.WEB_BUILD = 'quick'
  let output = ''
  const built = await ensureWeb(
    () => {},
    (text) => {
      output += text
    },
  )
  if (built !== 'ready' && built !== 'built')
    throw new Error(`the web app could not be built: ${built}\n${output}`)
  return WEB_DIRECTORY
}
