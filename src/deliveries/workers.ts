import { hostname } from 'node:os'
import { sql } from 'kysely'
import type { Deps } from '../deps.ts'
import type { Db } from '../platform/db.ts'
import { sleep } from '../platform/sleep.ts'
import type { GatewayReport } from './contract.ts'

const BEAT_MS = 500
/**
 * A worker writes nothing more when its last heartbeat is this old: the others may soon consider it dead. Shorter than
 * WORKER_DEAD_SECONDS by more than the duration of a write in flight.
 */
const LEASE_MS = 4000
/** A worker without a heartbeat for this long is considered dead, whether frozen or cut off from the database. */
export const WORKER_DEAD_SECONDS = 6
/** A worker whose process has ended, as the database server detects, is considered dead after this long. */
const ENDED_SECONDS = 1.2

/** Interval of the checks whether a worker without a lock has ended. */
const ENDED_CHECK_MS = 50

/** A heartbeat without an answer for this long has failed. */
const BEAT_TIMEOUT_MS = 3000

/** The registration of this process among the workers, and its share of each contract. */
export interface Worker {
  /** Changes after the others considered this worker dead. */
  readonly id: number
  /** True while the claims of this worker are certainly still its own. */
  isHeld(): boolean
  /** Number of workers that share each contract; undefined: others still use all of it, so nothing may be sent. */
  readonly dividedBy: number | undefined
  /** True when other workers are alive. */
  readonly hasOthers: boolean
  /** @returns the ids of dead workers, whose rows are deleted. */
  settleDead(): Promise<number[]>
  /** Unregisters this worker: call it when it holds no claims any more. */
  stop(): Promise<void>
}

interface WorkerOwner {
  reportGateways(): GatewayReport[]
  /** Each contract is now shared by `workers` workers; `rank` of them come before this one. */
  shared(workers: number, rank: number): void
  /** The others considered this worker dead: its claims are no longer its own, and its id is new. */
  lost(): void
}

/** Registers this process as a worker and beats twice a second until it is stopped. */
export async function startWorker(
  deps: Pick<Deps, 'db' | 'database' | 'random' | 'log'>,
  owner: WorkerOwner,
): Promise<Worker> {
  const { db, database, log } = deps
  const name = `${hostname()}:${process.pid}`
  let id = 0
  let release = async () => {}
  /** When the last successful heartbeat was sent, by the monotonic clock. */
  let beatenAt = 0
  /** When the current uninterrupted series of heartbeats began. */
  let steadySince = 0
  /** The share written in the row, and the share in use: the row never shows less than is used. */
  let announced = 1
  let used: number | undefined
  let usedRank = 0
  let hasOthers = false
  let isStopped = false

  async function register(): Promise<void> {
    id = Math.floor(deps.random() * Number.MAX_SAFE_INTEGER)
    if (!database.embedded) release = await holdLock(deps, id)
    used = undefined
    // The embedded database has a single process: every other worker is dead.
    if (database.embedded) await sql`delete from workers`.execute(db)
    else await removePredecessors(db, id)
    const { rows } = await sql<{ alive: number }>`
      select register_worker(${id}, ${name}, ${reports()}::jsonb) as alive`.execute(db)
    announced = rows[0]?.alive ?? 1
    steadySince = performance.now()
    beatenAt = steadySince
    await beat()
  }

  const reports = () => JSON.stringify(owner.reportGateways())

  async function beat(): Promise<void> {
    const sentAt = performance.now()
    const { rows } = await sql<{ alive: number; rank: number; leastOfOthers: number | null }>`
      select * from beat_worker(${id}, ${announced}::int, ${reports()}::jsonb)`.execute(db)
    const [row] = rows
    if (row === undefined) return rejoinAsNewWorker()
    if (sentAt - beatenAt > ENDED_SECONDS * 1000) steadySince = sentAt
    beatenAt = Math.max(beatenAt, sentAt)
    hasOthers = row.alive > 1
    const mustAnnounce = row.alive > announced
    announced = row.alive
    // All others have to count this worker before it sends anything.
    const mayUse = used !== undefined || row.leastOfOthers === null || row.leastOfOthers >= row.alive
    if (mayUse && (used !== row.alive || usedRank !== row.rank)) {
      used = row.alive
      usedRank = row.rank
      owner.shared(used, usedRank)
    }
    if (mustAnnounce) await beat()
  }

  async function rejoinAsNewWorker(): Promise<void> {
    log.error({ worker: name }, 'this worker was held for dead by the others: what it held is theirs')
    await release()
    owner.lost()
    await register()
  }

  let timer: NodeJS.Timeout | undefined
  let beating = Promise.resolve()
  function next(): void {
    timer = setTimeout(() => {
      beating = withTimeout(BEAT_TIMEOUT_MS, beat())
        .catch((error) => log.error({ err: error }, 'heartbeat failed, trying again'))
        .finally(() => {
          if (!isStopped) next()
        })
    }, BEAT_MS)
  }
  await register()
  next()

  return {
    get id() {
      return id
    },
    get hasOthers() {
      return hasOthers
    },
    get dividedBy() {
      return used
    },
    isHeld: () => database.embedded || performance.now() - beatenAt < LEASE_MS,
    async settleDead() {
      if (database.embedded) return []
      // After an outage of the database, all workers look dead for a moment: give them time to send a heartbeat.
      const steadyMs = performance.now() - steadySince
      if (performance.now() - beatenAt > ENDED_SECONDS * 1000 || steadyMs < ENDED_SECONDS * 1000) return []
      return removeDeadWorkers(db, id, steadyMs >= WORKER_DEAD_SECONDS * 1000)
    },
    async stop() {
      isStopped = true
      clearTimeout(timer)
      await beating
      await sql`delete from workers where id = ${id}`.execute(db)
      await release()
    },
  }
}

