import { sql } from 'kysely'
import type pg from 'pg'
import { type Db as BossDb, fromKysely, PgBoss } from 'pg-boss'
import bossPackage from 'pg-boss/package.json' with { type: 'json' }
import { AppError } from './errors.ts'
import { type Database, type Db, TAKE_ROLE, type Tx } from './platform/db.ts'
import { runFromNetwork } from './platform/http/caller-network.ts'
import type { Log } from './platform/telemetry/log.ts'

/** Every background job: its payload by name. */
export interface JobPayloads {
  /** Everything of a broadcast has been submitted: its alert becomes active (or was stopped and closed meanwhile). */
  'alert.broadcast_sent': { readonly schemeId: string; readonly alertId: string }
  /** Call the people on call whose turn has come. */
  'on_call.advance': Record<string, never>
  /** Close the expired alerts of all schemes, and activate those whose `alert.broadcast_sent` was interrupted. */
  'alert.expire': Record<string, never>
  /** Send the digests of held-back alerts that are due. */
  'digest.send': Record<string, never>
  /** Delete expired codes. */
  'code.purge': Record<string, never>
  /** Approve by the rule of the scheme a request that arrived while its list of members was being changed in parts. */
  'enrolment.approve': { readonly schemeId: string; readonly id: string }
  /** Delete abandoned enrolments, and those refused long ago. */
  'enrolment.purge': Record<string, never>
  /** Delete expired sessions of contacts. */
  'portal.purge': Record<string, never>
  /** A direct message waits to be planned. */
  'direct.send': { readonly schemeId: string; readonly messageId: string }
  /** The mails of a service message wait to be written. */
  'message.mails': { readonly schemeId: string; readonly messageId: string }
  /** A wrong password or code was given, for an account (null: for a mail that has none), from a network whose address is truncated. */
  'account.failure': {
    readonly userId: string | null
    readonly network: string
    readonly isKnownPlace: boolean
    readonly factor: 'password' | 'code'
  }
  /** A mail waits to be submitted to the mail server. */
  'mail.send': { readonly schemeId: string; readonly mailId: string }
  /** Requeue messages of the outbox whose job ended with its process, or failed for good. */
  'outbox.resume': Record<string, never>
  /** Record which SMS of the outbox were delivered. */
  'outbox.reached': Record<string, never>
  /** Update number health from the latest outcomes. */
  'number.health': Record<string, never>
  /** Delete the undo data of changes that can no longer be undone. */
  'member.purge': Record<string, never>
  /** Delete uploaded lists that were not used, or used long ago. */
  'upload.purge': Record<string, never>
  /** Write the rows of an import that is stored. */
  'import.run': { readonly schemeId: string; readonly importId: string }
  /** Continue stored imports that a failure or a stop interrupted. */
  'import.resume': Record<string, never>
  /** Notify members whose alerts end or resume, record what reached them, and continue interrupted undos. */
  'member.notify': Record<string, never>
  /** Remove personal data past its retention period. */
  'data.purge': Record<string, never>
  /** Verify the audit logs that were not verified for most of a day. */
  'audit.check': Record<string, never>
  /** Seal new facts in the audit logs. */
  'audit.seal': Record<string, never>
  /** Sign the heads of the audit logs that moved. */
  'audit.anchor': Record<string, never>
  /** A mail with the anchor of a number waits to be submitted to the mail server. */
  'anchor.mail': { readonly n: number; readonly to: string }
  /** Record the number of members of each scheme today. */
  'member.count': Record<string, never>
  /** Send the re-confirmation SMS that are due. */
  'number.ask': Record<string, never>
  /** Delete the data of numbers that no contact has any more. */
  'number.purge': Record<string, never>
  /** Delete the undo data of old merges. */
  'merge.purge': Record<string, never>
  /** Assess the dues of new members, send payment requests, and apply the rule for members who do not pay. */
  'dues.work': Record<string, never>
  /** Run the maintenance of the embedded database (vacuum, analyze). */
  'database.upkeep': Record<string, never>
  /** Close the break-glass account when it expired, and remind of a broken seal. */
  'break_glass.watch': Record<string, never>
  /** Make a backup if one is due (TOCSIN_BACKUP_DIR). */
  'backup.make': Record<string, never>
  /** A report was refused: its draft is discarded. */
  'report.refused': { readonly schemeId: string; readonly reportId: string }
}
export type JobName = keyof JobPayloads

