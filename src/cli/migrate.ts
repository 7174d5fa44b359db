import { parseArgs } from 'node:util'
import type { CommandIo } from '../commands/command.ts'
import { usageError } from '../commands/usage.ts'
import type { Config } from '../config.ts'
import { AppError } from '../errors.ts'
import { formatMessage } from '../i18n/format.ts'
import { type LockHolder, listMigrations } from '../platform/database/migrate.ts'
import { createBaseDeps, openConfiguredDatabase } from '../start/deps.ts'
import { isPending, type Pending, prepareSchema, readPending } from '../start/schema.ts'
import { ensureReference } from '../territory/reference/reference.ts'
import { EXIT_MIGRATE } from './exit-codes.ts'

/**
 * `tocsin migrate [--dry-run]` brings the database to this version: migrations, tables of the jobs, first encryption, communes. It
 * connects as the owner of the tables (DATABASE_OWNER_URL), or as DATABASE_URL without it. With `--dry-run` it changes nothing and
 * prints what it would do.
 * @returns the exit code; of a dry run, `EXIT_MIGRATE` when there is something to do
 */
export async function migrateCommand(
  args: string[],
  io: CommandIo,
  readSettings: () => Config,
): Promise<number> {
  const isDryRun = parseCall(args, io)
  const settings = readSettings()
  const config: Config = {
    ...settings,
    databaseUrl: settings.databaseOwnerUrl ?? settings.databaseUrl,
    databaseOwnerUrl: undefined,
    logLevel: settings.logLevel === 'info' ? 'warn' : settings.logLevel,
  }
  return isDryRun ? printPending(config, io) : migrateDatabase(config, io)
}

function parseCall(args: string[], io: CommandIo): boolean {
  try {
    return parseArgs({ args, options: { 'dry-run': { type: 'boolean', default: false } } }).values['dry-run']
  } catch {
    throw usageError(io.lang, 'tocsin migrate [--dry-run]')
  }
}

const baseDeps = (config: Config, io: CommandIo) =>
  createBaseDeps(config, { write: (line) => io.stderr(line) })

async function migrateDatabase(config: Config, io: CommandIo): Promise<number> {
  const print = printerOf(io)
  const base = baseDeps(config, io)
  const database = await openConfiguredDatabase(config)
  try {
    const { migrated, encrypted } = await prepareSchema(config, database, base, {
      onWaiting: (holder) =>
        io.stderr(`${formatMessage(io.lang, 'cli.migrate.waiting', describe(holder))}\n`),
      onApplied: (name) => print('cli.migrate.applied', { name }),
    })
    if (encrypted) print('start.encrypted', { count: encrypted })
    print('cli.migrate.reference')
    await ensureReference({ db: database.db, now: base.now })
    print('cli.migrate.done', { count: migrated.length })
    return 0
  } finally {
    await database.close()
  }
}

async function printPending(config: Config, io: CommandIo): Promise<number> {
  const print = printerOf(io)
  const pending = await findPending(config, io)
  if (pending.holder !== undefined) print('cli.migrate.running', describe(pending.holder))
  for (const name of pending.newer) print('cli.migrate.newer', { name })
  for (const name of pending.missing) print('cli.migrate.missing', { name })
  if (pending.jobs) print('cli.migrate.jobs')
  if (pending.encryption) print('cli.migrate.encryption')
  const isToDo = isPending(pending)
  print(isToDo ? 'cli.migrate.dry_run' : 'cli.migrate.nothing', { count: pending.missing.length })
  return isToDo ? EXIT_MIGRATE : 0
}

async function findPending(config: Config, io: CommandIo): Promise<Pending> {
  const base = baseDeps(config, io)
  let database: Awaited<ReturnType<typeof openConfiguredDatabase>>
  try {
    database = await openConfiguredDatabase(config, { mustExist: true })
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'no_data') throw error
    return { missing: listMigrations(), newer: [], jobs: true, encryption: false, holder: undefined }
  }
  try {
    return await readPending(database, base)
  } finally {
    await database.close()
  }
}

const printerOf =
  (io: CommandIo) =>
  (key: string, values?: Readonly<Record<string, string | number>>): void =>
    io.stdout(`${formatMessage(io.lang, key, values)}\n`)

/** Values of a message about a connection; empty ones are left out of it. */
function describe(holder: LockHolder | undefined): Record<string, string | number> {
  const { pid = 0, login = '', application = '', address = '' } = holder ?? {}
  return { pid, login, from: [application, address].filter((word) => word !== '').join(', ') || '?' }
}
