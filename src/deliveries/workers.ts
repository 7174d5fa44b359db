import { hostname } from 'node:os'
import { sql } from 'kysely'
import type { Deps } from '../deps.ts'
import { asOwner, type Db } from '../platform/db.ts'
import type { GatewayReport } from './contract.ts'

const BEAT_MS = 1000
/**
 * A worker writes nothing more when its last heartbeat is so old: it may be held for dead soon. Shorter than
 * WORKER_DEAD_SECONDS by more than a write on its way takes.
 */
const LEASE_MS = 4000
/** A worker without a heartbeat for so long is held for dead, whatever it is: frozen, or cut off from the database. */
export const WORKER_DEAD_SECONDS = 6
/** The same for a worker whose process has ended, which the database server knows. */
const ENDED_SECONDS = 2

/** All heartbeats of an installation go one after the other, so that each sees the shares of all others. */
const BEAT_LOCK = 0x70c5_1e

/** How this process shows the others that it lives, and what it may use of each contract. */
export interface Worker {
  /** Changes when the others have held this worker for dead. */
  readonly id: number
  /** Whether what this worker has claimed is surely still its own. */
  isHeld(): boolean
  /** Among how many workers each contract is divided; undefined: others still use all of it, so nothing may be sent. */
  readonly dividedBy: number | undefined
  /** Whether other workers are alive. */
  readonly hasOthers: boolean
  /** @returns the ids of workers found dead, whose rows are gone. */
  settleDead(): Promise<number[]>
  /** Says to the others that this worker ends: call it when it holds nothing any more. */
  stop(): Promise<void>
}

interface WorkerOwner {
  reportGateways(): GatewayReport[]
  /** Each contract is divided by so many workers from now on. */
  shared(workers: number): void
  /** The others have held this worker for dead: what it claimed is not its own any more. Its id is new. */
  lost(): void
}

/** Registers this process as a worker and beats once a second until it is stopped. */
export async function startWorker(
  deps: Pick<Deps, 'db' | 'database' | 'random' | 'log'>,
  owner: WorkerOwner,
): Promise<Worker> {
  const { db, database, log } = deps
  const name = `${hostname()}:${process.pid}`
  let id = 0
  let release = async () => {}
  /** By the monotonic clock: when the last heartbeat that arrived was sent. */
  let beatenAt = 0
  /** Since when heartbeats have arrived without a gap. */
  let steadySince = 0
  /** What the row says, and what this process really uses: the row never says less than is used. */
  let announced = 1
  let used: number | undefined
  let hasOthers = false
  let isStopped = false

  async function register(): Promise<void> {
    id = Math.floor(deps.random() * Number.MAX_SAFE_INTEGER)
    if (!database.embedded) release = await holdLock(deps, id)
    used = undefined
    await asOwner(db, async (tx) => {
      await lockBeats(tx)
      // The embedded database has one process only: every other worker is dead.
      if (database.embedded) await sql`delete from workers`.execute(tx)
      const {
        rows: [row],
      } = await sql<{ count: number }>`select count(*)::int + 1 as count from workers`.execute(tx)
      announced = row?.count ?? 1
      await sql`insert into workers (id, name, started_at, dividing_by, gateways)
        values (${id}, ${name}, clock_timestamp(), ${announced}, ${JSON.stringify(owner.reportGateways())}::jsonb)`.execute(
        tx,
      )
    })
    steadySince = performance.now()
    beatenAt = steadySince
    await beat()
  }

  /** @returns whether the share has to be announced at once. */
  async function beat(): Promise<void> {
    const sentAt = performance.now()
    const row = await asOwner(db, async (tx) => {
      await lockBeats(tx)
      const { rows } = await sql<{ count: number; least: number | null }>`
        with alive as (
          select count(*)::int as count, (min(dividing_by) filter (where id <> ${id}))::int as least from workers
        )
        update workers w
        -- Fewer than before: said before it is used. More than before: used before it is said.
        set beat_at = clock_timestamp(), dividing_by = least(${announced}::int, alive.count),
          gateways = ${JSON.stringify(owner.reportGateways())}::jsonb
        from alive where w.id = ${id}
        returning alive.count, alive.least`.execute(tx)
      return rows[0]
    })
    if (row === undefined) return lose()
    if (sentAt - beatenAt > ENDED_SECONDS * 1000) steadySince = sentAt
    beatenAt = sentAt
    hasOthers = row.count > 1
    const mustAnnounce = row.count > announced
    announced = row.count
    // All others have to count this worker before it uses anything.
    const mayUse = used !== undefined || row.least === null || row.least >= row.count
    if (mayUse && used !== row.count) {
      used = row.count
      owner.shared(used)
    }
    if (mustAnnounce) await beat()
  }

  async function lose(): Promise<void> {
    log.error({ worker: name }, 'this worker was held for dead by the others: what it held is theirs')
    await release()
    owner.lost()
    await register()
  }

  let timer: NodeJS.Timeout | undefined
  let beating = Promise.resolve()
  function next(): void {
    timer = setTimeout(() => {
      beating = beat()
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
      // After a time without the database, all workers look dead for a moment: they are given the time to beat.
      const steadyMs = performance.now() - steadySince
      if (performance.now() - beatenAt > ENDED_SECONDS * 1000 || steadyMs < ENDED_SECONDS * 1000) return []
      return asOwner(db, async (tx) => {
        const { rows } = await sql<{ id: number }>`
          delete from workers where id in (
            select id from workers where id <> ${id} and (
              (${steadyMs >= WORKER_DEAD_SECONDS * 1000} and beat_at < clock_timestamp() - make_interval(secs => ${WORKER_DEAD_SECONDS}))
              or (beat_at < clock_timestamp() - make_interval(secs => ${ENDED_SECONDS}) and pg_try_advisory_xact_lock(id))
            ) for update skip locked)
          returning id`.execute(tx)
        return rows.map((row) => row.id)
      })
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

function lockBeats(tx: Db): Promise<unknown> {
  return sql`select pg_advisory_xact_lock(${BEAT_LOCK})`.execute(tx)
}

/**
 * A session lock under the worker's id: PostgreSQL frees it when the process ends, however it ends. Taken again when the
 * connection is lost.
 */
async function holdLock(deps: Pick<Deps, 'database' | 'log'>, id: number): Promise<() => Promise<void>> {
  let isReleased = false
  let release = () => {}

  async function hold(): Promise<void> {
    const client = await deps.database.pool.connect()
    if (isReleased) return client.release()
    release = () => client.release(true)
    client.once('error', (error) => {
      if (isReleased) return
      deps.log.error({ err: error }, 'the connection that shows this worker lives was lost, taking another')
      client.release(true)
      again()
    })
    await client.query('select pg_advisory_lock($1)', [id])
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
