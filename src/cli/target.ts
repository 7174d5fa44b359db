import { readFileSync } from 'node:fs'
import { createCipher } from '../cipher/cipher.ts'
import type { Config } from '../config.ts'
import { type Database, openDatabase } from '../platform/db.ts'
import { toDirectoryError } from '../start/deps.ts'
import { fileError } from './keys.ts'

/** Returns whether an argument is the address of a PostgreSQL database, and not a directory. */
export const isAddress = (text: string) => /^postgres(ql)?:\/\//.test(text)

/** Returns an address or a directory as it may be printed: without a password. */
export function withoutPassword(place: string): string {
  if (!isAddress(place)) return place
  const { host, pathname } = new URL(place)
  return `postgres://${host}${pathname}`
}

/**
 * Opens a database to be filled, as the owner of its tables.
 * @throws AppError as `openDatabase`, `directory_unusable`
 */
export async function openPlace(config: Config, place: string): Promise<Database> {
  try {
    return await openDatabase(
      isAddress(place)
        ? { kind: 'postgres', url: place, poolSize: 2 }
        : { kind: 'embedded', directory: place },
      { cipher: createCipher(config.keys, config.reloadKeys) },
    )
  } catch (error) {
    throw toDirectoryError(error, place)
  }
}

/** Returns where the data of the settings is, with the login that owns it. */
export function configuredPlace({ databaseUrl, databaseOwnerUrl, dataDir }: Config): string {
  return databaseOwnerUrl ?? databaseUrl ?? dataDir
}

/** Reads the private key of backups. @returns undefined when none is named */
export function readPrivateKey(config: Config, file: string | undefined): string | undefined {
  const path = file ?? config.backup.privateKeyFile
  if (path === undefined) return undefined
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw fileError(path, error)
  }
}