/** The periodic background work, with its period in seconds. */
export const PERIODS = {
  'break_glass.watch': 15,
  'on_call.advance': 15,
  'alert.expire': 30,
  'digest.send': 60,
  'import.resume': 15,
  'member.notify': 60,
  'number.health': 300,
  'number.ask': 300,
  'dues.work': 300,
  'code.purge': 3600,
  'enrolment.purge': 3600,
  'portal.purge': 3600,
  'outbox.reached': 60,
  'outbox.resume': 15,
  'number.purge': 3600,
  'member.purge': 3600,
  'upload.purge': 3600,
  'member.count': 3600,
  'merge.purge': 3600,
  'data.purge': 3600,
  'audit.anchor': 15,
  'audit.seal': 60,
  'audit.check': 3600,
  'database.upkeep': 3600,
  'backup.make': 900,
} as const satisfies Partial<Record<JobName, number>>
export type PeriodicJob = keyof typeof PERIODS

/** Wait after which periodic work that could not be asked for, as while the database restarts, is asked for again. */
const RETRY_MS = 60_000

/** Retries, priority and expiry of each queue. Its handlers may run twice: they claim their work in the database. */
const queues: Record<JobName, { retryLimit: number; retryDelay: number; expireInSeconds: number }> = {
  'alert.broadcast_sent': { retryLimit: 20, retryDelay: 1, expireInSeconds: 60 },
  'break_glass.watch': { retryLimit: 0, retryDelay: 1, expireInSeconds: 60 },
  'on_call.advance': { retryLimit: 0, retryDelay: 1, expireInSeconds: 60 },
  'alert.expire': { retryLimit: 0, retryDelay: 1, expireInSeconds: 60 },
  'digest.send': { retryLimit: 0, retryDelay: 1, expireInSeconds: 300 },
  'code.purge': { retryLimit: 0, retryDelay: 1, expireInSeconds: 60 },
  // Retried for a day: what it waits for takes minutes, unless an administrator must act.
  'enrolment.approve': { retryLimit: 2880, retryDelay: 30, expireInSeconds: 60 },
  'enrolment.purge': { retryLimit: 0, retryDelay: 1, expireInSeconds: 60 },
  'portal.purge': { retryLimit: 0, retryDelay: 1, expireInSeconds: 60 },
  'direct.send': { retryLimit: 20, retryDelay: 1, expireInSeconds: 60 },
  'message.mails': { retryLimit: 20, retryDelay: 5, expireInSeconds: 600 },
  'account.failure': { retryLimit: 20, retryDelay: 15, expireInSeconds: 60 },
  'mail.send': { retryLimit: 120, retryDelay: 15, expireInSeconds: 120 },
  'outbox.resume': { retryLimit: 0, retryDelay: 1, expireInSeconds: 60 },
  'outbox.reached': { retryLimit: 0, retryDelay: 1, expireInSeconds: 300 },
  'data.purge': { retryLimit: 0, retryDelay: 1, expireInSeconds: 3000 },
  'audit.seal': { retryLimit: 0, retryDelay: 1, expireInSeconds: 600 },
  'audit.anchor': { retryLimit: 0, retryDelay: 1, expireInSeconds: 60 },
  // Retried for a day: the mail of the next day has a later anchor.
  'anchor.mail': { retryLimit: 96, retryDelay: 900, expireInSeconds: 120 },
  'audit.check': { retryLimit: 0, retryDelay: 1, expireInSeconds: 3000 },
  'member.notify': { retryLimit: 0, retryDelay: 1, expireInSeconds: 300 },
  'member.count': { retryLimit: 0, retryDelay: 1, expireInSeconds: 60 },
  'member.purge': { retryLimit: 0, retryDelay: 1, expireInSeconds: 300 },
  'import.run': { retryLimit: 0, retryDelay: 1, expireInSeconds: 3000 },
  'import.resume': { retryLimit: 0, retryDelay: 1, expireInSeconds: 3000 },
  'upload.purge': { retryLimit: 0, retryDelay: 1, expireInSeconds: 300 },
  'number.health': { retryLimit: 0, retryDelay: 1, expireInSeconds: 600 },
  'number.ask': { retryLimit: 0, retryDelay: 1, expireInSeconds: 300 },
  'number.purge': { retryLimit: 0, retryDelay: 1, expireInSeconds: 60 },
  'merge.purge': { retryLimit: 0, retryDelay: 1, expireInSeconds: 60 },
  'dues.work': { retryLimit: 0, retryDelay: 1, expireInSeconds: 300 },
  'database.upkeep': { retryLimit: 0, retryDelay: 1, expireInSeconds: 300 },
  'backup.make': { retryLimit: 0, retryDelay: 1, expireInSeconds: 20_000 },
  'report.refused': { retryLimit: 20, retryDelay: 1, expireInSeconds: 60 },
}