/**
 * Deletes dead workers: those whose lock is free, and those silent for long.
 * @param id the worker that checks
 * @param countsSilence true when this worker has sent heartbeats long enough to distinguish silent workers from an
 * outage of the database
 * @param isStarting true when this worker has sent none yet: its predecessor is found at once, unless the database server
 * has just started, when all workers have lost their locks and take them again
 * @returns the ids of the deleted workers
 */
export async function removeDeadWorkers(
  db: Db,
  id: number,
  countsSilence: boolean,
  isStarting = false,
): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    delete from workers where id in (
      select id from workers where id <> ${id} and (
        (${countsSilence}::boolean and beat_at < clock_timestamp() - make_interval(secs => ${WORKER_DEAD_SECONDS}))
        or (beat_at < clock_timestamp() - make_interval(secs => ${ENDED_SECONDS})
          and (not ${isStarting}::boolean
            or pg_postmaster_start_time() < clock_timestamp() - make_interval(secs => ${WORKER_DEAD_SECONDS}))
          and pg_try_advisory_xact_lock(id))
      ) for update skip locked)
    returning id`.execute(db)
  return rows.map((row) => row.id)
}

/**
 * Deletes the workers that ended before this one starts. A worker without a lock may have ended or only lost its
 * connection: this function waits until it has its lock again or its last heartbeat is 1.2 s old, and 1.2 s at most.
 * Without the wait, this worker would share each contract with one that has ended, and leave its chunks, for seconds.
 * @param id the worker that starts
 */
export async function removePredecessors(db: Db, id: number): Promise<void> {
  const endMs = performance.now() + ENDED_SECONDS * 1000
  while ((await hasUnlockedWorkers(db, id)) && performance.now() < endMs) await sleep(ENDED_CHECK_MS)
  await removeDeadWorkers(db, id, false, true)
}

/**
 * Checks whether there is a worker without a lock whose last heartbeat is too recent to consider it dead.
 * @returns also false just after the database server has started, when every lock is free for a moment
 */
async function hasUnlockedWorkers(db: Db, id: number): Promise<boolean> {
  const { rows } = await sql<{ unlocked: number }>`
    select count(*)::int as unlocked from workers
    where id <> ${id}
      and beat_at >= clock_timestamp() - make_interval(secs => ${ENDED_SECONDS})
      and pg_postmaster_start_time() < clock_timestamp() - make_interval(secs => ${WORKER_DEAD_SECONDS})
      and pg_try_advisory_xact_lock(id)`.execute(db)
  return (rows[0]?.unlocked ?? 0) > 0
}

/** @throws Error when `work` takes longer; it then continues unobserved. */
async function withTimeout(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer from the database in ${ms} ms`)), ms)
  })
  try {
    await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Holds a session lock on the worker's id: PostgreSQL frees it whenever the process ends. Taken again when the
 * connection is lost.
 */
async function holdLock(deps: Pick<Deps, 'database' | 'log'>, id: number): Promise<() => Promise<void>> {
  let isReleased = false
  let release = () => {}

  async function hold(): Promise<void> {
    const client = await deps.database.sessions.connect()
    let isHeld = false
    let isGivenBack = false
    // Released once only: a pool that misses a client never closes.
    const giveBack = () => {
      if (!isGivenBack) client.release(true)
      isGivenBack = true
    }
    release = giveBack
    if (isReleased) return giveBack()
    client.once('error', (error) => {
      if (isGivenBack) return
      giveBack()
      // When lost while waiting for the lock, the query rejects.
      if (isReleased || !isHeld) return
      deps.log.error({ err: error }, 'the connection that shows this worker lives was lost, taking another')
      again()
    })
    try {
      await client.query('select pg_advisory_lock($1)', [id])
    } catch (error) {
      giveBack()
      throw error
    }
    isHeld = true
  }
  function again(): void {
    setTimeout(() => isReleased || hold().catch(again), 500).unref()
  }

  await hold()
  return async () => {
    isReleased = true
    release()
  }
}
