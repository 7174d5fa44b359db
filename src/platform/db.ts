import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { PGlite } from '@electric-sql/pglite'
import { createPgConfig } from '@electric-sql/pglite/node-postgres'
import { CamelCasePlugin, Kysely, PostgresAdapter, PostgresDialect, sql, type Transaction } from 'kysely'
import pg from 'pg'
import { type Cipher, createCipher } from '../cipher/cipher.ts'
import { createMarkedValues } from '../cipher/marked.ts'
import { createPseudonyms } from '../cipher/pseudonyms.ts'
import { AppError, isDiskFull } from '../errors.ts'
import type { Schema } from '../schema.ts'
import { clientClass, PREPARED } from './database/client.ts'
import {
  type Address,
  askPooler,
  askServer,
  dropConnection,
  startPulse,
  watchSilence,
} from './database/pulse.ts'
import { sealingClient } from './database/sealing-client.ts'
import { makeDirectory, removeClones } from './process/directory.ts'
import { type DirectoryLock, lockDirectory } from './process/lock.ts'
import { findMoved } from './process/moved.ts'

/** The oldest PostgreSQL for which the statements are written. */
export const MIN_MAJOR_VERSION = 16

export type Db = Kysely<Schema>
export type Tx = Transaction<Schema>

/** An open database, with the same interface for the embedded one and for PostgreSQL. */
export interface Database {
  readonly db: Db
  readonly pool: pg.Pool
  /**
   * Connections that stay one session of the server, for locks that outlive a transaction: `pool` itself, unless a pooler in
   * transaction mode stands before it.
   */
  readonly sessions: pg.Pool
  /** True for the embedded database (one connection, one process). */
  readonly embedded: boolean
  /** The directory of the embedded database; undefined: it is in memory, or PostgreSQL. */
  readonly directory: string | undefined
  readonly disk: DiskWatch
  /** Calls `onNotification` on every NOTIFY of the channel, and `onReady` after each (re)subscription. */
  listen(
    channel: string,
    onNotification: (payload: string) => void,
    onReady: () => void,
  ): Promise<{ close(): Promise<void> }>
  /**
   * Opens connections with another address of the same database from now on, such as one with a new password.
   * @param sessionUrl the one past the pooler, where there is one
   */
  renewUrl(url: string, sessionUrl?: string): void
  close(): Promise<void>
}

export type DatabaseSettings =
  | {
      readonly kind: 'embedded'
      /** The directory of the data, or undefined for a database in memory. */
      readonly directory: string | undefined
      /** Initial content of a database in memory: a tar dumped by PGlite. */
      readonly contents?: Blob
      /** Whether to refuse to create the database when it does not exist; false by default. */
      readonly mustExist?: boolean
    }
  | {
      readonly kind: 'postgres'
      readonly url: string
      readonly poolSize: number
      /**
       * The same database without the pooler of `url`, which is in transaction mode: for LISTEN and locks of a session.
       * Undefined: each connection to `url` is one session.
       */
      readonly sessionUrl?: string | undefined
      /** A read replica, which may be down when it is opened; default false. */
      readonly isReplica?: boolean
    }

/** Name of the connections of this process at the server, which distinguishes them from those of others. */
export const PROCESS_NAME = `tocsin ${process.pid} ${randomUUID().slice(0, 8)}`

/** Makes the connections of a database. */
interface Clients {
  /** Whether numbers are kept by a pool of their own. */
  readonly keeps: boolean
  classOf(keeper: pg.Pool | undefined): typeof pg.Client
}

const INT8 = 20
const DATE = 1082
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === INT8
      ? (text: string) => Number(text)
      : oid === DATE
        ? // A calendar day without a time zone: 2026-03-12.
          (text: string) => text
        : pg.types.getTypeParser(oid, format as 'text')) as pg.CustomTypesConfig['getTypeParser'],
}

/**
 * Opens the database.
 * @param options `disk`: the watch of another pool of this process on the same server, by default its own; `cipher`: seals marked
 * values and stores numbers under pseudonyms, undefined or off: both are stored in clear
 * @throws AppError `directory_locked` when another process uses the directory, `directory_moved` when its database was moved elsewhere, `no_data` when it must exist and does not,
 * `database_down` when PostgreSQL cannot be reached, `database_too_old` when it is older than supported
 */
