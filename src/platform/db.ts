import { existsSync } from 'node:fs'
import { PGlite } from '@electric-sql/pglite'
import { createPgConfig } from '@electric-sql/pglite/node-postgres'
import { CamelCasePlugin, Kysely, PostgresDialect, sql, type Transaction } from 'kysely'
import pg from 'pg'
import { AppError, isDiskFull } from '../errors.ts'
import type { Schema } from '../schema.ts'
import { makeDirectory } from './directory.ts'
import { type DirectoryLock, lockDirectory } from './lock.ts'

export type Db = Kysely<Schema>
export type Tx = Transaction<Schema>

/** An open database, the same for the embedded one and for PostgreSQL. */
export interface Database {
  readonly db: Db
  readonly pool: pg.Pool
  /** Whether this is the embedded database (one connection, one process). */
  readonly embedded: boolean
  /** Milliseconds since a statement last failed because a disk is full; Infinity when none did. */
  sinceDiskFullMs(): number
  /** Calls back on every NOTIFY of the channel; `onReady` after each (re)subscription. */
  listen(
    channel: string,
    onNotification: (payload: string) => void,
    onReady: () => void,
  ): Promise<{ close(): Promise<void> }>
  close(): Promise<void>
}

export type DatabaseSettings =
  | {
      readonly kind: 'embedded'
      /** Directory, or undefined for one in memory. */
      readonly directory: string | undefined
      /** What one in memory begins with: a tar that PGlite dumped. */
      readonly contents?: Blob
      /** Opens what is there, and makes nothing; default false. */
      readonly mustExist?: boolean
    }
  | { readonly kind: 'postgres'; readonly url: string; readonly poolSize: number }

const PREPARED_MARK = '/* prepared */'
/**
 * Begins a statement that a connection reads and plans once, and then only runs: what stands between an order and its
 * first SMS, and what a broadcast runs a thousand times. To read and to plan such a one takes as long as to run it. For
 * statements of few shapes, which name the columns that they give, and whose best plan does not depend on the values.
 */
export const PREPARED = sql.raw(PREPARED_MARK)
/**
 * The most statements that a connection keeps: more shapes than a pool runs (some 80 with every mix of outcomes that the ledger
 * writes). Each takes up to 0.3 MB of every connection; beyond, a statement is run without being kept.
 */
const MAX_PREPARED = 100

/** Makes the class of a pool's connections, which give each statement marked with PREPARED the same name, for PostgreSQL to keep it. */
function preparingClient(): typeof pg.Client {
  const names = new Map<string, string>()

  function nameOf(text: string): string | undefined {
    let name = names.get(text)
    if (name === undefined && names.size < MAX_PREPARED) {
      name = `tocsin_${names.size + 1}`
      names.set(text, name)
    }
    return name
  }

  return class extends pg.Client {
    // biome-ignore lint/suspicious/noExplicitAny: one body for all the ways to call it
    override query(...[first, ...others]: any[]): any {
      if (typeof first !== 'string' || !first.startsWith(PREPARED_MARK)) {
        return super.query(first, ...(others as []))
      }
      const [values, callback] = others
      return super.query({ name: nameOf(first), text: first, values } as pg.QueryConfig, callback)
    }
  }
}

const INT8 = 20
const DATE = 1082
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === INT8
      ? (text: string) => Number(text)
      : oid === DATE
        ? // A day, of no time zone: 2026-03-12.
          (text: string) => text
        : pg.types.getTypeParser(oid, format as 'text')) as pg.CustomTypesConfig['getTypeParser'],
}

/**
 * Opens the database.
 * @throws AppError `directory_locked` when another process has the directory, `no_data` when there is none that must exist,
 * `database_down` when PostgreSQL cannot be reached, `database_too_old` when it is older than supported.
 */
export async function openDatabase(settings: DatabaseSettings): Promise<Database> {
  return settings.kind === 'embedded' ? openEmbedded(settings) : openPostgres(settings.url, settings.poolSize)
}

function kyselyOver(pool: pg.Pool): Pick<Database, 'db' | 'sinceDiskFullMs'> {
  let diskFullAt = Number.NEGATIVE_INFINITY
  const db = new Kysely<Schema>({
    dialect: new PostgresDialect({ pool }),
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
    log(event) {
      if (event.level === 'error' && isDiskFull(event.error)) diskFullAt = performance.now()
    },
  })
  return { db, sinceDiskFullMs: () => performance.now() - diskFullAt }
}

