import { on } from 'node:events'
import { constants, readdirSync, statfsSync, statSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { Worker } from 'node:worker_threads'
import type pg from 'pg'
import { AppError, isDiskFull } from '../errors.ts'
import { type Database, TAKE_ROLE } from '../platform/db.ts'
import { CLONE_PREFIX } from '../platform/process/directory.ts'
import type { CloneMessage, CloneTask } from './clone-worker.ts'
import { readLines, requireTables } from './read.ts'

/** The source file in a checkout, the built one in the package. */
const WORKER = import.meta.url.endsWith('.ts') ? './clone-worker.ts' : './clone-worker.js'
/** The time of a file is written by a clock that ticks: a file that changed this shortly before is copied again. */
const TICK_MS = 2000
/** Stays free beside a copy, since others write meanwhile: a log that cannot be written ends the database in the midst of its work. */
const MARGIN_BYTES = 1e9
/** The least that the database writes its log by. */
const LOG_FILE_BYTES = 16 * 1024 ** 2

/** The copy that is being made. Another one waits for it, so that its comparison with the free space holds. */
let copying: Promise<unknown> = Promise.resolve()

/**
 * Reads the lines of a backup while others use the database. The embedded database has one connection: it is held while the files
 * that changed since a first copy are copied, and the copy is then read in a thread of its own. PostgreSQL, and a database in
 * memory, are read directly; so is the embedded one when no copy can be made, such as on a disk without the place, and others wait
 * meanwhile.
 * @param onNoCopy called when others wait
 * @throws AppError as `readLines`; `disk_full` when the disk filled up while the copy was read
 */
export async function* readLinesBesideOthers(
  database: Database,
  version: string,
  onNoCopy: (error: unknown) => void,
  marginBytes = MARGIN_BYTES,
): AsyncGenerator<string> {
  const { directory } = database
  if (directory === undefined) {
    yield* readLines(database, version)
    return
  }
  await requireTables(database.pool)
  const made = copying.then(() => makeClone(database, directory, marginBytes))
  copying = made.catch(() => {})
  const clone = await made.catch((error: unknown) => {
    onNoCopy(error)
    return undefined
  })
  if (clone === undefined) {
    yield* readLines(database, version)
    return
  }
  try {
    yield* readInThread({ directory: clone, version })
  } finally {
    await remove(clone)
  }
}

const remove = (path: string) => rm(path, { recursive: true, force: true })

function countFreeBytes(directory: string): number {
  const { bavail, bsize } = statfsSync(directory)
  return bavail * bsize
}

function sizeOf(directory: string): number {
  return readdirSync(directory, { recursive: true, withFileTypes: true }).reduce(
    (bytes, { parentPath, name }) =>
      bytes + (statSync(join(parentPath, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  )
}

/** Copies the database of a directory into a new one beside it. @throws the error of the file system, after which nothing is left */
async function makeClone(database: Database, directory: string, marginBytes: number): Promise<string> {
  const data = join(directory, 'pgdata')
  const missing = sizeOf(data) + marginBytes - countFreeBytes(directory)
  if (missing > 0)
    throw Object.assign(new Error(`${missing} bytes too few are free for a copy of the database`), {
      code: 'ENOSPC',
    })
  const clone = await mkdtemp(join(directory, CLONE_PREFIX))
  try {
    await cloneTo(database, data, join(clone, 'pgdata'))
    return clone
  } catch (error) {
    await remove(clone)
    throw error
  }
}

/** Copies the files as they are between two statements. */
async function cloneTo({ pool }: Database, from: string, to: string): Promise<void> {
  // Writes most of what is in memory before others have to wait.
  await withCheckpoint(pool, async () => {})
  const first = await copyChanged(from, to, new Map())
  await withCheckpoint(pool, () => copyChanged(from, to, first))
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

/**
 * Reads the lines of a copy in a thread.
 * @throws AppError `disk_full`; the error of the thread, or one that says that it ended early
 */
export async function* readInThread(
  task: CloneTask,
  program = new URL(WORKER, import.meta.url),
): AsyncGenerator<string> {
  const worker = new Worker(program, { workerData: task })
  try {
    // A thread that is ended, as by its database, emits no error.
    const messages = on(worker, 'message', { close: ['exit'] }) as AsyncIterable<[CloneMessage]>
    for await (const [message] of messages) {
      if (message === 'end') return
      yield* message
      worker.postMessage('more')
    }
    throw new Error('the thread that reads the copy of the database ended early')
  } catch (error) {
    if (isDiskFull(error) || countFreeBytes(task.directory) >= LOG_FILE_BYTES) throw error
    throw new AppError('disk_full', { cause: error })
  } finally {
    await worker.terminate()
  }
}