export async function openDatabase(
  settings: DatabaseSettings,
  {
    disk = watchDisk(),
    cipher,
  }: { readonly disk?: DiskWatch | undefined; readonly cipher?: Cipher | undefined } = {},
): Promise<Database> {
  const marked = createMarkedValues(cipher ?? createCipher(undefined))
  const pseudonyms = cipher?.isOn ? createPseudonyms(cipher) : undefined
  const clients: Clients = {
    keeps: pseudonyms !== undefined,
    classOf: (keeper) => sealingClient(clientClass(disk.note, pseudonyms && { pseudonyms, keeper }), marked),
  }
  return settings.kind === 'embedded'
    ? openEmbedded(settings, disk, clients)
    : openPostgres(settings, disk, clients)
}

/** Properties of the server on which the form of a few statements depends. */
interface ServerTraits {
  readonly majorVersion: number
  /** Whether a pooler in transaction mode stands before the server. */
  readonly isPooled: boolean
}

class TraitsAdapter extends PostgresAdapter {
  readonly traits: ServerTraits
  constructor(traits: ServerTraits) {
    super()
    this.traits = traits
  }
}

function traitsOf(db: Db): ServerTraits {
  const { adapter } = db.getExecutor()
  return adapter instanceof TraitsAdapter
    ? adapter.traits
    : { majorVersion: MIN_MAJOR_VERSION, isPooled: false }
}

/**
 * Returns the major version of PostgreSQL that the statements of a database run on.
 * @param db the database, or a transaction on it
 */
export function majorVersionOf(db: Db): number {
  return traitsOf(db).majorVersion
}

/** Tells whether RETURNING gives the values before a change as `old`: PostgreSQL 18 and newer, and the embedded database. */
export function hasOldValues(db: Db): boolean {
  return majorVersionOf(db) >= 18
}

function kyselyOver(pool: pg.Pool, traits: ServerTraits): Db {
  const dialect = new PostgresDialect({ pool })
  dialect.createAdapter = () => new TraitsAdapter(traits)
  return new Kysely<Schema>({
    dialect,
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
  })
}

/** Whether statements meet a full disk: shared by all the pools of a process that use the same server. */
export interface DiskWatch {
  /** Notes the error of a statement. */
  note(error: unknown): void
  /** Returns the milliseconds since a statement last failed because of a full disk; Infinity if none did. */
  sinceFullMs(): number
}

function watchDisk(): DiskWatch {
  let fullAt = Number.NEGATIVE_INFINITY
  return {
    note(error) {
      if (isDiskFull(error)) fullAt = performance.now()
    },
    sinceFullMs: () => performance.now() - fullAt,
  }
}

/**
 * Pages that the embedded database keeps: all of it is memory of the process from the start, and what is beyond it is read from
 * the cache of the system, which costs no time that was measured (docs/benchmarks.md).
 */
const EMBEDDED_BUFFERS = '64MB'

async function openEmbedded(
  { directory, contents, mustExist = false }: Extract<DatabaseSettings, { kind: 'embedded' }>,
  disk: DiskWatch,
  clients: Clients,
): Promise<Database> {
  // Two processes on one PGlite directory corrupt it silently, so the lock is taken first.
  let lock: DirectoryLock | undefined
  if (directory !== undefined) {
    if (mustExist && !existsSync(`${directory}/pgdata`))
      throw new AppError('no_data', { values: { directory } })
    makeDirectory(directory)
    lock = lockDirectory(directory)
  }
  try {
    // Under the lock, since a move marks the directory while it holds it.
    const movedTo = directory === undefined ? undefined : findMoved(directory)
    if (movedTo !== undefined)
      throw new AppError('directory_moved', { values: { directory: directory ?? '', to: movedTo } })
    if (directory !== undefined) removeClones(directory)
    const startParams = [...PGlite.defaultStartParams, '-c', `shared_buffers=${EMBEDDED_BUFFERS}`]
    const pglite = await (directory === undefined
      ? PGlite.create('memory://', { startParams, ...(contents && { loadDataDir: contents }) })
      : PGlite.create(`${directory}/pgdata`, { startParams }))
    const pool = new pg.Pool({
      ...createPgConfig(pglite),
      max: 1,
      types,
      Client: clients.classOf(undefined),
      onConnect: takeRole,
    } as unknown as pg.PoolConfig)
    const { rows } = await pool.query<ServerVersion>(READ_VERSION)
    const db = kyselyOver(pool, { majorVersion: majorOf(rows[0]), isPooled: false })
    return {
      db,
      disk,
      pool,
      sessions: pool,
      embedded: true,
      directory,
      async listen(channel, onNotification, onReady) {
        const unlisten = await pglite.listen(channel, onNotification)
        onReady()
        return { close: () => unlisten() }
      },
      renewUrl() {},
      async close() {
        await db.destroy()
        await pglite.close()
        lock?.release()
      },
    }
  } catch (error) {
    lock?.release()
    throw error
  }
}

