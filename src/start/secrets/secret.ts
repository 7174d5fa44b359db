import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeDirectory } from '../../platform/process/directory.ts'
import { toDirectoryError } from '../deps.ts'

/**
 * Returns the secret of a demo that has none configured. It is created once in its directory, readable by its
 * owner only, so that sessions survive a restart.
 * @throws AppError `directory_unusable`
 */
export function keepDemoSecret(dataDir: string): string {
  const file = join(dataDir, 'secret')
  try {
    makeDirectory(dataDir)
    try {
      writeFileSync(file, randomBytes(32).toString('base64url'), { flag: 'wx', mode: 0o600 })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw toDirectoryError(error, dataDir)
  }
}