export const JOB_NAMES = Object.keys(queues) as JobName[]

/** pg-boss takes the highest priority first; the default is 0. */
const FIRST = 1

export interface Jobs {
  /**
   * Adds a job in the caller's transaction: it exists only if the transaction commits.
   * @param order `first`: before all other jobs of its queue, because a user is waiting for it
   */
  enqueue<N extends JobName>(tx: Tx, name: N, payload: JobPayloads[N], order?: 'first'): Promise<void>
  /** Adds many jobs of one queue in one statement. */
  enqueueAll<N extends JobName>(tx: Tx, name: N, payloads: readonly JobPayloads[N][]): Promise<void>
  /** Handles the jobs of a queue in this process, at most `concurrency` at once, until none is left. */
  work<N extends JobName>(
    name: N,
    concurrency: number,
    handler: (payload: JobPayloads[N], signal: AbortSignal) => Promise<void>,
  ): Promise<void>
  /**
   * Requests periodic work at once and then every period, until the jobs stop. However many processes request it, the
   * queue accepts one job each period.
   */
  repeat(names: readonly PeriodicJob[]): void
  /**
   * Requests periodic work once after a delay, by a timer of this process that replaces its earlier one. The timer is lost with the
   * process: the period is what can be relied on.
   */
  askLater(name: PeriodicJob, delayMs: number): void
  /** Stops fetching jobs and waits for the running ones, at most `graceMs`. */
  stop(graceMs: number): Promise<void>
}

/**
 * Creates or upgrades the tables and queues of the jobs if this program needs others than there are, as the login of the
 * database, and lets the program's roles use them. Retries and expiry of the queues become those of this program where the
 * login owns them.
 * @throws AppError `schema_not_owned` when something is missing and the login does not own what there is
 */
export async function installJobs({ pool, embedded }: Pick<Database, 'pool' | 'embedded'>): Promise<void> {
  if ((await areJobsInstalled(pool)) && ((await areQueuesCurrent(pool)) || !(await ownsJobs(pool)).owner))
    return
  const client = await pool.connect()
  try {
    await client.query('set role none')
    await requireJobsOwner(client)
    const boss = new PgBoss({
      db: { executeSql: (text, values) => runOn(client, text, values) },
      backend: embedded ? 'pglite' : 'postgres',
      schedule: false,
      supervise: false,
    })
    await boss.start()
    const known = new Set((await boss.getQueues()).map(({ name }) => name))
    for (const [name, options] of Object.entries(queues)) {
      if (known.has(name)) await boss.updateQueue(name, options)
      else await boss.createQueue(name, { ...options, notify: true })
    }
    await boss.stop({ graceful: false })
    await client.query(`
      grant usage on schema pgboss to tocsin_app, tocsin_service;
      grant select, insert on all tables in schema pgboss to tocsin_app;
      grant all on all tables in schema pgboss to tocsin_service;
      grant all on all sequences in schema pgboss to tocsin_service`)
  } finally {
    await client.query(TAKE_ROLE)
    client.release()
  }
}

/** @throws AppError `schema_not_owned` */
async function requireJobsOwner(client: Pick<pg.ClientBase, 'query'>): Promise<void> {
  const { login, owner } = await ownsJobs(client)
  if (!owner) throw new AppError('schema_not_owned', { values: { login } })
}

