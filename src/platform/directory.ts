import { mkdirSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

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
