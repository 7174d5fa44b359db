import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/**
 * Creates a directory and its parents, readable by the owner only, because it will contain members' numbers. An existing one
 * is unchanged. Node's own `recursive` never returns where the file system hides the reason of a refusal (under /proc).
 * @throws the error of the file system; ENOTDIR when the path is not a directory
 */
export function makeDirectory(path: string): void {
  const full = resolve(path)
  if (isDirectory(full)) return
  if (dirname(full) !== full) makeDirectory(dirname(full))
  try {
    mkdirSync(full, { mode: 0o700 })
  } catch (error) {
    // Another process may have created it in the meantime.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !isDirectory(full)) throw error
  }
}

function isDirectory(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined || found.isDirectory()) return found !== undefined
  throw Object.assign(new Error(`ENOTDIR: not a directory, '${path}'`), { code: 'ENOTDIR' })
}

/** Prefix of the names of copies of the embedded database, which backups read (src/backup/clone.ts). */
export const CLONE_PREFIX = 'clone-'

/** Deletes the copies that a process left which was killed during a backup. The caller holds the lock of the directory. */
export function removeClones(directory: string): void {
  for (const name of readdirSync(directory))
    if (name.startsWith(CLONE_PREFIX)) rmSync(join(directory, name), { recursive: true, force: true })
}
