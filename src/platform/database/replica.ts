import { sql } from 'kysely'
import { AppError } from '../../errors.ts'
import { type Database, type Db, inScheme, type Tx } from '../db.ts'
import type { Log } from '../telemetry/log.ts'

/** A replica further behind is not read. */
export const MAX_BEHIND_SECONDS = 30
/** After a failure the replica is left alone for this long: each attempt to connect would delay a screen. */
const PAUSE_MS = 10_000

/** A read replica of the database, for long reads that may be some seconds old. */
export interface Replica {
  /**
   * Runs a read in one scheme as `inScheme` does, on the replica. Its age is measured in the same transaction: the next connection
   * may lead to another server.
   * @returns undefined when the replica is down, further behind than `MAX_BEHIND_SECONDS`, or does not finish the read
   * @throws AppError of the read
   */
  read<T>(schemeId: string, read: (tx: Tx) => Promise<T>): Promise<AgedRead<T> | undefined>
}

/** The result of a read on the replica, and by how many seconds it may be out of date. */
export interface AgedRead<T> {
  readonly value: T
  readonly behindSeconds: number
}

/** The position of the primary in its write-ahead log, and the time of that position. */
interface Written {
  readonly position: string
  readonly at: Date
}

async function findWritten(primary: Db): Promise<Written> {
  const { rows } = await sql<Written>`
    select pg_current_wal_insert_lsn()::text as position, clock_timestamp() as at`.execute(primary)
  return rows[0] ?? { position: '0/0', at: new Date() }
}

async function measureBehind(replica: Db, { position, at }: Written): Promise<number> {
  const { rows } = await sql<{ behindSeconds: number | null }>`
    select case
      when not pg_is_in_recovery() or pg_last_wal_replay_lsn() >= ${position}::pg_lsn then 0
      else greatest(0, extract(epoch from ${at}::timestamptz - pg_last_xact_replay_timestamp()))::float8
    end as behind_seconds`.execute(replica)
  return rows[0]?.behindSeconds ?? Number.POSITIVE_INFINITY
}

/**
 * Returns the seconds by which a replica is behind at most: 0 when it has replayed all that the primary had written when asked,
 * else the age of the last transaction that it has replayed, by the clock of the primary.
 */
export async function measureLag(primary: Db, replica: Db): Promise<number> {
  return measureBehind(replica, await findWritten(primary))
}

/** Watches a replica of the database, which another handle has open. */
export function createReplica(
  primary: Pick<Database, 'db'>,
  replica: Pick<Database, 'db'>,
  log: Log,
  maxBehindSeconds = MAX_BEHIND_SECONDS,
): Replica {
  let leftUntilMs = 0
  return {
    async read(schemeId, read) {
      if (performance.now() < leftUntilMs) return undefined
      try {
        const written = await findWritten(primary.db)
        return await inScheme(replica.db, schemeId, async (tx) => {
          const behindSeconds = await measureBehind(tx, written)
          if (behindSeconds <= maxBehindSeconds) return { value: await read(tx), behindSeconds }
          log.warn({ behindSeconds }, 'the read replica is too far behind: figures come from the primary')
          leftUntilMs = performance.now() + PAUSE_MS
          return undefined
        })
      } catch (error) {
        // The read refuses the request itself, and would do so on the primary too.
        if (error instanceof AppError) throw error
        leftUntilMs = performance.now() + PAUSE_MS
        log.warn({ err: error }, 'the read replica failed: figures come from the primary')
        return undefined
      }
    },
  }
}

/** The databases of a long read. */
export interface ReadDeps {
  readonly db: Db
  /** Undefined: there is none. */
  readonly replica?: Replica | undefined
}

/**
 * Runs a long read in one scheme as `inScheme` does, on the read replica when there is one that is up and near enough, else on the
 * primary; on the primary too when it fails there, as a replica cancels reads that hold up what it has to replay.
 * @param read writes nothing; it may run twice
 */
export async function readInScheme<T>(
  { db, replica }: ReadDeps,
  schemeId: string,
  read: (tx: Tx) => Promise<T>,
): Promise<AgedRead<T>> {
  const found = await replica?.read(schemeId, read)
  return found ?? { value: await inScheme(db, schemeId, read), behindSeconds: 0 }
}
