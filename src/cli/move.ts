import { constants, copyFileSync, existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { summarizeDatabase } from '../backup/check.ts'
import { compareSummaries, type Summary } from '../backup/format.ts'
import { loadLines } from '../backup/load.ts'
import { readLines } from '../backup/read.ts'
import type { CommandIo } from '../commands/command.ts'
import { usageError } from '../commands/usage.ts'
import type { Config } from '../config.ts'
import { AppError } from '../errors.ts'
import { formatMessage } from '../i18n/format.ts'
import { requireMigrated } from '../platform/database/migrate.ts'
import type { Database } from '../platform/db.ts'
import { markMoved, markOf } from '../platform/process/moved.ts'
import { version } from '../platform/process/version.ts'
import { openConfiguredDatabase } from '../start/deps.ts'
import { reportComparison } from './restore.ts'
import { compileOnce } from './run.ts'
import { isAddress, openPlace, withoutPassword } from './target.ts'

/**
 * `tocsin move --to postgres://…|DIR`: copies the database of the settings into an empty one of the other kind, compares every row
 * and the audit chains, and marks an embedded source as moved, which no process opens any more. Interrupted, it is run again: the
 * copy is one transaction, and a copy that was complete is recognised.
 * @returns 0 when everything is as in the source; 1 when something differs or the audit chains were not verified, and nothing is
 * marked then
 * @throws AppError `directory_locked` when the source is in use, `target_not_empty` when the target holds something else
 */
export async function moveCommand(
  args: string[],
  io: CommandIo,
  readSettings: () => Config,
): Promise<number> {
  const place = parsePlace(args, io)
  const config = readSettings()
  const isEmbedded = config.databaseUrl === undefined
  const to = withoutPassword(place)
  const from = withoutPassword(config.databaseUrl ?? config.dataDir)
  if (to === from) throw usageError(io.lang, formatMessage(io.lang, 'cli.move.usage'))
  const print = (key: string, values: Record<string, string | number>) =>
    io.stdout(`${formatMessage(io.lang, key, values)}\n`)
  // One of the two is embedded: every row passes once.
  compileOnce()
  const source = await openConfiguredDatabase(config, { mustExist: true, poolSize: 2 })
  try {
    await requireMigrated(source.db)
    const target = await openPlace(config, place)
    try {
      const expected = await copyInto(source, target, io)
      if (!(await reportComparison(io, config, target, expected))) return 1
    } finally {
      await target.close()
    }
    if (!isAddress(place)) copySecret(config.dataDir, place)
    // Before the lock of the directory is released: a server that waits for it would write to what was moved.
    if (isEmbedded) markMoved(config.dataDir, { to, at: new Date().toISOString() })
  } finally {
    await source.close()
  }
  if (!isEmbedded) {
    print('cli.move.trial', { from, to })
    return 0
  }
  const kind = isAddress(place) ? 'postgres' : 'embedded'
  print('cli.move.done', { from, to, kind, mark: markOf(config.dataDir) })
  return 0
}

function parsePlace(args: string[], io: CommandIo): string {
  try {
    const { to } = parseArgs({ args, options: { to: { type: 'string' } } }).values
    if (to) return isAddress(to) ? to : resolve(to)
  } catch {
    // Reported below.
  }
  throw usageError(io.lang, formatMessage(io.lang, 'cli.move.usage'))
}

/** Copies every row, unless the target has them all already from an earlier run. @returns what the source holds */
async function copyInto(source: Database, target: Database, io: CommandIo): Promise<Summary> {
  let tables = 0
  const label = formatMessage(io.lang, 'cli.restore.loading')
  try {
    const summary = await loadLines(
      target,
      readLines(source, version),
      () => new Date(),
      () => {
        tables += 1
        io.progress(label, tables, Math.max(tables + 1, MANY_TABLES))
      },
    )
    io.progress(label, tables, tables)
    return summary
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'target_not_empty') throw error
    const [expected, found] = [await summarizeDatabase(source), await summarizeOrNothing(target)]
    if (found === undefined || compareSummaries(expected, found).length > 0) throw error
    return expected
  }
}

/** The number of tables that the progress bar assumes until it is known. */
const MANY_TABLES = 130

/** @returns undefined when the target is no database of this program */
async function summarizeOrNothing(target: Database): Promise<Summary | undefined> {
  try {
    return await summarizeDatabase(target)
  } catch (error) {
    if (error instanceof AppError) return undefined
    throw error
  }
}

/** A demo signs its sessions and its audit log with a secret in its directory. */
function copySecret(from: string, to: string): void {
  const file = join(from, 'secret')
  if (existsSync(file) && !existsSync(join(to, 'secret')))
    copyFileSync(file, join(to, 'secret'), constants.COPYFILE_EXCL)
}
