import { accessSync, constants, mkdtempSync, statfsSync } from 'node:fs'
import { freemem, tmpdir } from 'node:os'
import { join } from 'node:path'

/** File system in memory of Linux. */
const MEMORY = '/dev/shm'
/** A run creates hundreds of databases of 13 MB, and copies of the demo of ten times that. */
const NEEDED_BYTES = 8 * 1024 ** 3

/**
 * Makes a temporary directory for a test's database, for the caller to remove. It is in memory where there is room:
 * creating a database takes 16 ms there and 450 ms on a disk, and a run creates hundreds, one after the other.
 * Outside Vitest, as in benchmarks, it is on the disk.
 * @param prefix start of its name
 */
export function makeDatabaseDirectory(prefix: string): string {
  return mkdtempSync(join(process.env.VITEST !== undefined && hasMemory() ? MEMORY : tmpdir(), prefix))
}

function hasMemory(): boolean {
  try {
    accessSync(MEMORY, constants.W_OK)
    const { bavail, bsize } = statfsSync(MEMORY)
    return Math.min(bavail * bsize, freemem()) >= NEEDED_BYTES
  } catch {
    return false
  }
}
