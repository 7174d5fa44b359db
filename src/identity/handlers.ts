import type { Deps } from '../deps.ts'
import { resumeMails, sendMail } from './mails.ts'

/** Takes the background work on mails. Each handler may run twice. */
export async function workMails(
  deps: Pick<Deps, 'db' | 'now' | 'jobs' | 'log' | 'mailer' | 'secret'>,
): Promise<void> {
  await deps.jobs.work('mail.send', 2, ({ schemeId, mailId }) => sendMail(deps, schemeId, mailId))
  await deps.jobs.work('mail.resume', 1, () => resumeMails(deps))
}
