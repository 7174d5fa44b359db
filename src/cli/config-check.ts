import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { CommandIo } from '../commands/command.ts'
import { usageError } from '../commands/usage.ts'
import { type Config, type Environment, settings } from '../config.ts'
import { AppError, type Problem } from '../errors.ts'
import { formatMessage } from '../i18n/format.ts'
import { fileVariableOf } from '../platform/process/secret-file.ts'
import { readInvocation } from './config-file.ts'

/** Variables of Node.js, its libraries and the system that a file of settings may hold too. */
const OF_THE_SYSTEM =
  /^(NODE_\w+|OTEL_\w+|PG\w+|SSL_\w+|UV_\w+|LC_\w+|LANG|TZ|PATH|TMPDIR|(https?|no)_proxy)$/i

/** Variables of the program that are no settings: the file of settings, and those of its tests. */
const OTHERS = /^TOCSIN_(CONFIG|TEST_\w+|BOTH_DATABASES|API)$/

/**
 * `tocsin config check` reads every setting as a start does, with the files that they name, and connects to nothing. It reports all
 * problems at once, and variables whose name is that of no setting, all those of the file: a misspelt setting would be without effect.
 * @returns 0 when a start accepts the settings
 * @throws AppError `config_invalid` with every problem
 */
export async function configCheckCommand(
  args: string[],
  io: CommandIo,
  readSettings: () => Config,
  env: Environment,
): Promise<number> {
  try {
    parseArgs({ args, options: {} })
  } catch {
    throw usageError(io.lang, 'tocsin config check')
  }
  const problems: Problem[] = findUnknown(env).map((name) => ({
    code: 'config.unknown',
    path: name,
    values: { name },
  }))
  let config: Config | undefined
  try {
    config = readSettings()
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'config_invalid') throw error
    problems.unshift(...error.problems)
  }
  if (config === undefined || problems.length > 0) throw new AppError('config_invalid', { problems })
  const { demo, databaseUrl, dataDir, gateways } = config
  const database = databaseUrl === undefined ? dataDir : new URL(databaseUrl).host
  io.stdout(
    `${formatMessage(io.lang, 'cli.config.fine', {
      mode: demo ? 'demo' : 'service',
      database,
      gateways: gateways.map(({ name }) => name).join(', '),
    })}\n`,
  )
  return 0
}

/** Lists variables that look like settings and are none. The file of TOCSIN_GATEWAYS names further ones. */
function findUnknown(env: Environment): string[] {
  const known = new Set(
    Object.entries(settings).flatMap(([name, setting]) =>
      'secret' in setting ? [name, fileVariableOf(name)] : [name],
    ),
  )
  for (const name of namesOfGateways(env.TOCSIN_GATEWAYS)) known.add(name).add(fileVariableOf(name))
  const given = Object.keys(env).filter((name) => name.startsWith('TOCSIN_') && env[name])
  const inFile = readInvocation([], env).names.filter((name) => !OF_THE_SYSTEM.test(name))
  return [...new Set([...given, ...inFile])].filter((name) => !OTHERS.test(name) && !known.has(name)).sort()
}

function namesOfGateways(path: string | undefined): string[] {
  if (!path) return []
  try {
    return [...readFileSync(path, 'utf8').matchAll(/"env"\s*:\s*"(\w+)"/g)].map(([, name = '']) => name)
  } catch {
    // Reported with the settings.
    return []
  }
}
