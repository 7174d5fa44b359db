import { sql } from 'kysely'
import type { Config } from '../../config.ts'
import { WORKER_DEAD_SECONDS } from '../../deliveries/workers.ts'
import type { Deps } from '../../deps.ts'
import { requireKeys } from '../../encryption/state.ts'
import { AppError } from '../../errors.ts'
import { formatMessage, type Lang } from '../../i18n/format.ts'
import { requireMigrated } from '../../platform/database/migrate.ts'
import { MAX_BEHIND_SECONDS, measureLag } from '../../platform/database/replica.ts'
import { acrossSchemes, type Database, type Db } from '../../platform/db.ts'
import { dataCommand } from '../command.ts'
import { addBackupAge, createFindings, type Finding, type Findings } from './findings.ts'

/** The dependencies of the doctor's checks of a database. */
export interface DatabaseDoctorDeps extends Pick<Deps, 'db' | 'cipher' | 'now'> {
  readonly database: Database
  readonly config: Pick<Config, 'demo' | 'databasePool' | 'backup'>
}

/**
 * Prints the findings about the database as JSON. It is the part of `tocsin doctor` that a running server answers for, when it
 * holds the embedded database.
 */
export const doctorCommand = dataCommand({
  usage: (lang) => formatMessage(lang, 'cli.doctor.usage'),
  parse: (args) => (args.length === 0 ? {} : undefined),
  reads: () => true,
  async run(deps, _call, _files, io) {
    io.stdout(`${JSON.stringify(await examineDatabase(deps, io.lang))}\n`)
    return 0
  },
})

/** Examines an open database: it reads, and changes nothing. */
export async function examineDatabase(deps: DatabaseDoctorDeps, lang: Lang): Promise<Finding[]> {
  const found = createFindings(lang)
  const { database, config } = deps
  await examineSize(deps, found)
  if (database.embedded) {
    found.add(config.demo ? 'ok' : 'warning', 'embedded')
  } else {
    await examineSettings(deps, found)
    await examineClock(deps, found)
  }
  if (await examineMigrations(deps, found)) {
    await examineKeys(deps, found)
    await examineWorkers(deps, found)
    await examineAudit(deps, found)
    await examineBackups(deps, found)
  }
  return [...found.list]
}

async function examineSize({ db }: DatabaseDoctorDeps, found: Findings): Promise<void> {
  const { rows } = await sql<{ version: string; bytes: number; encoding: string }>`
    select current_setting('server_version') as version, pg_database_size(current_database()) as bytes,
      pg_encoding_to_char(encoding) as encoding from pg_database where datname = current_database()`.execute(
    db,
  )
  const [row] = rows
  if (row === undefined) return
  found.add('ok', 'database', { version: row.version, megabytes: Math.round(Number(row.bytes) / 1e6) })
  if (row.encoding !== 'UTF8') found.add('error', 'encoding', { encoding: row.encoding })
}

/** Settings whose value `off` loses data or makes the database slower every day. */
const MUST_BE_ON = [
  ['fsync', 'error'],
  ['full_page_writes', 'error'],
  ['synchronous_commit', 'error'],
  ['autovacuum', 'error'],
  ['track_counts', 'error'],
  ['data_checksums', 'warning'],
] as const

/** Connections of a process beside those of DATABASE_POOL: of the engine, of encryption, listeners and the pulse. */
const MORE_CONNECTIONS = 12
const BUSY_SHARE = 0.8

async function examineSettings({ db, config }: DatabaseDoctorDeps, found: Findings): Promise<void> {
  const { rows } = await sql<{ name: string; setting: string }>`
    select name, setting from pg_settings where name = any (${[
      ...MUST_BE_ON.map(([name]) => name),
      'max_connections',
      'statement_timeout',
      'TimeZone',
      'synchronous_standby_names',
    ]})`.execute(db)
  const settings = new Map(rows.map(({ name, setting }) => [name, setting]))
  for (const [name, level] of MUST_BE_ON) {
    if (settings.get(name) === 'off') found.add(level, `${name}_off`)
  }
  const standbys = settings.get('synchronous_standby_names') ?? ''
  if (standbys !== '' && settings.get('synchronous_commit') === 'local')
    found.add('warning', 'standby_not_waited_for', { standbys })
  const timeout = Number(settings.get('statement_timeout') ?? 0)
  if (timeout > 0) found.add('warning', 'statement_timeout', { seconds: timeout / 1000 })
  found.add('ok', 'timezone', { zone: settings.get('TimeZone') ?? '?' })
  await examineConnections({ db, config }, Number(settings.get('max_connections') ?? 0), found)
}

