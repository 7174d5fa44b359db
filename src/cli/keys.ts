import { chmodSync, chownSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { addKey, createKeyring, formatKeyring, parseKeyring } from '../cipher/keyring.ts'
import type { CommandIo } from '../commands/command.ts'
import { usageError } from '../commands/usage.ts'
import { AppError } from '../errors.ts'
import { formatMessage } from '../i18n/format.ts'

/** Only the owner of the file may read it. */
const MODE = 0o600

/** `tocsin keys create --file FILE` writes a file of new keys; it never replaces one. */
export async function keysCreateCommand(args: string[], io: CommandIo): Promise<number> {
  const file = parseFile(args, io)
  try {
    writeFileSync(file, formatKeyring(createKeyring()), { flag: 'wx', mode: MODE })
  } catch (error) {
    throw fileError(file, error)
  }
  io.stdout(`${formatMessage(io.lang, 'cli.keys.created', { file })}\n`)
  return 0
}

/**
 * `tocsin keys add --file FILE` adds a key. A process opens values under it at once, and seals under it from its next start on. The
 * file keeps its owner, group and mode: the service reads it, and an administrator changes it.
 */
export async function keysAddCommand(args: string[], io: CommandIo): Promise<number> {
  const file = parseFile(args, io)
  try {
    const keyring = addKey(parseKeyring(readFileSync(file, 'utf8')))
    // A crash before the last step leaves the old file whole.
    const written = `${file}.new`
    writeFileSync(written, formatKeyring(keyring), { flag: 'wx', mode: MODE })
    try {
      takeOwnership(written, file)
      renameSync(written, file)
    } catch (error) {
      rmSync(written, { force: true })
      throw error
    }
    io.stdout(`${formatMessage(io.lang, 'cli.keys.added', { file, key: keyring.current })}\n`)
  } catch (error) {
    throw fileError(file, error)
  }
  return 0
}

/** Gives a new file the owner, group and mode of the file that it replaces. @throws Error `EPERM` when only root may do it */
function takeOwnership(file: string, from: string): void {
  const { mode, uid, gid } = statSync(from)
  const own = statSync(file)
  if (own.uid !== uid || own.gid !== gid) chownSync(file, uid, gid)
  chmodSync(file, mode & 0o7777)
}

/** Reads the only option of a command that works on one file. @throws AppError `usage` */
export function parseFile(args: string[], io: CommandIo): string {
  try {
    const { values } = parseArgs({ args, options: { file: { type: 'string' } } })
    if (values.file) return values.file
  } catch {
    // Reported below.
  }
  throw usageError(io.lang, formatMessage(io.lang, 'cli.keys.usage'))
}

/** Makes the refusal of a file that cannot be read or written. */
export function fileError(file: string, error: unknown): AppError {
  const reason = (error as NodeJS.ErrnoException).code ?? 'format'
  if (reason === 'EEXIST') return new AppError('file_exists', { values: { file } })
  const problem = { code: 'cli.file', path: file, values: { file, reason } } as const
  return new AppError('invalid_file', { values: { file, problems: 1 }, problems: [problem] })
}
