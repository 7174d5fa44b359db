import { randomFillSync } from 'node:crypto'
import type { Config } from '../config.ts'
import type { Deps } from '../deps.ts'
import { offlineRegistry } from '../enrolment/registry.ts'
import { AppError, isDiskFull } from '../errors.ts'
import { type Database, type DatabaseSettings, openDatabase } from '../platform/db.ts'
import { createIds } from '../platform/ids.ts'
import { createLive } from '../platform/live.ts'
import { createLog } from '../platform/log.ts'

/** The dependencies that need nothing started. */
export type BaseDeps = Pick<Deps, 'config' | 'now' | 'newId' | 'random' | 'log' | 'live'>

export function createBaseDeps(config: Config): BaseDeps {
  const now = () => new Date()
  return {
    config,
    now,
    newId: createIds(now, (bytes) => randomFillSync(bytes)),
    random: Math.random,
    log: createLog(config.logLevel),
    live: createLive(),
  }
}

function databaseSettings(config: Config, poolSize: number, mustExist: boolean): DatabaseSettings {
  return config.databaseUrl === undefined
    ? { kind: 'embedded', directory: config.dataDir, mustExist }
    : { kind: 'postgres', url: config.databaseUrl, poolSize }
}

/**
 * Opens the database that the settings name.
 * @param options `poolSize`: connections to PostgreSQL at most; `mustExist`: an embedded one is opened, never made
 * @throws AppError `directory_locked`, `database_down`, `database_too_old`, `directory_unusable`, `disk_full`, `no_data`
 */
export async function openConfigured(
  config: Config,
  { poolSize = config.databasePool, mustExist = false }: { poolSize?: number; mustExist?: boolean } = {},
): Promise<Database> {
  try {
    return await openDatabase(databaseSettings(config, poolSize, mustExist))
  } catch (error) {
    throw asDirectoryError(error, config.dataDir)
  }
}

const DIRECTORY_CODES = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'ENOENT'])

/** An AppError for what the file system refuses; any other error as it is. */
export function asDirectoryError(error: unknown, directory: string): unknown {
  const { code } = error as { code?: string }
  if (isDiskFull(error)) return new AppError('disk_full', { cause: error })
  if (error instanceof AppError || code === undefined || !DIRECTORY_CODES.has(code)) return error
  return new AppError('directory_unusable', { values: { directory, reason: code }, cause: error })
}

/** The dependencies of a command that runs by itself: it hands nothing to background work and sends nothing. */
export function depsOfCommand(base: BaseDeps, database: Database): Deps {
  return {
    ...base,
    secret: undefined,
    database,
    db: database.db,
    gateways: [],
    companies: offlineRegistry(),
    mailer: undefined,
    cards: undefined,
    jobs: {
      enqueue: () => Promise.reject(new Error('a command has no background work')),
      enqueueAll: () => Promise.reject(new Error('a command has no background work')),
      work: () => Promise.reject(new Error('a command has no background work')),
      repeat: () => {},
      stop: async () => {},
    },
  }
}
