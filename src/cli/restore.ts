import { mkdtempSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { compareWithBackup } from '../backup/check.ts'
import { checkFile, decodeBackup } from '../backup/file.ts'
import { countRows, type Header, type Summary } from '../backup/format.ts'
import { loadLines } from '../backup/load.ts'
import { createCipher } from '../cipher/cipher.ts'
import type { CommandIo } from '../commands/command.ts'
import { usageError } from '../commands/usage.ts'
import type { Config } from '../config.ts'
import { formatMessage } from '../i18n/format.ts'
import type { Database } from '../platform/db.ts'
import { fileError } from './keys.ts'
import { configuredPlace, openPlace, readPrivateKey, withoutPassword } from './target.ts'

interface Call {
  readonly file: string
  readonly into: string | undefined
  readonly key: string | undefined
  readonly check: boolean
}

/**
 * `tocsin restore FILE [--into URL|DIR] [--key FILE] [--check]`: fills an empty database with a backup and compares every row
 * and the audit chains with it. With `--check` the database is a temporary one, unless `--into` names one.
 * @returns 0 when everything is as in the backup; 1 when something differs or the audit chains were not verified
 * @throws AppError before anything is touched: `backup_damaged`, `backup_key`, `backup_newer`, `target_not_empty`
 */
export async function restoreCommand(
  args: string[],
  io: CommandIo,
  readSettings: () => Config,
): Promise<number> {
  const call = parseCall(args, io)
  const config = readSettings()
  const privateKey = readPrivateKey(config, call.key)
  const print = (key: string, values?: Record<string, string | number>) =>
    io.stdout(`${formatMessage(io.lang, key, values)}\n`)
  const expected = await checkFile(call.file, privateKey).catch((error: unknown) => {
    throw (error as NodeJS.ErrnoException).code === 'ENOENT' ? fileError(call.file, error) : error
  })
  const { at, version } = expected.header
  print('cli.restore.file', { at, version, rows: countRows(expected), tables: expected.tables.size })
  const scratch = call.check && call.into === undefined ? createScratch() : undefined
  const place = scratch?.path ?? call.into ?? configuredPlace(config)
  try {
    const database = await openPlace(config, place)
    try {
      let tables = 0
      const label = formatMessage(io.lang, 'cli.restore.loading')
      await loadLines(
        database,
        decodeBackup(call.file, privateKey),
        () => new Date(),
        () => {
          tables += 1
          io.progress(label, tables, expected.tables.size)
        },
      )
      const isRight = await reportComparison(io, config, database, expected)
      if (scratch === undefined) print('cli.restore.done', { place: withoutPassword(place) })
      if (!database.embedded) await printMissingRoles(io, database, expected.header.roles)
      return isRight ? 0 : 1
    } finally {
      await database.close()
    }
  } finally {
    scratch?.remove()
  }
}

/** A directory that is removed in any case: what it holds was decrypted. */
interface Scratch {
  readonly path: string
  remove(): void
}

const END_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

function createScratch(): Scratch {
  const path = mkdtempSync(join(tmpdir(), 'tocsin-check-'))
  const removeFiles = () => rmSync(path, { recursive: true, force: true })
  const onSignal = (signal: NodeJS.Signals) => {
    removeFiles()
    process.exit(128 + constants.signals[signal])
  }
  for (const signal of END_SIGNALS) process.on(signal, onSignal)
  return {
    path,
    remove() {
      for (const signal of END_SIGNALS) process.off(signal, onSignal)
      removeFiles()
    },
  }
}

function parseCall(args: string[], io: CommandIo): Call {
  try {
    const text = { type: 'string' } as const
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { into: text, key: text, check: { type: 'boolean', default: false } },
    })
    const [file, ...rest] = positionals
    const { into, key, check } = values
    if (file !== undefined && rest.length === 0) return { file, into, key, check }
  } catch {
    // Reported below.
  }
  throw usageError(io.lang, formatMessage(io.lang, 'cli.restore.usage'))
}

/**
 * Compares a database with what it was filled from, and prints the result.
 * @returns whether nothing differs and the audit chains were verified
 */
export async function reportComparison(
  io: CommandIo,
  { keys, reloadKeys }: Config,
  database: Database,
  expected: Summary,
): Promise<boolean> {
  const { differing, broken } = await compareWithBackup(database, createCipher(keys, reloadKeys), expected)
  const print = (write: (text: string) => void, key: string, values?: Record<string, string | number>) =>
    write(`${formatMessage(io.lang, key, values)}\n`)
  if (differing.length > 0) print(io.stderr, 'cli.restore.differs', { names: differing.join(', ') })
  else
    print(io.stdout, 'cli.restore.same', { rows: countRows(expected), chains: expected.header.heads.length })
  if (broken === undefined) print(io.stderr, 'cli.restore.unverified')
  else if (broken.length > 0) print(io.stderr, 'cli.restore.broken', { names: broken.join(', ') })
  else print(io.stdout, 'cli.restore.verified')
  return differing.length === 0 && broken?.length === 0
}

/** Prints the statements that make the logins which the server of the backup had and this one lacks. */
async function printMissingRoles(io: CommandIo, { pool }: Database, roles: Header['roles']): Promise<void> {
  const { rows } = await pool.query<{ name: string }>('select rolname as name from pg_roles')
  const present = new Set(rows.map(({ name }) => name))
  const missing = roles.filter(({ name, login }) => login && !present.has(name))
  if (missing.length === 0) return
  const quote = (name: string) => `"${name.replaceAll('"', '""')}"`
  const statements = missing.flatMap(({ name, inherit, memberOf }) => [
    `create role ${quote(name)} login ${inherit ? 'inherit' : 'noinherit'} password '…';`,
    `grant ${memberOf.map(quote).join(', ')} to ${quote(name)};`,
  ])
  io.stdout(
    `${formatMessage(io.lang, 'cli.restore.roles')}\n${statements.map((line) => `  ${line}\n`).join('')}`,
  )
}
