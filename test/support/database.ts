import { openAsBlob } from 'node:fs'
import { inject } from 'vitest'
import { type Database, type DatabaseSettings, openDatabase } from '../../src/platform/db.ts'

export type DatabaseKind = 'embedded' | 'postgres'

/**
 * Both databases that the product runs on, for `describe.each` in the files that prove that one SQL serves both: migrations,
 * types, row-level security, plans, and the largest acts of the engine.
 */
export const databaseKinds: readonly DatabaseKind[] = ['embedded', 'postgres']

/**
 * The databases of every other file. PostgreSQL alone: PGlite takes three times as long for the same tests, in their
 * process. With TOCSIN_BOTH_DATABASES (`npm run soak -- --only databases`) they run on both.
 */
export const usualKinds: readonly DatabaseKind[] = process.env.TOCSIN_BOTH_DATABASES
  ? databaseKinds
  : ['postgres']

export interface TestDatabaseOptions {
  /** False: without the tables. */
  readonly migrated?: boolean
  /** Connections at most, PostgreSQL only. */
  readonly poolSize?: number
}

/**
 * A fresh database of its own for a test file: PGlite in memory, or a database on the PostgreSQL of the run. Open
 * it in `beforeAll`, close it in `afterAll`.
 */
export async function testDatabase(kind: DatabaseKind, options: TestDatabaseOptions = {}): Promise<Database> {
  if (kind === 'postgres') {
    const url = await testDatabaseUrl(options)
    return openDatabase({ kind, url, poolSize: options.poolSize ?? 4 })
  }
  return openDatabase(options.migrated === false ? { kind, directory: undefined } : await migratedInMemory())
}

/** Settings of a fresh database of its own, for tests that start the engine or the program on it. */
export async function testDatabaseSettings(kind: DatabaseKind, poolSize = 6): Promise<DatabaseSettings> {
  return kind === 'postgres' ? { kind, url: await testDatabaseUrl(), poolSize } : migratedInMemory()
}

/** The address of a fresh PostgreSQL database, for tests that start the program itself. */
export async function testDatabaseUrl(options: Pick<TestDatabaseOptions, 'migrated'> = {}): Promise<string> {
  return askCopy(options.migrated === false ? '/empty' : '/migrated')
}

/** PGlite in memory as the migrations leave it: to make and to migrate one takes several seconds. */
async function migratedInMemory(): Promise<DatabaseSettings> {
  return { kind: 'embedded', directory: undefined, contents: await openAsBlob(await askCopy('/embedded')) }
}

/** Asks for a copy of what is made once a run: see the global setup. */
export async function askCopy(door: string): Promise<string> {
  const response = await fetch(`${inject('copies')}${door}`, { method: 'POST' })
  const text = await response.text()
  if (!response.ok) throw new Error(text)
  return text
}