/** Tells whether the login of a connection owns the tables of the jobs, or may create them. */
async function ownsJobs(
  on: Pick<pg.Pool, 'query'> | Pick<pg.ClientBase, 'query'>,
): Promise<{ login: string; owner: boolean }> {
  const { rows } = await (on as pg.Pool).query<{ login: string; owner: boolean }>(`
    select session_user as login, coalesce(
      (select pg_has_role(session_user, nspowner, 'usage') from pg_namespace where nspname = 'pgboss'),
      has_database_privilege(current_database(), 'create')) as owner`)
  return rows[0] ?? { login: '', owner: false }
}

/** Tells whether the queues have the retries and expiry of this program. */
async function areQueuesCurrent(pool: pg.Pool): Promise<boolean> {
  const { rows } = await pool.query<{ name: string; limit: number; delay: number; seconds: number }>(
    'select name, retry_limit as limit, retry_delay as delay, expire_seconds as seconds from pgboss.queue',
  )
  const stored = new Map(rows.map((row) => [row.name, row]))
  return Object.entries(queues).every(([name, { retryLimit, retryDelay, expireInSeconds }]) => {
    const row = stored.get(name)
    return row?.limit === retryLimit && row.delay === retryDelay && row.seconds === expireInSeconds
  })
}

/** Tells whether the database has the tables and queues of the jobs that this program needs, or newer ones. */
export async function areJobsInstalled(pool: pg.Pool): Promise<boolean> {
  const { rows: tables } = await pool.query<{ usable: boolean }>(`
    select has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'delete') as usable
    from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'pgboss' and c.relname = 'queue'`)
  if (tables[0]?.usable !== true) return false
  const { rows } = await pool.query<{ version: number; names: string[] }>(
    'select version, (select array_agg(name) from pgboss.queue) as names from pgboss.version',
  )
  const { version = 0, names = [] } = rows[0] ?? {}
  return version >= bossPackage.pgboss.schema && JOB_NAMES.every((name) => names?.includes(name))
}

/** Several statements at once return several results; pg-boss expects the rows of those that have any. */
async function runOn(
  on: Pick<pg.Pool, 'query'> | Pick<pg.ClientBase, 'query'>,
  text: string,
  values?: unknown[],
): Promise<{ rows: unknown[] }> {
  const result = await (on as pg.Pool).query(text, values)
  return Array.isArray(result) ? { rows: result.flatMap((one) => one.rows) } : { rows: result.rows }
}

/**
 * Creates the jobs on pg-boss, in the same database: committed with the data, woken by NOTIFY. `installJobs` has made its
 * tables.
 * @param retryMs after which periodic work that could not be asked for is asked for again
 */
