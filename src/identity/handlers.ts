import type { Deps } from '../deps.ts'
import { resumeMails, sendMail } from './mails.ts'

/** Registers the handlers of background mail jobs. They are idempotent, because a job may run twice. */
export async function registerMailJobs(
  deps: Pick<Deps, 'db' | 'now' | 'jobs' | 'log' | 'mailer' | 'secret'>,
): Promise<void> {
  await deps.jobs.work('mail.send', 2, ({ schemeId, mailId }) => sendMail(deps, schemeId, mailId))
  await deps.jobs.work('mail.resume', 1, () => resumeMails(deps))
}
