import { openAsBlob } from 'node:fs'
import { inject } from 'vitest'
import type { Cipher } from '../../src/cipher/cipher.ts'
import { type Database, type DatabaseSettings, openDatabase } from '../../src/platform/db.ts'
import { testCipher } from './encryption.ts'
import { withLogin } from './engine-login.ts'
import type { ProcessLogin } from './postgres.ts'

export type DatabaseKind = 'embedded' | 'postgres'

/**
 * Both databases of the product, for `describe.each` in files that prove that the same SQL works on both:
 * migrations, types, row-level security and plans. A journey sends an alert on the embedded one (journeys/start).
 */
export const databaseKinds: readonly DatabaseKind[] = ['embedded', 'postgres']

/**
 * Databases of all other files. PostgreSQL only: PGlite takes three times as long for the same tests, in their
 * process. With TOCSIN_BOTH_DATABASES (`npm run soak -- --only databases`) they run on both.
 */
export const usualKinds: readonly DatabaseKind[] = process.env.TOCSIN_BOTH_DATABASES
  ? databaseKinds
  : ['postgres']

export interface TestDatabaseOptions {
  /** False: without the tables. */
  readonly migrated?: boolean
  /** Maximum connections, PostgreSQL only. */
  readonly poolSize?: number
  /** Default: that of the run. */
  readonly cipher?: Cipher
  /**
   * Login of the process that the test stands for, PostgreSQL only. Default: `tocsin_web`. Files that ask for
   * `tocsin_engine` are on a list with a reason (test/contracts/other-logins.ts).
   */
  readonly login?: ProcessLogin | undefined
}

/**
 * Opens a new database for a test file: PGlite in memory, or a database on the PostgreSQL of the run. Open it in
 * `beforeAll`, close it in `afterAll`.
 */
export async function testDatabase(kind: DatabaseKind, options: TestDatabaseOptions = {}): Promise<Database> {
  const { cipher = testCipher() } = options
  if (kind === 'postgres') {
    const url = await testDatabaseUrl(options)
    return openDatabase({ kind, url, poolSize: options.poolSize ?? 4 }, { cipher })
  }
  return openDatabase(
    options.migrated === false ? { kind, directory: undefined } : await migratedInMemory(),
    {
      cipher,
    },
  )
}

/** Opens a new database on PostgreSQL with the communes of France, whose load takes 3 s of processor time. */
export async function testTerritory(poolSize = 4): Promise<Database> {
  return openDatabase({ kind: 'postgres', url: await territoryUrl(), poolSize }, { cipher: testCipher() })
}

/** Returns the settings of a new database, for tests that start the engine or the program on it. */
export async function testDatabaseSettings(
  kind: DatabaseKind,
  poolSize = 6,
  login?: ProcessLogin,
): Promise<DatabaseSettings> {
  return kind === 'postgres' ? { kind, url: await testDatabaseUrl({ login }), poolSize } : migratedInMemory()
}

/**
 * Returns the URL of a new PostgreSQL database with the communes of France, for tests that start the program itself,
 * which would load them at its first start.
 */
export async function territoryUrl(login?: ProcessLogin): Promise<string> {
  const address = await askCopy('/territory')
  return login === undefined ? address : withLogin(address, login)
}

/** Returns the URL of a new PostgreSQL database; of one without tables as its owner. */
export async function testDatabaseUrl({
  migrated,
  login,
}: Pick<TestDatabaseOptions, 'migrated' | 'login'> = {}): Promise<string> {
  const address = await askCopy(migrated === false ? '/empty' : '/migrated')
  return login === undefined ? address : withLogin(address, login)
}

/** Returns a migrated PGlite in memory; creating and migrating one takes several seconds. */
async function migratedInMemory(): Promise<DatabaseSettings> {
  return { kind: 'embedded', directory: undefined, contents: await openAsBlob(await askCopy('/embedded')) }
}

/** Requests a copy of an artefact made once per run: see the global setup. */
export async function askCopy(door: string): Promise<string> {
  const response = await fetch(`${inject('copies')}${door}`, { method: 'POST' })
  const text = await response.text()
  if (!response.ok) throw new Error(text)
  return text
}
