import type { Deps } from '../deps.ts'
import { asOwner } from '../platform/db.ts'
import { sendMail } from './mails.ts'
import { listStale } from './store.ts'

/** Longer than the retries of a job last (jobs.ts). */
const RESUME_AFTER_MS = 40 * 60_000
const RESUMED_AT_ONCE = 500

/** Registers the handlers of the outbox's background jobs. They are idempotent, because a job may run twice. */
export async function registerOutboxJobs(
  deps: Pick<Deps, 'db' | 'now' | 'jobs' | 'log' | 'mailer' | 'secret'>,
): Promise<void> {
  await deps.jobs.work('mail.send', 2, ({ schemeId, mailId }) => sendMail(deps, schemeId, mailId))
  await deps.jobs.work('outbox.resume', 1, () => resumeMessages(deps))
}

/** Queues jobs for messages that no job handles any more because the server was away for longer than a job is retried. */
export async function resumeMessages(deps: Pick<Deps, 'db' | 'jobs' | 'now'>): Promise<void> {
  const waiting = await listStale(deps.db, new Date(deps.now().getTime() - RESUME_AFTER_MS), RESUMED_AT_ONCE)
  if (waiting.length === 0) return
  await asOwner(deps.db, async (tx) => {
    for (const { schemeId, id, channel } of waiting) {
      if (channel === 'sms') await deps.jobs.enqueue(tx, 'direct.send', { schemeId, messageId: id })
      else await deps.jobs.enqueue(tx, 'mail.send', { schemeId, mailId: id })
    }
  })
}
