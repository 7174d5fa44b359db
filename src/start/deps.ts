import { randomFillSync } from 'node:crypto'
import type { DestinationStream } from 'pino'
import { createAuditKeys } from '../audit/keys.ts'
import { createCipher } from '../cipher/cipher.ts'
import type { Config } from '../config.ts'
import { PlannedBroadcasts } from '../deliveries/plan/planned.ts'
import type { Deps } from '../deps.ts'
import { offlineRegistry } from '../enrolment/registry.ts'
import { AppError, isDiskFull } from '../errors.ts'
import { type Database, type DatabaseSettings, type DiskWatch, openDatabase } from '../platform/db.ts'
import { createLive } from '../platform/http/live.ts'
import { createIds } from '../platform/ids.ts'
import type { Secrets } from '../platform/process/secrets.ts'
import { createLog, logOutput } from '../platform/telemetry/log.ts'

/** Dependencies that need no started service. */
export type BaseDeps = Pick<
  Deps,
  'config' | 'cipher' | 'now' | 'newId' | 'random' | 'log' | 'live' | 'planned'
>

/** @param logTo where lines of the log are written; by default the standard output */
export function createBaseDeps(config: Config, logTo?: DestinationStream): BaseDeps {
  const now = () => new Date()
  return {
    config,
    cipher: createCipher(config.keys, config.reloadKeys),
    now,
    newId: createIds(now, (bytes) => randomFillSync(bytes)),
    random: Math.random,
    log: createLog(config.logLevel, logTo ?? logOutput(config.logFormat)),
    live: createLive(),
    planned: new PlannedBroadcasts(),
  }
}

function databaseSettings(config: Config, poolSize: number, mustExist: boolean): DatabaseSettings {
  return config.databaseUrl === undefined
    ? { kind: 'embedded', directory: config.dataDir, mustExist }
    : { kind: 'postgres', url: config.databaseUrl, poolSize, sessionUrl: config.databaseSessionUrl }
}

/**
 * Opens the configured database.
 * @param options `poolSize`: maximum connections to PostgreSQL; `mustExist`: open an embedded database but do not
 * create one; `disk`: the watch of another pool of this process
 * @throws AppError `directory_locked`, `database_down`, `database_too_old`, `directory_unusable`, `disk_full`,
 * `no_data`
 */
export async function openConfiguredDatabase(
  config: Config,
  {
    poolSize = config.databasePool,
    mustExist = false,
    disk,
  }: { readonly poolSize?: number; readonly mustExist?: boolean; readonly disk?: DiskWatch } = {},
): Promise<Database> {
  try {
    return await openDatabase(databaseSettings(config, poolSize, mustExist), {
      disk,
      cipher: createCipher(config.keys, config.reloadKeys),
    })
  } catch (error) {
    throw toDirectoryError(error, config.dataDir)
  }
}

/** Connections to the read replica at most. */
const REPLICA_POOL = 4

/**
 * Opens the read replica of the settings, which may be down.
 * @returns undefined when none is configured
 */
export async function openConfiguredReplica(
  { databaseReadUrl: url, keys, reloadKeys }: Config,
  disk: DiskWatch,
): Promise<Database | undefined> {
  if (url === undefined) return undefined
  const settings = { kind: 'postgres', url, poolSize: REPLICA_POOL, isReplica: true } as const
  return openDatabase(settings, { disk, cipher: createCipher(keys, reloadKeys) })
}

const DIRECTORY_CODES = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'ENOENT'])

/** Converts an error of the file system to an AppError; returns any other error unchanged. */
export function toDirectoryError(error: unknown, directory: string): unknown {
  const { code } = error as { code?: string }
  if (isDiskFull(error)) return new AppError('disk_full', { cause: error })
  if (error instanceof AppError || code === undefined || !DIRECTORY_CODES.has(code)) return error
  return new AppError('directory_unusable', { values: { directory, reason: code }, cause: error })
}

/**
 * Makes the dependencies of a command that runs in its own process: it enqueues no background work and sends
 * nothing.
 */
export function createCommandDeps(base: BaseDeps, database: Database): Deps {
  return {
    ...base,
    secret: undefined,
    auditKeys: createAuditKeys({ ...base.config.audit, secret: configuredSecrets(base.config) }),
    database,
    db: database.db,
    gateways: [],
    companies: offlineRegistry(),
    mailer: undefined,
    cards: undefined,
    identityProvider: undefined,
    jobs: {
      enqueue: () => Promise.reject(new Error('a command has no background work')),
      enqueueAll: () => Promise.reject(new Error('a command has no background work')),
      work: () => Promise.reject(new Error('a command has no background work')),
      repeat: () => {},
      askLater: () => {},
      stop: async () => {},
    },
  }
}

/** Returns the secrets of the settings; undefined when none is set, as in a demo. */
function configuredSecrets({ secret, previousSecret }: Config): Secrets | undefined {
  return secret === undefined ? undefined : { current: secret, previous: previousSecret }
}