interface ServerVersion {
  readonly version: string
  /** `server_version_num`: the major version times 10,000, plus the minor version. */
  readonly number: number
}

const READ_VERSION = `select current_setting('server_version') as version, current_setting('server_version_num')::int as number`

const UNKNOWN_VERSION: ServerVersion = { version: '?', number: 0 }

const majorOf = (server: ServerVersion | undefined) => Math.floor((server?.number ?? 0) / 10_000)

/**
 * Refuses a server that is too old, on which statements would fail one by one at run time.
 * @throws AppError `database_too_old`
 */
export function refuseOldServer(server: ServerVersion): void {
  if (majorOf(server) < MIN_MAJOR_VERSION)
    throw new AppError('database_too_old', { values: { version: server.version, least: MIN_MAJOR_VERSION } })
}

/** Connections past the pooler: of a worker, the one that shows that it lives, and its successor. */
const SESSION_POOL = 2

/** Milliseconds that a transaction may wait for its next statement: a frozen process must not block the others with its locks. */
export const IDLE_IN_TRANSACTION_MS = 15_000

async function openPostgres(
  { url, poolSize, sessionUrl, isReplica = false }: Extract<DatabaseSettings, { kind: 'postgres' }>,
  disk: DiskWatch,
  clients: Clients,
): Promise<Database> {
  const isPooled = sessionUrl !== undefined
  const open = new Set<pg.ClientBase>()
  const openSessions = isPooled ? new Set<pg.ClientBase>() : open
  const keeper = clients.keeps ? createKeeper(url, disk, isPooled ? POOLED_KEEP_MS : KEEP_MS) : undefined
  const Client = clients.classOf(keeper)
  const pool = createPool(open, {
    Client,
    connectionString: url,
    max: poolSize,
    // A pooler refuses settings of a session, and a first statement would wait there for the server longer than a connection may
    // take to open; the login has both (`requireProcessLogin`).
    takesRole: !isPooled,
    ...(isPooled ? {} : { idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS }),
  })
  const sessions = isPooled
    ? createPool(openSessions, { Client, connectionString: sessionUrl, max: SESSION_POOL, takesRole: true })
    : pool
  let server: ServerVersion
  try {
    server = await readServerVersion(pool, isReplica)
  } catch (error) {
    await pool.end()
    await keeper?.end()
    if (sessions !== pool) await sessions.end()
    throw error
  }
  const db = kyselyOver(pool, { majorVersion: majorOf(server), isPooled })
  const listeners = new Set<Listener>()
  const address: Address = { url }
  const sessionAddress: Address = isPooled ? { url: sessionUrl } : address
  const stopPulses = [
    startPulse(askServer(sessionAddress, PROCESS_NAME), () => {
      const dropSilent = watchSilence(openSessions)
      return () => {
        dropSilent()
        for (const listener of listeners) listener.drop()
      }
    }),
    ...(isPooled ? [startPulse(askPooler(address, open), () => watchSilence(open))] : []),
  ]
  return {
    db,
    disk,
    pool,
    sessions,
    embedded: false,
    directory: undefined,
    async listen(channel, onNotification, onReady) {
      const listener = await listenOn(sessionAddress, channel, onNotification, onReady)
      listeners.add(listener)
      return {
        async close() {
          listeners.delete(listener)
          await listener.close()
        },
      }
    },
    renewUrl(next, nextSession = next) {
      address.url = next
      for (const each of [pool, keeper]) if (each !== undefined) each.options.connectionString = next
      if (sessions === pool) return
      sessionAddress.url = nextSession
      sessions.options.connectionString = nextSession
    },
    async close() {
      // A statement without an answer would otherwise block the end for ever.
      for (const stopPulse of stopPulses) stopPulse()
      const timer = setTimeout(dropAllConnections, CLOSE_MS)
      await Promise.all([...listeners].map((listener) => listener.close()))
      await db.destroy()
      if (sessions !== pool) await sessions.end()
      await keeper?.end()
      clearTimeout(timer)
    },
  }

  function dropAllConnections(): void {
    for (const client of new Set([...open, ...openSessions])) dropConnection(client)
    for (const listener of listeners) listener.drop()
  }
}

