import { writeFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { writeWhole } from '../backup/store.ts'
import { backupCommand } from '../commands/backup.ts'
import type { CommandIo } from '../commands/command.ts'
import { usageError } from '../commands/usage.ts'
import type { Config } from '../config.ts'
import { AppError } from '../errors.ts'
import { formatMessage } from '../i18n/format.ts'
import { version } from '../platform/process/version.ts'
import { fileError, parseFile } from './keys.ts'
import { runDataCommand } from './run.ts'

interface Call {
  readonly file: string
  readonly keys: readonly string[]
  readonly plain: boolean
}

/**
 * `tocsin backup --to FILE [--to-key KEY] [--plain]`: writes a backup of the database, also while the program runs.
 * @returns the exit code. @throws AppError `backup_no_key` when it would not be encrypted and `--plain` does not say so
 */
export async function backUpCommand(
  args: string[],
  io: CommandIo,
  readSettings: () => Config,
): Promise<number> {
  const { file, keys, plain } = parseCall(args, io)
  const config = readSettings()
  const recipients = plain ? [] : keys.length > 0 ? keys : config.backup.recipients
  if (recipients.length === 0 && !plain) throw new AppError('backup_no_key')
  const path = resolve(plain && !/\.plain(\.|$)/.test(basename(file)) ? `${file}.plain` : file)
  const words = ['--version', version, ...recipients.flatMap((key) => ['--to-key', key])]
  const code = await writeWhole(path, async (write) => {
    const bytes = (part: Uint8Array) =>
      write(part).catch((error: unknown) => {
        // The command prints this one as it is, and any other as an internal error.
        throw fileError(path, error)
      })
    const code = await runDataCommand(config, 'backup', backupCommand, words, { ...io, bytes })
    if (code !== 0) throw new Failed(code)
    return code
  }).catch((error: unknown) => {
    if (error instanceof Failed) return error.exitCode
    throw (error as NodeJS.ErrnoException).code !== undefined && !(error instanceof AppError)
      ? fileError(path, error)
      : error
  })
  if (code === 0)
    io.stdout(`${formatMessage(io.lang, plain ? 'cli.backup.plain' : 'cli.backup.made', { file: path })}\n`)
  return code
}

/** The command that makes the bytes has printed why it failed. */
class Failed extends Error {
  readonly exitCode: number
  constructor(exitCode: number) {
    super('the backup failed')
    this.exitCode = exitCode
  }
}

function parseCall(args: string[], io: CommandIo): Call {
  try {
    const { values } = parseArgs({
      args,
      options: {
        to: { type: 'string' },
        'to-key': { type: 'string', multiple: true, default: [] },
        plain: { type: 'boolean', default: false },
      },
    })
    const { to: file, plain, 'to-key': keys } = values
    if (file && !(plain && keys.length > 0)) return { file, keys, plain }
  } catch {
    // Reported below.
  }
  throw usageError(io.lang, formatMessage(io.lang, 'cli.backup.usage'))
}

/**
 * `tocsin keys backup --file FILE`: writes a private key that opens backups, in the form of `age-keygen`, and prints its public
 * key. It never replaces a file.
 */
export async function keysBackupCommand(args: string[], io: CommandIo): Promise<number> {
  const file = parseFile(args, io)
  const { generateX25519Identity, identityToRecipient } = await import('age-encryption')
  const identity = await generateX25519Identity()
  const recipient = await identityToRecipient(identity)
  const text = `# created: ${new Date().toISOString()}\n# public key: ${recipient}\n${identity}\n`
  try {
    writeFileSync(file, text, { flag: 'wx', mode: 0o600 })
  } catch (error) {
    throw fileError(file, error)
  }
  io.stderr(`${formatMessage(io.lang, 'cli.keys.backup', { file })}\n`)
  io.stdout(`${recipient}\n`)
  return 0
}
