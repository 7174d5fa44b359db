import { sql } from 'kysely'
import { Gauge, type Registry } from 'prom-client'
import { listKept } from '../../backup/store.ts'
import type { Deps } from '../../deps.ts'
import { countJobs } from '../../jobs.ts'

interface Waiting {
  readonly count: number
  /** Seconds that the oldest has waited; null: none waits. */
  readonly oldestSeconds: number | null
}

/**
 * Returns when the last backup was made: the newest of the timer's directory, where this process has it, or of the audit
 * log, which commands write. Undefined: none is known.
 */
export async function findLastBackup({ db, config }: Pick<Deps, 'db' | 'config'>): Promise<Date | undefined> {
  const { directory } = config.backup
  const kept = directory === undefined ? undefined : findNewest(directory)
  const { rows } = await sql<{ at: Date | null }>`
    select max(at) as at from audit_entries where scheme_id = '' and action = 'backup.make'`.execute(db)
  const times = [kept, rows[0]?.at].flatMap((at) => at?.getTime() ?? [])
  return times.length === 0 ? undefined : new Date(Math.max(...times))
}

/** A directory that is missing or cannot be read holds no backup that this process knows. */
function findNewest(directory: string): Date | undefined {
  try {
    return listKept(directory)[0]?.at
  } catch {
    return undefined
  }
}

/** The work that waits in the whole installation. */
interface Backlog {
  readonly jobs: Awaited<ReturnType<typeof countJobs>>
  /** Messages of the outbox that are due, not sent, and still valid. */
  readonly outbox: Readonly<Record<'mail' | 'sms', Waiting>>
  /** Alerts and follow-ups submitted to a second person. */
  readonly approvals: Waiting
}

/** Reads what waits, over all schemes: jobs, messages of the outbox, approvals. */
export async function readBacklog({ db, now }: Pick<Deps, 'db' | 'now'>): Promise<Backlog> {
  const at = now()
  const [jobs, outbox, approvals] = await Promise.all([
    countJobs(db, at),
    sql<Waiting & { channel: 'mail' | 'sms' }>`
      select channel, count(*)::int as count,
        greatest(0, extract(epoch from ${at}::timestamptz - min(created_at)))::float8 as oldest_seconds
      from outbox
      where sent_at is null and withdrawn_at is null and valid_until > ${at}
      group by channel`.execute(db),
    sql<Waiting>`
      select count(*)::int as count,
        greatest(0, extract(epoch from ${at}::timestamptz - min(submitted_at)))::float8 as oldest_seconds
      from (
        select submitted_at from alerts where state = 'submitted'
        union all select submitted_at from follow_ups where state = 'submitted'
      ) s`.execute(db),
  ])
  const none = { count: 0, oldestSeconds: null }
  const of = (channel: string) => outbox.rows.find((row) => row.channel === channel) ?? none
  return {
    jobs,
    outbox: { mail: of('mail'), sms: of('sms') },
    approvals: approvals.rows[0] ?? none,
  }
}

export function addBacklog(registry: Registry, { jobs, outbox, approvals }: Backlog): void {
  const registers = [registry]
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name, help, labelNames, registers })
  const counts = gauge(
    'tocsin_jobs',
    'Background jobs by queue and state: waiting (due and not taken), active, failed (for good, within a day).',
    ['queue', 'state'],
  )
  const oldest = gauge('tocsin_job_oldest_waiting_seconds', 'Time since the oldest waiting job was due.', [
    'queue',
  ])
  for (const { queue, waiting, active, failed, oldestSeconds } of jobs) {
    counts.set({ queue, state: 'waiting' }, waiting)
    counts.set({ queue, state: 'active' }, active)
    counts.set({ queue, state: 'failed' }, failed)
    oldest.set({ queue }, oldestSeconds ?? 0)
  }
  const messages = gauge(
    'tocsin_outbox_waiting',
    'Mails and service SMS that are not sent yet and still valid.',
    ['channel'],
  )
  const age = gauge(
    'tocsin_outbox_oldest_seconds',
    'Time since the oldest of them was written; 0: none waits.',
    ['channel'],
  )
  for (const channel of ['mail', 'sms'] as const) {
    messages.set({ channel }, outbox[channel].count)
    age.set({ channel }, outbox[channel].oldestSeconds ?? 0)
  }
  gauge('tocsin_approvals_waiting', 'Alerts and follow-ups that wait for a second person.').set(
    approvals.count,
  )
  gauge('tocsin_approval_oldest_seconds', 'Time since the oldest of them was submitted; 0: none waits.').set(
    approvals.oldestSeconds ?? 0,
  )
}