export async function startJobs(database: Database, log: Log, retryMs = RETRY_MS): Promise<Jobs> {
  // pg-boss shares the pool, so that on the embedded database it waits its turn for the only connection.
  const shared: BossDb = {
    executeSql: (text, values) => runOn(database.pool, text, values),
    listen: (channel, onNotification, onReconnect) => database.listen(channel, onNotification, onReconnect),
  }
  const boss = new PgBoss({
    db: shared,
    backend: database.embedded ? 'pglite' : 'postgres',
    useListenNotify: true,
    schedule: false,
    migrate: false,
    createSchema: false,
  })
  boss.on('error', (error) => log.error({ err: error }, 'job queue'))
  await boss.start()
  const timers: NodeJS.Timeout[] = []
  let isStopped = false
  const again = new Map<PeriodicJob, NodeJS.Timeout>()
  const later = new Map<PeriodicJob, NodeJS.Timeout>()
  async function ask(name: PeriodicJob): Promise<void> {
    try {
      // The throttle is a unique time slot in the table of jobs, which all processes share.
      await boss.send(name, {}, { singletonSeconds: PERIODS[name] })
    } catch (error) {
      log.warn({ err: error, job: name }, 'periodic work not asked for, trying again')
      // A period may be an hour: the database is back sooner.
      clearTimeout(again.get(name))
      if (!isStopped)
        again.set(
          name,
          setTimeout(() => void ask(name), retryMs),
        )
    }
  }
  return {
    async enqueue(tx, name, payload, order) {
      await boss.send(name, payload, { db: fromKysely(tx), priority: order === 'first' ? FIRST : 0 })
    },
    async enqueueAll(tx, name, payloads) {
      if (payloads.length === 0) return
      await boss.insert(
        name,
        payloads.map((data) => ({ data })),
        { db: fromKysely(tx) },
      )
    },
    async work(name, concurrency, handler) {
      for (let i = 0; i < concurrency; i++) {
        const id: string = await boss.work<JobPayloads[typeof name]>(
          name,
          { pollingIntervalSeconds: 2 },
          async ([job]) => {
            if (job === undefined) return
            // After one job pg-boss sleeps until it is notified of a new one, at most 30 s; other jobs may be waiting
            // already.
            boss.notifyWorker(id)
            // The worker may have been woken by a request, on whose behalf it does not work.
            await runFromNetwork(undefined, () => handler(job.data, job.signal))
          },
        )
      }
    },
    repeat(names) {
      for (const name of names) {
        void ask(name)
        timers.push(setInterval(() => void ask(name), PERIODS[name] * 1000))
      }
    },
    askLater(name, delayMs) {
      clearTimeout(later.get(name))
      const timer = setTimeout(
        () => {
          later.delete(name)
          boss.send(name, {}).catch((error: unknown) => {
            log.warn({ err: error, job: name }, 'work not asked for, left to its period')
          })
        },
        Math.max(0, delayMs),
      )
      later.set(name, timer)
    },
    async stop(graceMs) {
      isStopped = true
      for (const timer of timers) clearInterval(timer)
      for (const timer of [...again.values(), ...later.values()]) clearTimeout(timer)
      await boss.stop({ graceful: true, timeout: graceMs })
    },
  }
}

/** Counts of one queue. */
export interface JobCounts {
  readonly queue: string
  /** Due and not taken. */
  readonly waiting: number
  readonly active: number
  /** Failed for good within a day. */
  readonly failed: number
  /** Seconds since the oldest waiting job was due; null: none waits. */
  readonly oldestSeconds: number | null
}

/** Counts the jobs of the queues that have any, from the tables of pg-boss. Queues of earlier versions, which nothing works, are left out. */
export async function countJobs(db: Db, now: Date): Promise<JobCounts[]> {
  const { rows } = await sql<JobCounts>`
    with j as (
      select name, state, start_after, completed_on,
        state in ('created', 'retry') and start_after <= ${now}::timestamptz as waits
      from pgboss.job where name = any (${JOB_NAMES})
    )
    select name as queue, (count(*) filter (where waits))::int as waiting,
      (count(*) filter (where state = 'active'))::int as active,
      (count(*) filter (where state = 'failed' and completed_on > ${now}::timestamptz - interval '1 day'))::int as failed,
      extract(epoch from ${now}::timestamptz - min(start_after) filter (where waits))::float8 as oldest_seconds
    from j where state not in ('completed', 'cancelled')
    group by name order by name`.execute(db)
  return rows
}

/** One queue, with the end of the last job that succeeded and is still stored. */
export interface QueueState extends Pick<JobCounts, 'queue' | 'waiting' | 'active' | 'failed'> {
  readonly lastAt: Date | null
}

/** Lists every queue, from the tables of pg-boss. */
export async function listQueues(db: Db, now: Date): Promise<QueueState[]> {
  const { rows } = await sql<QueueState>`
    select q.name as queue,
      (count(*) filter (where j.state in ('created', 'retry') and j.start_after <= ${now}::timestamptz))::int as waiting,
      (count(*) filter (where j.state = 'active'))::int as active,
      (count(*) filter (where j.state = 'failed' and j.completed_on > ${now}::timestamptz - interval '1 day'))::int as failed,
      max(j.completed_on) filter (where j.state = 'completed') as last_at
    from pgboss.queue q left join pgboss.job j on j.name = q.name
    where q.name = any (${JOB_NAMES})
    group by q.name order by failed desc, waiting desc, q.name`.execute(db)
  return rows
}
