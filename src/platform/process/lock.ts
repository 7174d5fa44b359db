import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { AppError } from '../../errors.ts'

export interface DirectoryLock {
  release(): void
}

/**
 * Takes the exclusive lock of a data directory. The lock belongs to the operating system (through SQLite's file locks, on
 * every platform) and ends with the process in any case, so that a killed server leaves no stale lock.
 * @throws AppError `directory_locked` with the process id of the holder
 */
export function lockDirectory(directory: string): DirectoryLock {
  const database = new DatabaseSync(`${directory}/lock`, { timeout: 0 })
  const holder = `${directory}/lock.pid`
  try {
    database.exec('pragma locking_mode = exclusive; begin exclusive')
  } catch {
    database.close()
    throw new AppError('directory_locked', { values: { directory, pid: readHolder(holder) } })
  }
  writeFileSync(holder, `${process.pid}\n`)
  return {
    release() {
      rmSync(holder, { force: true })
      database.close()
    },
  }
}

function readHolder(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return '?'
  }
}