/**
 * Creates a pool that keeps `connections` up to date with those that are open.
 * @param options `takesRole`: each connection takes the role of the process when it opens
 */
function createPool(
  connections: Set<pg.ClientBase>,
  { takesRole, ...options }: pg.PoolConfig & { readonly takesRole: boolean },
): pg.Pool {
  const created = new pg.Pool({
    onConnect(client) {
      client.on('error', () => {})
      connections.add(client)
      if (!takesRole) return undefined
      return takeRole(client).catch((error: unknown) => {
        connections.delete(client)
        throw error
      })
    },
    fallback_application_name: PROCESS_NAME,
    types,
    connectionTimeoutMillis: 5000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5000,
    ...options,
  })
  // An 'error' event without a listener ends the process. When the server closes a connection, an idle one emits the event on
  // the pool, one in use emits it on itself, possibly more than once. Code that uses the connection sees its query fail.
  created.on('error', () => {})
  created.on('remove', (client) => connections.delete(client))
  return created
}

/**
 * Returns the version of the server, unknown of a replica that is down: reads do not depend on it.
 * @throws AppError `database_too_old`, `database_down`
 */
async function readServerVersion(pool: pg.Pool, isReplica: boolean): Promise<ServerVersion> {
  try {
    const { rows } = await pool.query<ServerVersion>(READ_VERSION)
    const server = rows[0] ?? UNKNOWN_VERSION
    refuseOldServer(server)
    return server
  } catch (error) {
    if (error instanceof AppError) throw error
    if (isReplica) return UNKNOWN_VERSION
    throw new AppError('database_down', { cause: error })
  }
}

/** Milliseconds that storing numbers may take: a connection that the network cut must not hold a statement for ever. */
const KEEP_MS = 5000
/** Milliseconds that storing numbers may take behind a pooler, where a statement may wait for a connection to the server (`query_wait_timeout`). */
const POOLED_KEEP_MS = 15_000

function createKeeper(url: string, disk: DiskWatch, timeoutMs: number): pg.Pool {
  const keeper = new pg.Pool({
    Client: clientClass(disk.note, undefined),
    onConnect(client) {
      client.on('error', () => {})
      return takeRole(client)
    },
    connectionString: url,
    fallback_application_name: PROCESS_NAME,
    max: 2,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    keepAlive: true,
  })
  keeper.on('error', () => {})
  return keeper
}

/**
 * Makes a connection work as the role across schemes that its login may take, which owns no table: tocsin_worker, else
 * tocsin_service. On a database that is not migrated yet it stays what it logged in as.
 */
export const TAKE_ROLE = `
  select set_config('role', found.name, false) from (
    select rolname as name from pg_roles
    where rolname in ('tocsin_service', 'tocsin_worker') and pg_has_role(session_user, oid, 'set')
      and has_table_privilege(oid, to_regclass('public.schema_migrations'), 'select')
    order by rolname = 'tocsin_worker' desc limit 1) found`

async function takeRole(client: pg.ClientBase): Promise<void> {
  await client.query(TAKE_ROLE)
}

/** Milliseconds that running statements have to end when the database is closed. */
const CLOSE_MS = 3000
const RELISTEN_MS = 500

interface Listener {
  drop(): void
  close(): Promise<void>
}

