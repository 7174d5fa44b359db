import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/**
 * Creates a directory and its parents, readable by the owner only, because it will contain members' numbers. An existing one
 * is unchanged. Node's own `mkdirSync` with `recursive` loops for ever under /proc, which refuses with ENOENT.
 * @throws the error of the file system; ENOTDIR when the path is not a directory
 */
export function makeDirectory(path: string): void {
  const full = resolve(path)
  if (existsAsDirectory(full)) return
  if (dirname(full) !== full) makeDirectory(dirname(full))
  try {
    mkdirSync(full, { mode: 0o700 })
  } catch (error) {
    // Another process may have created it in the meantime.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !existsAsDirectory(full)) throw error
  }
}

/** @throws Error ENOTDIR when something else has this path */
function existsAsDirectory(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) return false
  if (found.isDirectory()) return true
  throw Object.assign(new Error(`ENOTDIR: not a directory, '${path}'`), { code: 'ENOTDIR' })
}

/** Prefix of the names of the copies of the embedded database that backups are made from (src/backup/clone.ts). */
export const CLONE_PREFIX = 'clone-'

/** Deletes the copies left by a process that was killed during a backup. The caller holds the lock of the data directory. */
export function removeClones(directory: string): void {
  for (const name of readdirSync(directory))
    if (name.startsWith(CLONE_PREFIX)) rmSync(join(directory, name), { recursive: true, force: true })
}
