import { readFileSync } from 'node:fs'
import { READ_KEYS } from '../cipher/sources.ts'
import type { CommandIo } from '../commands/command.ts'
import { loadDataCommand } from '../commands/data-commands.ts'
import { describeError } from '../commands/errors.ts'
import { findUsage, isHelpRequest } from '../commands/usage.ts'
import { type Environment, readConfig } from '../config.ts'
import { AppError, type ErrorCode, type Problem } from '../errors.ts'
import { formatMessage } from '../i18n/format.ts'
import { version } from '../platform/process/version.ts'
import { plainCommands } from './commands.ts'
import { readInvocation } from './config-file.ts'
import { EXIT_MIGRATE, EXIT_SETTINGS } from './exit-codes.ts'

/**
 * Runs a command of `tocsin` with the settings of an environment and of the file that `--config` names, and writes errors to the terminal.
 * @returns the exit code: 0 done, 1 refused or failed, 2 wrong usage, 3 `tocsin migrate` has to run first, 78 `serve` cannot
 * start until the settings or the database are changed
 */
export async function runCommandLine(
  args: readonly string[],
  env: Environment,
  io: CommandIo,
): Promise<number> {
  try {
    const invocation = readInvocation(args, env)
    // Read again for a running service, whose secrets may have been replaced in the file too.
    const readEnvironment = () => readInvocation(args, env).env
    return await runNamedCommand(invocation.args, invocation.env, io, readEnvironment)
  } catch (error) {
    const refusal = error instanceof AppError ? error : new AppError('internal', { cause: error })
    const code = printRefusal(refusal, args.slice(1), io)
    return code === 1 && isServing(args) && needsChange(refusal) ? EXIT_SETTINGS : code
  }
}

/** Codes of errors that every further start would report too, until the settings or the database are changed. */
const NEEDS_CHANGE = new Set<ErrorCode>([
  'config_invalid',
  'invalid_file',
  'database_too_old',
  'database_encoding',
  'database_login',
  'pooler_unprepared',
  'roles_missing',
  'schema_newer',
  'schema_differs',
  'schema_before_baseline',
  'keys_refused',
  'demo_refused',
  'directory_moved',
  'database_login_pooled',
])

/** Problems of a file that was not read; it may be there at the next attempt. */
const UNREAD = new Set<Problem['code']>([
  'cli.file',
  'config.file_unreadable',
  'config.secret_file',
  'config.variable_file',
])

/**
 * Tells whether every further start would fail too, until the settings or the database are changed. Files of settings and secrets
 * that cannot be read do not count: after a power cut their disk may come later than the program, and a manager of secrets too.
 */
export function needsChange({ code, problems }: AppError): boolean {
  return NEEDS_CHANGE.has(code) && (problems.length === 0 || !problems.every(isUnread))
}

function isUnread({ code, values }: Problem): boolean {
  if (code !== 'config.keys_unreadable') return UNREAD.has(code)
  return values?.reason !== 'mode' && values?.reason !== 'format'
}

function isServing(args: readonly string[]): boolean {
  const words = args.filter((word, at) => !word.startsWith('--') && args[at - 1] !== '--config')
  return words.length === 0 || words[0] === 'serve'
}

async function runNamedCommand(
  args: readonly string[],
  env: Environment,
  io: CommandIo,
  readEnvironment: () => Environment,
): Promise<number> {
  // Without a word it serves: on a machine that has no settings, the demo.
  const [name = 'serve', ...rest] = args
  if (name === '--help' || name === '-h' || name === 'help') {
    io.stdout(formatMessage(io.lang, 'cli.help'))
    return 0
  }
  if (name === '--version' || name === '-V') {
    io.stdout(`${version}\n`)
    return 0
  }
  const readSettings = () => readConfig(readEnvironment(), (path) => readFileSync(path, 'utf8'), READ_KEYS)
  for (const words of [2, 1]) {
    const called = [name, ...rest].slice(0, words).join(' ')
    const plain = Object.hasOwn(plainCommands, called) ? plainCommands[called] : undefined
    if (plain) return (await plain())(args.slice(words), io, readSettings, env)
  }
  const usage = isHelpRequest(rest) ? findUsage(name, io.lang) : undefined
  if (usage !== undefined) {
    io.stdout(`${usage}\n`)
    return 0
  }
  const command = await loadDataCommand(name)
  if (command) {
    const { runDataCommand } = await import('./run.ts')
    return runDataCommand(readSettings(), name, command, rest, io)
  }
  const unknown = new AppError('usage', {
    values: { usage: formatMessage(io.lang, 'cli.unknown', { name }) },
  })
  io.stderr(describeError(io.lang, unknown))
  return 2
}

/** Prints why a command was refused, or its usage if that was requested. @returns the exit code */
function printRefusal(refusal: AppError, rest: readonly string[], io: CommandIo): number {
  if (refusal.code === 'usage' && isHelpRequest(rest)) {
    io.stdout(`${refusal.values.usage}\n`)
    return 0
  }
  io.stderr(describeError(io.lang, refusal))
  if (refusal.code === 'internal' || refusal.code === 'database_down')
    io.stderr(`${describeCause(refusal)}\n`)
  if (refusal.code === 'schema_older' || refusal.code === 'no_data') return EXIT_MIGRATE
  return refusal.code === 'usage' ? 2 : 1
}

/** Describes the cause for the administrator: the whole stack of an unexpected error, one line of an expected one. */
function describeCause({ code, cause }: AppError): string {
  if (!(cause instanceof Error)) return ''
  if (code === 'internal') return cause.stack ?? cause.message
  const { code: reason } = cause as NodeJS.ErrnoException
  return [reason, cause.message].filter(Boolean).join(' ')
}