/** Keeps one connection listening on a channel and opens a new one when it is lost. */
async function listenOn(
  address: Address,
  channel: string,
  onNotification: (payload: string) => void,
  onReady: () => void,
): Promise<Listener> {
  let closed = false
  let client: pg.Client | undefined
  let timer: NodeJS.Timeout | undefined

  async function connect(): Promise<void> {
    const next = new pg.Client({
      connectionString: address.url,
      fallback_application_name: PROCESS_NAME,
      connectionTimeoutMillis: 5000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 5000,
    })
    let lost = false
    const reconnectLater = () => {
      if (lost) return
      lost = true
      if (!closed) timer = setTimeout(() => connect().catch(reconnectLater), RELISTEN_MS)
    }
    next.on('error', reconnectLater)
    next.on('end', reconnectLater)
    next.on('notification', (message) => onNotification(message.payload ?? ''))
    try {
      await next.connect()
      await next.query(`listen ${pg.escapeIdentifier(channel)}`)
    } catch (error) {
      if (client === undefined) {
        lost = true
        await next.end().catch(() => {})
        throw error
      }
      reconnectLater()
      return
    }
    client = next
    if (closed) await next.end().catch(() => {})
    else onReady()
  }

  await connect()
  return {
    drop() {
      if (client) dropConnection(client)
    },
    async close() {
      closed = true
      clearTimeout(timer)
      await client?.end().catch(() => {})
    },
  }
}

/**
 * Runs work in one transaction as the restricted role, bound to one scheme: row-level security then shows and accepts rows of
 * that scheme only. Every action on a scheme's data uses it.
 * @param turn transactions of a scheme with the same value run one after the other, from start to end
 */
export function inScheme<T>(
  db: Db,
  schemeId: string,
  work: (tx: Tx) => Promise<T>,
  { turn }: { readonly turn?: string } = {},
): Promise<T> {
  const lock =
    turn === undefined
      ? sql``
      : sql`, pg_advisory_xact_lock(hashtextextended(${`${turn}:${schemeId}`}, 0)) as turn`
  // Behind a pooler no statement of another process may run in place of the one that restricts the transaction.
  const mark = traitsOf(db).isPooled ? sql`` : PREPARED
  return db.transaction().execute(async (tx) => {
    await sql`${mark}
      select set_config('role', 'tocsin_app', true) as role, set_config('tocsin.scheme', ${schemeId}, true) as scheme${lock}`.execute(
      tx,
    )
    return work(tx)
  })
}

declare const ownShop: unique symbol
/** A transaction that sees the rows of one member only. */
export type ShopTx = Tx & { readonly [ownShop]: true }

/**
 * Runs work in one transaction as the role of contacts, bound to one member of one scheme: row-level security then shows that
 * member's own rows. Everything that a contact reads uses it.
 */
export function inShop<T>(
  db: Db,
  { schemeId, memberId }: { readonly schemeId: string; readonly memberId: string },
  work: (tx: ShopTx) => Promise<T>,
): Promise<T> {
  return db.transaction().execute(async (tx) => {
    await sql`select set_config('role', 'tocsin_contact', true), set_config('tocsin.scheme', ${schemeId}, true),
      set_config('tocsin.member', ${memberId}, true)`.execute(tx)
    return work(tx as ShopTx)
  })
}

/**
 * Runs work in one transaction over all schemes, as the role of the connection: for the engine's own bookkeeping, identity and
 * the command line. Its files are a list with reasons (docs/security/isolation.md). Never use it with a scheme that a person
 * named, but in src/people, for the roles of src/settings, and for the prefix of references, where each statement gets the scheme for
 * which the permissions were checked.
 * @param options `schemeId`: the scheme for which functions of the database answer that name none (`role_accounts`)
 */
export function acrossSchemes<T>(
  db: Db,
  work: (tx: Tx) => Promise<T>,
  { schemeId }: { readonly schemeId?: string | undefined } = {},
): Promise<T> {
  return db.transaction().execute(async (tx) => {
    if (schemeId !== undefined) await sql`select set_config('tocsin.scheme', ${schemeId}, true)`.execute(tx)
    return work(tx)
  })
}
