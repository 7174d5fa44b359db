import type { Deps } from '../deps.ts'
import { acrossSchemes } from '../platform/db.ts'
import { recordAccountFailure } from './account-failures.ts'
import { sendMail } from './mails.ts'
import { listStale, releaseMails } from './store.ts'

/** Longer than the retries of a job last (jobs.ts). */
const RESUME_AFTER_MS = 40 * 60_000
/** Milliseconds after which a message that a user waits for is queued again; its job is usually taken at once. */
const RESUME_URGENT_AFTER_MS = 5000
const RESUMED_AT_ONCE = 500

type ResumeDeps = Pick<Deps, 'db' | 'jobs' | 'now'>

/** Registers the handlers of the outbox's background jobs. They are idempotent, because a job may run twice. */
export async function registerOutboxJobs(
  deps: ResumeDeps & Pick<Deps, 'database' | 'log' | 'mailer' | 'newId' | 'secret'>,
): Promise<void> {
  await deps.jobs.work('mail.send', 2, ({ schemeId, mailId }) => sendMail(deps, schemeId, mailId))
  await deps.jobs.work('account.failure', 1, (failure) => recordAccountFailure(deps, failure))
  await deps.jobs.work('outbox.resume', 1, () => resumeMessages(deps))
  await resumeAtStart(deps)
}

/**
 * Queues jobs for messages whose job ended with its process, or was retried until it gave up. An urgent message is looked for
 * after seconds: the job queue notices after a minute or two that a process was killed. A job too many finds nothing to send.
 */
export async function resumeMessages(deps: ResumeDeps): Promise<void> {
  const now = deps.now()
  const ago = (ms: number) => new Date(now.getTime() - ms)
  await resume(deps, { urgent: ago(RESUME_URGENT_AFTER_MS), others: ago(RESUME_AFTER_MS), now })
}

/** Does the same for all messages that a process before this one left waiting. */
async function resumeAtStart(deps: ResumeDeps & Pick<Deps, 'database'>): Promise<void> {
  const now = deps.now()
  // Elsewhere another process may be handing one over.
  if (deps.database.embedded) await releaseMails(deps.db)
  await resume(deps, { urgent: now, others: now, now })
}

async function resume({ db, jobs }: ResumeDeps, before: Parameters<typeof listStale>[1]): Promise<void> {
  const waiting = await listStale(db, before, RESUMED_AT_ONCE)
  if (waiting.length === 0) return
  await acrossSchemes(db, async (tx) => {
    for (const { schemeId, id, channel, isUrgent } of waiting) {
      const order = isUrgent ? 'first' : undefined
      if (channel === 'sms') await jobs.enqueue(tx, 'direct.send', { schemeId, messageId: id }, order)
      else await jobs.enqueue(tx, 'mail.send', { schemeId, mailId: id }, order)
    }
  })
}
