import { sql } from 'kysely'
import { AppError } from '../errors.ts'
import { type Database, type Db, inScheme, type Tx } from './db.ts'
import type { Log } from './log.ts'

/** A replica further behind is not read. */
export const MAX_BEHIND_SECONDS = 30
/** After a failure the replica is left alone for this long: each attempt to connect would delay a screen. */
const PAUSE_MS = 10_000

/** A read replica of the database, for long reads that may be some seconds old. */
export interface Replica {
  /**
   * Returns the replica with the seconds by which it is behind the primary, at most; undefined when it is down or further behind
   * than `MAX_BEHIND_SECONDS`.
   */
  find(): Promise<{ readonly db: Db; readonly behindSeconds: number } | undefined>
  /** Notes that a read failed: the replica is left alone for a while. */
  noteFailure(error: unknown): void
}

/**
 * Returns the seconds by which a replica is behind at most: 0 when it has replayed all that the primary had written when asked,
 * else the age of the last transaction that it has replayed, by the clock of the primary.
 */
export async function measureLag(primary: Db, replica: Db): Promise<number> {
  const { rows: written } = await sql<{ position: string; at: Date }>`
    select pg_current_wal_insert_lsn()::text as position, clock_timestamp() as at`.execute(primary)
  const { position = '0/0', at = new Date() } = written[0] ?? {}
  const { rows } = await sql<{ behindSeconds: number | null }>`
    select case
      when not pg_is_in_recovery() or pg_last_wal_replay_lsn() >= ${position}::pg_lsn then 0
      else greatest(0, extract(epoch from ${at}::timestamptz - pg_last_xact_replay_timestamp()))::float8
    end as behind_seconds`.execute(replica)
  return rows[0]?.behindSeconds ?? Number.POSITIVE_INFINITY
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
    async find() {
      if (performance.now() < leftUntilMs) return undefined
      try {
        const behindSeconds = await measureLag(primary.db, replica.db)
        if (behindSeconds <= maxBehindSeconds) return { db: replica.db, behindSeconds }
        log.warn({ behindSeconds }, 'the read replica is too far behind: figures come from the primary')
        leftUntilMs = performance.now() + PAUSE_MS
      } catch (error) {
        this.noteFailure(error)
      }
      return undefined
    },
    noteFailure(error) {
      leftUntilMs = performance.now() + PAUSE_MS
      log.warn({ err: error }, 'the read replica failed: figures come from the primary')
    },
  }
}

/** What a long read needs. */
export interface ReadDeps {
  readonly db: Db
  /** Undefined: there is none. */
  readonly replica?: Replica | undefined
}

/**
 * Runs a long read in one scheme as `inScheme` does, on the read replica when there is one that is up and near enough, else on the
 * primary; on the primary too when it fails there, as a replica cancels reads that hold up what it has to replay.
 * @param read writes nothing; it may run twice
 * @returns its result, with the seconds by which it may be old
 */
export async function readInScheme<T>(
  { db, replica }: ReadDeps,
  schemeId: string,
  read: (tx: Tx) => Promise<T>,
): Promise<{ readonly value: T; readonly behindSeconds: number }> {
  const found = await replica?.find()
  if (found !== undefined) {
    try {
      return { value: await inScheme(found.db, schemeId, read), behindSeconds: found.behindSeconds }
    } catch (error) {
      // What the read refuses, it refuses on the primary too.
      if (error instanceof AppError) throw error
      replica?.noteFailure(error)
    }
  }
  return { value: await inScheme(db, schemeId, read), behindSeconds: 0 }
}
