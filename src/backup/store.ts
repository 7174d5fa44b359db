import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { NO_SCHEME } from '../audit/chain.ts'
import { recordAudit } from '../audit/record.ts'
import type { Deps } from '../deps.ts'
import { HOUR_MS } from '../message/clock.ts'
import { acrossSchemes } from '../platform/db.ts'
import { readLinesBesideOthers } from './clone.ts'
import { encodeBackup } from './file.ts'

const PART = '.part'

/** The result of one backup. */
export interface Made {
  readonly rows: number
  readonly bytes: number
}

/**
 * Makes a backup of a database and hands out its bytes, then records it in the audit log of the installation.
 * @param write takes the bytes, one part after the other
 * @throws AppError as `readLinesBesideOthers` and `encodeBackup`, and what `write` throws
 */
export async function makeBackup(
  deps: Pick<Deps, 'db' | 'database' | 'now' | 'log'>,
  {
    recipients,
    version,
    by,
  }: { readonly recipients: readonly string[]; readonly version: string; readonly by: string },
  write: (bytes: Uint8Array) => Promise<void>,
): Promise<Made> {
  let rows = 0
  let bytes = 0
  const lines = readLinesBesideOthers(deps.database, version, (error) =>
    deps.log.warn(
      { err: error },
      'no copy of the database could be made: others wait while the backup reads it',
    ),
  )
  const encoded = encodeBackup(lines, recipients, (count) => {
    rows = count
  })
  for await (const part of encoded) {
    bytes += part.byteLength
    await write(part)
  }
  const details = { rows, bytes, isEncrypted: recipients.length > 0 }
  try {
    await acrossSchemes(deps.db, (tx) =>
      recordAudit(tx, NO_SCHEME, deps.now(), {
        actor: by,
        action: 'backup.make',
        subject: 'backup',
        details,
      }),
    )
  } catch (error) {
    // A standby, or a schema that is to be migrated, can be backed up and not be written to.
    deps.log.warn({ err: error }, 'the backup is made, and not on the record')
  }
  return { rows, bytes }
}

/**
 * Writes a file that appears under its name once it is complete and on the disk.
 * @param fill gets the function that writes; the file is removed when it throws
 * @throws the error of the file system, EEXIST when a file has this name
 */
export async function writeWhole<T>(
  path: string,
  fill: (write: (bytes: Uint8Array) => Promise<void>) => Promise<T>,
): Promise<T> {
  if (statSync(path, { throwIfNoEntry: false }) !== undefined)
    throw Object.assign(new Error('the file exists'), { code: 'EEXIST' })
  const partial = path + PART
  const file = await open(partial, 'w', 0o600)
  try {
    const result = await fill(async (bytes) => {
      // `write` may leave out the end of the bytes on a full disk without an error.
      await file.appendFile(bytes)
    })
    await file.sync()
    await file.close()
    renameSync(partial, path)
    syncDirectory(dirname(path))
    return result
  } catch (error) {
    await file.close().catch(() => {})
    rmSync(partial, { force: true })
    throw error
  }
}

/** A new name of a file is on the disk once its directory is. */
function syncDirectory(directory: string): void {
  if (process.platform === 'win32') return
  const handle = openSync(directory, 'r')
  fsyncSync(handle)
  closeSync(handle)
}

/** A backup that the timer made. */
export interface Kept {
  readonly path: string
  readonly at: Date
}

const NAME = /^tocsin-(\d{4}-\d\d-\d\dT\d\d)-(\d\d)-(\d\d)Z\.backup\.age$/

/** Returns the name of a backup that the timer makes. */
export function nameOf(at: Date): string {
  return `tocsin-${at.toISOString().slice(0, 19).replaceAll(':', '-')}Z.backup.age`
}

/** Lists the backups that the timer made, newest first. Other files of the directory are not its own. */
export function listKept(directory: string): Kept[] {
  return readdirSync(directory)
    .flatMap((name) => {
      const [, hour, minute, second] = NAME.exec(name) ?? []
      const at = new Date(`${hour}:${minute}:${second}Z`)
      return Number.isNaN(at.getTime()) ? [] : [{ path: join(directory, name), at }]
    })
    .toSorted((a, b) => b.at.getTime() - a.at.getTime())
}

/** Lists the files of the timer's backups that are not complete, with the time of their last write. */
function listPartial(directory: string): Kept[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith(PART) && NAME.test(name.slice(0, -PART.length)))
    .flatMap((name) => {
      const path = join(directory, name)
      const at = statSync(path, { throwIfNoEntry: false })?.mtime
      return at === undefined ? [] : [{ path, at }]
    })
}

/** Time without a write after which a process is no longer believed to be making a backup. */
const SILENT_MS = HOUR_MS
const LEFT_MS = 24 * HOUR_MS

/** Tells whether a process, which may be another one, is making a backup in a directory. */
export function isBeingMade(directory: string, now: Date): boolean {
  return listPartial(directory).some(({ at }) => now.getTime() - at.getTime() < SILENT_MS)
}

/** Deletes the oldest backups of the timer, and what those that were interrupted left a day ago. */
export function pruneKept(directory: string, keep: number, now: Date): string[] {
  const old = listKept(directory).slice(keep)
  for (const { path } of old) rmSync(path, { force: true })
  for (const { path, at } of listPartial(directory))
    if (now.getTime() - at.getTime() > LEFT_MS) rmSync(path, { force: true })
  return old.map(({ path }) => basename(path))
}
