import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import type { CommandIo, DataCommand } from '../commands/command.ts'
import { RemoteLine, readServerAddress, type ServerAddress } from '../commands/wire.ts'
import type { Config } from '../config.ts'
import { requireKeys } from '../encryption/state.ts'
import { AppError } from '../errors.ts'
import { requireMigrated } from '../platform/database/migrate.ts'
import { createBaseDeps, createCommandDeps, openConfiguredDatabase } from '../start/deps.ts'
import { runCommand } from '../start/http/cli-door.ts'
import { prepareSchema, requireSchema } from '../start/schema.ts'
import { ensureReference } from '../territory/reference/reference.ts'

/**
 * Runs a command on the data. A read-only command creates no directory and migrates nothing, nor does any other in service.
 * @returns the exit code. @throws AppError when neither the database can be opened nor its server reached;
 * `no_data` and `schema_older` when such a command finds no database, or one that must be migrated first
 */
export async function runDataCommand(
  config: Config,
  name: string,
  command: DataCommand,
  args: readonly string[],
  io: CommandIo,
): Promise<number> {
  const files = await readFiles(command.files(args, io.lang))
  const reads = command.reads(args, io.lang)
  if (reads && config.databaseUrl === undefined) compileOnce()
  let database: Awaited<ReturnType<typeof openConfiguredDatabase>>
  try {
    database = await openConfiguredDatabase(config, { mustExist: reads || !config.demo })
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'directory_locked') throw error
    const server = readServerAddress(config.dataDir)
    if (server === undefined) throw error
    return runRemotely(server, [name, ...args], files, io, error)
  }
  try {
    const logLevel = config.logLevel === 'info' ? 'warn' : config.logLevel
    // The standard output is the answer, which a program may parse.
    const base = createBaseDeps({ ...config, logLevel }, { write: (line) => io.stderr(line) })
    if (reads && command.takesAnySchema) {
      // It says itself what it needs.
    } else if (reads) {
      await requireMigrated(database.db)
      await requireKeys(database.db, base.cipher)
    } else {
      if (config.demo) await prepareSchema(config, database, base)
      else await requireSchema(database, base)
      await ensureReference({ db: database.db, now: base.now })
    }
    return await runCommand(createCommandDeps(base, database), command, args, files, io)
  } finally {
    await database.close()
  }
}

/**
 * Leaves out the optimising compiler of WebAssembly: opening the embedded database to read a little takes half the time
 * and 0.26 in place of 0.68 GB of memory without it (docs/benchmarks.md).
 */
export function compileOnce(): void {
  setFlagsFromString('--no-wasm-tier-up')
  setFlagsFromString('--no-wasm-dynamic-tiering')
}

async function readFiles(paths: readonly string[]): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>()
  for (const path of paths) {
    try {
      files.set(path, await readFile(path))
    } catch (error) {
      const reason = (error as NodeJS.ErrnoException).code ?? 'unreadable'
      const problem = { code: 'cli.file', path: basename(path), values: { file: path, reason } } as const
      throw new AppError('invalid_file', {
        values: { file: path, problems: 1 },
        problems: [problem],
        cause: error,
      })
    }
  }
  return files
}

/**
 * Runs a command inside the server that holds the embedded database.
 * @throws `locked` when no server answers: another command, or a server that is stopping, holds the lock.
 */
export async function runRemotely(
  server: ServerAddress,
  args: readonly string[],
  files: ReadonlyMap<string, Buffer>,
  io: CommandIo,
  locked: AppError,
): Promise<number> {
  const body = JSON.stringify({
    args,
    files: Object.fromEntries([...files].map(([path, bytes]) => [path, bytes.toString('base64')])),
    lang: io.lang,
  })
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${server.token}` }
  const response = await fetch(`${server.url}/api/cli`, { method: 'POST', headers, body }).catch(
    () => undefined,
  )
  if (!response?.ok || !response.body) throw locked
  const decoder = new TextDecoderStream() as unknown as ReadableWritablePair<string, Uint8Array>
  let rest = ''
  for await (const text of response.body.pipeThrough(decoder)) {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const exit = await writeRemoteLine(RemoteLine.parse(JSON.parse(line)), io)
      if (exit !== undefined) return exit
    }
  }
  // The server stopped before the command ended.
  throw new AppError('internal')
}

async function writeRemoteLine(line: RemoteLine, io: CommandIo): Promise<number | undefined> {
  switch (line.type) {
    case 'stdout':
      io.stdout(line.text)
      return undefined
    case 'stderr':
      io.stderr(line.text)
      return undefined
    case 'progress':
      io.progress(line.label, line.done, line.total, line.detail)
      return undefined
    case 'bytes':
      await io.bytes?.(Buffer.from(line.data, 'base64'))
      return undefined
    case 'exit':
      return line.code
  }
}