async function openEmbedded({
  directory,
  contents,
  mustExist = false,
}: Extract<DatabaseSettings, { kind: 'embedded' }>): Promise<Database> {
  // Two processes on one PGlite directory corrupt it silently: the lock comes before anything else.
  let lock: DirectoryLock | undefined
  if (directory !== undefined) {
    if (mustExist && !existsSync(`${directory}/pgdata`))
      throw new AppError('no_data', { values: { directory } })
    makeDirectory(directory)
    lock = lockDirectory(directory)
  }
  try {
    const pglite = await (directory === undefined
      ? PGlite.create('memory://', contents && { loadDataDir: contents })
      : PGlite.create(`${directory}/pgdata`))
    const pool = new pg.Pool({
      ...createPgConfig(pglite),
      max: 1,
      types,
      Client: preparingClient(),
    } as unknown as pg.PoolConfig)
    const { db, sinceDiskFullMs } = kyselyOver(pool)
    return {
      db,
      sinceDiskFullMs,
      pool,
      embedded: true,
      async listen(channel, onNotification, onReady) {
        const unlisten = await pglite.listen(channel, onNotification)
        onReady()
        return { close: () => unlisten() }
      },
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

/** The oldest PostgreSQL that the statements are written for: RETURNING gives old and new values from 18 on. */
const LEAST_MAJOR = 18

/**
 * Refuses a server whose statements would fail one after the other while it runs.
 * @param number `server_version_num`: the major version times 10,000 and more
 * @throws AppError `database_too_old`
 */
export function refuseOldServer({
  version,
  number,
}: {
  readonly version: string
  readonly number: number
}): void {
  if (number < LEAST_MAJOR * 10_000)
    throw new AppError('database_too_old', { values: { version, least: LEAST_MAJOR } })
}

async function openPostgres(url: string, poolSize: number): Promise<Database> {
  const pool = new pg.Pool({
    Client: preparingClient(),
    connectionString: url,
    max: poolSize,
    types,
    connectionTimeoutMillis: 5000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5000,
    // A process frozen in the middle of a transaction must not hold its locks against the others.
    idle_in_transaction_session_timeout: 15_000,
  })
  // Without listeners, a connection that the server closes would end the process: one that idles in the pool tells it
  // to the pool, one that is taken to itself, and more than once. Whoever uses it learns it by its query that fails.
  pool.on('error', () => {})
  const clients = new Set<pg.PoolClient>()
  pool.on('connect', (client) => {
    client.on('error', () => {})
    clients.add(client)
  })
  pool.on('remove', (client) => clients.delete(client))
  try {
    const { rows } = await pool.query<{ version: string; number: number }>(
      `select current_setting('server_version') as version, current_setting('server_version_num')::int as number`,
    )
    refuseOldServer(rows[0] ?? { version: '?', number: 0 })
  } catch (error) {
    await pool.end()
    throw error instanceof AppError ? error : new AppError('database_down', { cause: error })
  }
  const { db, sinceDiskFullMs } = kyselyOver(pool)
  const listeners = new Set<Listener>()
  const stopPulse = startPulse(url, watchSilence)
  return {
    db,
    sinceDiskFullMs,
    pool,
    embedded: false,
    async listen(channel, onNotification, onReady) {
      const listener = await listenOn(url, channel, onNotification, onReady)
      listeners.add(listener)
      return {
        async close() {
          listeners.delete(listener)
          await listener.close()
        },
      }
    },
    async close() {
      // A statement without an answer would hold the end for ever.
      stopPulse()
      const timer = setTimeout(dropAll, CLOSE_MS)
      await Promise.all([...listeners].map((listener) => listener.close()))
      await db.destroy()
      clearTimeout(timer)
    },
  }

  function dropAll(): void {
    for (const client of clients) drop(client)
    for (const listener of listeners) listener.drop()
  }
  /** Notes how much each connection has received. @returns what cuts those that have received nothing since. */
  function watchSilence(): () => void {
    const received = new Map([...clients].map((client) => [client, streamOf(client).bytesRead]))
    return () => {
      for (const [client, bytes] of received) {
        if (clients.has(client) && streamOf(client).bytesRead === bytes) drop(client)
      }
      for (const listener of listeners) listener.drop()
    }
  }
}

interface Stream {
  readonly bytesRead: number
  destroy(error: Error): void
}
function streamOf(client: pg.ClientBase): Stream {
  return (client as unknown as { connection: { stream: Stream } }).connection.stream
}

/** Cuts a connection: what waits on it gets an error, and the next statement a new connection. */
function drop(client: pg.ClientBase): void {
  streamOf(client).destroy(new Error('no answer from the database'))
}

const PULSE_MS = 2000
const PULSE_TIMEOUT_MS = 5000

/**
 * Asks the database for a sign of life now and then, on a connection of its own, as old as those of the pool. A machine
 * that is gone without a word (power cut, an address that moved) leaves connections that wait for ever: TCP alone takes
 * a quarter of an hour to find out.
 * @param watchSilence called at each question; what it returns, when there was no answer in time. @returns what stops it.
 */
function startPulse(url: string, watchSilence: () => () => void): () => void {
  let client: pg.Client | undefined
  let isStopped = false
  let timer: NodeJS.Timeout | undefined

  async function connected(): Promise<pg.Client> {
    const next = new pg.Client({ connectionString: url, connectionTimeoutMillis: PULSE_TIMEOUT_MS })
    next.on('error', () => {})
    await next.connect()
    return next
  }
  function leave(): void {
    if (client) drop(client)
    client = undefined
  }
  async function beat(): Promise<void> {
    const dropSilent = watchSilence()
    // An error says more than silence: those who share it get one too.
    const late = setTimeout(() => {
      leave()
      dropSilent()
    }, PULSE_TIMEOUT_MS).unref()
    try {
      client ??= await connected()
      await client.query('select 1')
    } catch {
      leave()
    } finally {
      clearTimeout(late)
    }
    if (isStopped) leave()
    else timer = setTimeout(beat, PULSE_MS).unref()
  }

  void beat()
  return () => {
    isStopped = true
    clearTimeout(timer)
    leave()
  }
}

/** How long statements may still take when the database is closed. */
const CLOSE_MS = 3000
const RELISTEN_MS = 500

interface Listener {
  drop(): void
  close(): Promise<void>
}

/** Holds one connection on a channel and takes a new one when it is lost. */
async function listenOn(
  url: string,
  channel: string,
  onNotification: (payload: string) => void,
  onReady: () => void,
): Promise<Listener> {
  let closed = false
  let client: pg.Client | undefined
  let timer: NodeJS.Timeout | undefined

  async function connect(): Promise<void> {
    const next = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000, keepAlive: true })
    let lost = false
    const again = () => {
      if (lost) return
      lost = true
      if (!closed) timer = setTimeout(() => connect().catch(again), RELISTEN_MS)
    }
    next.on('error', again)
    next.on('end', again)
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
      again()
      return
    }
    client = next
    if (closed) await next.end().catch(() => {})
    else onReady()
  }

  await connect()
  return {
    drop() {
      if (client) drop(client)
    },
    async close() {
      closed = true
      clearTimeout(timer)
      await client?.end().catch(() => {})
    },
  }
}

/**
 * Runs in one transaction as the restricted role, bound to one scheme: row-level security then shows and
 * accepts rows of that scheme only. The way in for every action on a scheme's data.
 * @param turn transactions of a scheme with the same word here go one after the other, from their beginning to their end
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
  return db.transaction().execute(async (tx) => {
    await sql`${PREPARED}
      select set_config('role', 'tocsin_app', true) as role, set_config('tocsin.scheme', ${schemeId}, true) as scheme${lock}`.execute(
      tx,
    )
    return work(tx)
  })
}

declare const ownShop: unique symbol
/** A transaction in which the rows of one member are seen, and those alone. */
export type ShopTx = Tx & { readonly [ownShop]: true }

/**
 * Runs in one transaction as the role of contacts, bound to one member of one scheme: row-level security then shows what
 * is that member's own. The way in for everything that a contact reads.
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
 * Runs in one transaction as the owner, over all schemes: for the engine's own bookkeeping, identity and the
 * command line. Never with input that names a scheme on behalf of a person.
 */
export function asOwner<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  return db.transaction().execute(work)
}
