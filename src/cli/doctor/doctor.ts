import { parseArgs } from 'node:util'
import { z } from 'zod'
import type { CommandIo } from '../../commands/command.ts'
import { examineDatabase, examineReplica } from '../../commands/doctor/doctor.ts'
import { createFindings, exitCodeOf, Finding, type Findings, LEVELS } from '../../commands/doctor/findings.ts'
import { examineMachine } from '../../commands/doctor/machine.ts'
import { type LookUpText, lookUpText } from '../../commands/doctor/mail-domain.ts'
import { describeProblem } from '../../commands/errors.ts'
import { usageError } from '../../commands/usage.ts'
import { readServerAddress } from '../../commands/wire.ts'
import type { Config, Environment } from '../../config.ts'
import { AppError } from '../../errors.ts'
import { formatMessage } from '../../i18n/format.ts'
import type { Database } from '../../platform/db.ts'
import { createBaseDeps, openConfiguredDatabase, openConfiguredReplica } from '../../start/deps.ts'
import { hasTables, requireProcessLogin } from '../../start/schema.ts'
import { compileOnce, runRemotely } from '../run.ts'
import { examineOutside } from './outside.ts'

/** The clock and the name server, which a test replaces by its own. */
export interface DoctorProbes {
  readonly now: () => Date
  readonly lookUpText: LookUpText
}

/**
 * `tocsin doctor [--json]`: examines an installation and says what to do. It changes nothing, creates nothing and sends no
 * message.
 * @returns 0 when all is fine, 1 with warnings, 2 with errors
 */
export async function doctorCommand(
  args: string[],
  io: CommandIo,
  readSettings: () => Config,
  env: Environment,
  probes: DoctorProbes = { now: () => new Date(), lookUpText },
): Promise<number> {
  const isJson = parseCall(args, io)
  const findings = await examineInstallation(io, readSettings, env, probes)
  if (isJson) io.stdout(`${JSON.stringify({ findings })}\n`)
  else printFindings(io, findings)
  return exitCodeOf(findings)
}

function parseCall(args: string[], io: CommandIo): boolean {
  try {
    const { values } = parseArgs({ args, options: { json: { type: 'boolean', default: false } } })
    return values.json
  } catch {
    throw usageError(io.lang, formatMessage(io.lang, 'cli.doctor.usage'))
  }
}

async function examineInstallation(
  io: CommandIo,
  readSettings: () => Config,
  env: Environment,
  probes: DoctorProbes,
): Promise<Finding[]> {
  const found = createFindings(io.lang)
  const config = readOrReport(readSettings, found, io)
  if (config !== undefined) {
    examineMachine(config, env, found, probes.now())
    await Promise.all([
      examineOwnDatabase(config, found, io, probes.now),
      examineOutside({ config, lang: io.lang, ...probes }, found),
    ])
  }
  return found.list.toSorted((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level))
}

/** Reads the settings; each problem of them is a finding, and nothing else can be examined then. */
function readOrReport(readSettings: () => Config, found: Findings, io: CommandIo): Config | undefined {
  try {
    const config = readSettings()
    found.add('ok', config.demo ? 'demo' : 'settings')
    return config
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'config_invalid') throw error
    for (const problem of error.problems) {
      found.addWords({
        code: 'settings_wrong',
        level: 'error',
        what: describeProblem(io.lang, problem),
        do: formatMessage(io.lang, 'doctor.settings_wrong.do'),
      })
    }
    return undefined
  }
}

async function examineOwnDatabase(
  config: Config,
  found: Findings,
  io: CommandIo,
  now: () => Date,
): Promise<void> {
  const database = await openOrReport(config, found, io)
  if (database === undefined) return
  try {
    const { cipher } = createBaseDeps({ ...config, logLevel: 'silent' })
    for (const finding of await examineDatabase({ db: database.db, database, cipher, config, now }, io.lang))
      found.addWords(finding)
    const replica = await openConfiguredReplica(config, database.disk)
    if (replica !== undefined) {
      await examineReplica(database.db, replica.db, found).finally(() => replica.close())
    }
    await requireOwnLogin(config, database)
  } catch (error) {
    // A login with too many rights or too few, or a database that stopped answering meanwhile.
    if (error instanceof AppError) found.addError('error', error)
    else found.add('error', 'database_unread', { reason: (error as Error).message })
  } finally {
    await database.close()
  }
}

/** Opens the database; one that another process holds is examined by that process. @returns undefined when it cannot be opened */
async function openOrReport(config: Config, found: Findings, io: CommandIo): Promise<Database | undefined> {
  if (config.databaseUrl === undefined) compileOnce()
  try {
    return await openConfiguredDatabase(config, { mustExist: true, poolSize: 2 })
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    if (error.code === 'directory_locked') await askServer(config, error, found, io)
    else found.addError(error.code === 'no_data' ? 'warning' : 'error', error)
    return undefined
  }
}

/** @throws AppError `database_login` when the login has too many rights or too few, which come with the tables */
async function requireOwnLogin(config: Config, database: Database): Promise<void> {
  if (config.demo || database.embedded || !(await hasTables(database.db))) return
  await requireProcessLogin(database, config)
}

/** The running server alone can read the embedded database, so it is asked. */
async function askServer(
  { dataDir }: Config,
  locked: AppError,
  found: Findings,
  io: CommandIo,
): Promise<void> {
  const values = { directory: dataDir, pid: String(locked.values?.pid ?? '?') }
  const server = readServerAddress(dataDir)
  let answer = ''
  const quiet: CommandIo = {
    ...io,
    stdout: (text) => {
      answer += text
    },
    stderr: () => {},
  }
  try {
    if (server === undefined) throw locked
    await runRemotely(server, ['doctor'], new Map(), quiet, locked)
    const findings = z.array(Finding).parse(JSON.parse(answer))
    found.add('ok', 'in_use', values)
    for (const finding of findings) found.addWords(finding)
  } catch {
    found.add('warning', 'in_use_unread', values)
  }
}

const SIGNS = { error: '✗', warning: '!', ok: '✓' } as const

function printFindings(io: CommandIo, findings: readonly Finding[]): void {
  for (const { level, what, do: advice } of findings) {
    io.stdout(`${SIGNS[level]} ${what}\n`)
    if (advice !== '') io.stdout(`  → ${advice}\n`)
  }
  const count = (level: Finding['level']) => findings.filter((one) => one.level === level).length
  const values = { errors: count('error'), warnings: count('warning'), fine: count('ok') }
  io.stdout(`${formatMessage(io.lang, 'cli.doctor.summary', values)}\n`)
}
