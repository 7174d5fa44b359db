import { verifyAudit } from '../audit/verify.ts'
import type { Cipher } from '../cipher/cipher.ts'
import { requireKeys } from '../encryption/state.ts'
import { AppError } from '../errors.ts'
import type { Database } from '../platform/db.ts'
import { compareSummaries, type Summary } from './format.ts'
import { readHeaderLine } from './load.ts'
import { createSummaryTaker, readLines } from './read.ts'

/** The differences between a database and a backup. */
export interface Comparison {
  /** Tables and audit chains that differ. */
  readonly differing: readonly string[]
  /** Audit chains that do not verify; undefined: they were not verified, since the keys are missing. */
  readonly broken: readonly string[] | undefined
}

/** Reads the lines of a database without its rows. */
export async function summarizeDatabase(database: Database): Promise<Summary> {
  const summary = createSummaryTaker(readHeaderLine)
  for await (const line of readLines(database, '')) summary.take(line)
  return summary.end()
}

/** Compares every row of a database with a backup, and verifies its audit chains. It changes nothing. */
export async function compareWithBackup(
  database: Database,
  cipher: Cipher,
  expected: Summary,
): Promise<Comparison> {
  const differing = compareSummaries(expected, await summarizeDatabase(database))
  if (!(await areKeysRight(database, cipher))) return { differing, broken: undefined }
  const chains = await verifyAudit(database.db)
  return {
    differing,
    broken: chains
      // A chain without entries is one of an installation that has just begun.
      .filter(
        ({ broken, entries }) => broken !== undefined && !(entries === 0 && broken.reason === 'missing'),
      )
      .map(({ schemeId }) => schemeId || '–'),
  }
}

async function areKeysRight({ db }: Database, cipher: Cipher): Promise<boolean> {
  try {
    await requireKeys(db, cipher)
    return true
  } catch (error) {
    if (error instanceof AppError && error.code === 'keys_refused') return false
    throw error
  }
}