/** Examines the read replica of the settings, as measured by `measureLag`. */
export async function examineReplica(primary: Db, replica: Db, found: Findings): Promise<void> {
  try {
    const { rows } = await sql<{ isReplica: boolean }>`select pg_is_in_recovery() as is_replica`.execute(
      replica,
    )
    if (rows[0]?.isReplica !== true) return found.add('warning', 'replica_is_primary')
    const seconds = Math.round(await measureLag(primary, replica))
    if (seconds <= MAX_BEHIND_SECONDS) found.add('ok', 'replica', { seconds })
    else found.add('warning', 'replica_behind', { seconds, max: MAX_BEHIND_SECONDS })
  } catch (error) {
    found.add('warning', 'replica_down', { reason: (error as Error).message })
  }
}

async function examineConnections(
  { db, config }: Pick<DatabaseDoctorDeps, 'db' | 'config'>,
  max: number,
  found: Findings,
): Promise<void> {
  const { rows } = await sql<{ used: number }>`
    select count(*)::int as used from pg_stat_activity where backend_type = 'client backend'`.execute(db)
  const used = rows[0]?.used ?? 0
  const needed = 2 * (config.databasePool + MORE_CONNECTIONS)
  if (max < needed) found.add('warning', 'connections_few', { max, needed })
  else if (used > max * BUSY_SHARE) found.add('warning', 'connections_used', { used, max })
  else found.add('ok', 'connections', { used, max })
}

/** Differences of the clocks, in seconds: smaller than the first is not counted, from the second on codes and expiries are wrong. */
const CLOCK_WARNING_SECONDS = 1
const CLOCK_ERROR_SECONDS = 30

async function examineClock({ db, now }: DatabaseDoctorDeps, found: Findings): Promise<void> {
  const askedMs = now().getTime()
  const { rows } = await sql<{ at: Date }>`select clock_timestamp() as at`.execute(db)
  const halfwayMs = (askedMs + now().getTime()) / 2
  const seconds = Math.round(((rows[0]?.at.getTime() ?? halfwayMs) - halfwayMs) / 100) / 10
  const differs = Math.abs(seconds)
  if (differs < CLOCK_WARNING_SECONDS) found.add('ok', 'clock')
  else found.add(differs < CLOCK_ERROR_SECONDS ? 'warning' : 'error', 'clock_differs', { seconds })
}

/** @returns whether the tables are those that this program works with */
async function examineMigrations({ db }: DatabaseDoctorDeps, found: Findings): Promise<boolean> {
  try {
    const { newer } = await requireMigrated(db)
    if (newer.length === 0) found.add('ok', 'migrations')
    else found.add('warning', 'migrations_newer', { names: newer.join(', ') })
    return true
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    found.addError('error', error)
    return false
  }
}

async function examineKeys({ db, cipher, config }: DatabaseDoctorDeps, found: Findings): Promise<void> {
  try {
    const isEncrypted = await requireKeys(db, cipher)
    if (isEncrypted) found.add('ok', 'keys')
    else found.add(config.demo ? 'ok' : 'warning', 'not_encrypted')
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    found.addError('error', error)
  }
}

async function examineWorkers({ db, config }: DatabaseDoctorDeps, found: Findings): Promise<void> {
  const { rows } = await acrossSchemes(db, (tx) =>
    sql<{ alive: number }>`select count(*)::int as alive from workers
      where beat_at > clock_timestamp() - make_interval(secs => ${WORKER_DEAD_SECONDS})`.execute(tx),
  )
  const alive = rows[0]?.alive ?? 0
  if (alive > 0) found.add('ok', 'workers', { count: alive })
  else found.add(config.demo ? 'warning' : 'error', 'workers_none')
}

async function examineAudit({ db }: DatabaseDoctorDeps, found: Findings): Promise<void> {
  const { rows } = await acrossSchemes(db, (tx) =>
    sql<{ checked: number; broken: string | null }>`
      select count(*)::int as checked,
        string_agg(scheme_id, ', ' order by scheme_id) filter (where broken_seq is not null) as broken
      from (select coalesce(nullif(scheme_id, ''), '–') as scheme_id, broken_seq from audit_checks) checks`.execute(
      tx,
    ),
  )
  const { checked = 0, broken = null } = rows[0] ?? {}
  if (broken !== null) found.add('error', 'audit_broken', { chains: broken })
  else if (checked > 0) found.add('ok', 'audit', { count: checked })
}

/** Without a timer, a backup a day is expected. */
const USUAL_HOURS = 24

/** Reads when a command made the last backup; those of the timer are looked for in its directory. */
async function examineBackups({ db, config, now }: DatabaseDoctorDeps, found: Findings): Promise<void> {
  if (config.backup.directory !== undefined || config.demo) return
  const { rows } = await acrossSchemes(db, (tx) =>
    sql<{
      at: Date | null
    }>`select max(at) as at from audit_entries where scheme_id = '' and action = 'backup.make'`.execute(tx),
  )
  addBackupAge(found, rows[0]?.at ?? undefined, now(), USUAL_HOURS)
}
