import { mkdirSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/**
 * Makes a directory, and those above it, for its owner's eyes only: members' numbers will be in it. One that exists
 * stays as it is. Node's own `recursive` never returns where the file system hides why it refuses (under /proc).
 * @throws the file system's error; ENOTDIR when the path is something else.
 */
export function makeDirectory(path: string): void {
  const full = resolve(path)
  if (isDirectory(full)) return
  if (dirname(full) !== full) makeDirectory(dirname(full))
  try {
    mkdirSync(full, { mode: 0o700 })
  } catch (error) {
    // Another process made it meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !isDirectory(full)) throw error
  }
}

function isDirectory(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined || found.isDirectory()) return found !== undefined
  throw Object.assign(new Error(`ENOTDIR: not a directory, '${path}'`), { code: 'ENOTDIR' })
}
