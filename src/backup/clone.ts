import { on } from 'node:events'
import { constants, readdirSync, statSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { Worker } from 'node:worker_threads'
import type pg from 'pg'
import { isDiskFull } from '../errors.ts'
import { type Database, TAKE_ROLE } from '../platform/db.ts'
import type { CloneMessage, CloneTask } from './clone-worker.ts'
import { readLines, requireTables } from './read.ts'

/** The source file in a checkout, the built one in the package. */
const WORKER = import.meta.url.endsWith('.ts') ? './clone-worker.ts' : './clone-worker.js'
const PREFIX = 'clone-'
/** The time of a file is written by a clock that ticks: a file that changed this shortly before is copied again. */
const TICK_MS = 2000

/** Directories of this process. Others are left by one that was killed, since a process holds the lock of the data. */
const inUse = new Set<string>()

/**
 * Reads the lines of a backup while others use the database. The embedded database has one connection: it is held while the files
 * that changed since a first copy are copied, and the copy is then read in a thread of its own. PostgreSQL, and a database in
 * memory, are read directly; so is the embedded one when the disk has no place for the copy, and others wait meanwhile.
 * @param onNoSpace called when others wait
 * @throws AppError as `readLines`
 */
export async function* readLinesBesideOthers(
  database: Database,
  version: string,
  onNoSpace: (error: unknown) => void,
): AsyncGenerator<string> {
  const { directory } = database
  if (directory === undefined) {
    yield* readLines(database, version)
    return
  }
  await requireTables(database.pool)
  await removeLeft(directory)
  const clone = await mkdtemp(join(directory, PREFIX))
  inUse.add(clone)
  try {
    const isCloned = await cloneTo(database, join(directory, 'pgdata'), join(clone, 'pgdata')).catch(
      async (error: unknown) => {
        if (!isDiskFull(error)) throw error
        await remove(clone)
        onNoSpace(error)
        return false
      },
    )
    yield* isCloned ? readInThread({ directory: clone, version }) : readLines(database, version)
  } finally {
    await remove(clone)
    inUse.delete(clone)
  }
}

const remove = (path: string) => rm(path, { recursive: true, force: true })

async function removeLeft(directory: string): Promise<void> {
  for (const name of readdirSync(directory)) {
    const path = join(directory, name)
    if (name.startsWith(PREFIX) && !inUse.has(path)) await remove(path)
  }
}

/** Copies the files as they are between two statements. */
async function cloneTo({ pool }: Database, from: string, to: string): Promise<true> {
  // Writes most of what is in memory before others have to wait.
  await withCheckpoint(pool, async () => {})
  const first = await copyChanged(from, to, new Map())
  await withCheckpoint(pool, () => copyChanged(from, to, first))
  return true
}

/** Holds the connection while work is done on files that hold all that was committed. */
async function withCheckpoint(pool: pg.Pool, work: () => Promise<unknown>): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('set role none')
    await client.query('checkpoint')
    await work()
  } finally {
    await client.query(TAKE_ROLE)
    client.release()
  }
}

/** States of files by path; undefined: it may have changed since. */
type Copied = ReadonlyMap<string, string | undefined>

/**
 * Copies the files that changed since an earlier copy, and deletes those that are gone. Without other statements meanwhile the
 * result is what the directory holds.
 */
async function copyChanged(from: string, to: string, earlier: Copied): Promise<Copied> {
  const copied = new Map<string, string | undefined>()
  const startedAt = Date.now()
  await mkdir(to, { recursive: true, mode: 0o700 })
  for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
    const source = join(entry.parentPath, entry.name)
    const path = relative(from, source)
    if (entry.isDirectory()) {
      await mkdir(join(to, path), { recursive: true, mode: 0o700 })
      continue
    }
    const found = statSync(source, { throwIfNoEntry: false })
    if (found === undefined) continue
    const state = `${found.mtimeMs} ${found.size}`
    if (earlier.get(path) !== state) await copyUnlessGone(source, join(to, path))
    copied.set(path, found.mtimeMs < startedAt - TICK_MS ? state : undefined)
  }
  for (const path of earlier.keys()) if (!copied.has(path)) await remove(join(to, path))
  return copied
}

async function copyUnlessGone(from: string, to: string): Promise<void> {
  try {
    // Shares the blocks where the file system can.
    await copyFile(from, to, constants.COPYFILE_FICLONE)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

async function* readInThread(task: CloneTask): AsyncGenerator<string> {
  const worker = new Worker(new URL(WORKER, import.meta.url), { workerData: task })
  try {
    for await (const [message] of on(worker, 'message') as AsyncIterable<[CloneMessage]>) {
      if (message === 'end') return
      yield* message
      worker.postMessage('more')
    }
  } finally {
    await worker.terminate()
  }
}
