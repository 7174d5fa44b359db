import type { Deps } from '../deps.ts'
import { DAY_MS } from '../message/clock.ts'
import { acrossSchemes } from '../platform/db.ts'
import { approveLater } from './approve.ts'
import { DRAFT_DAYS, REFUSED_DAYS } from './rules.ts'
import { purgeEnrolments } from './store.ts'

/** Registers the background jobs of enrolments. Each handler may run twice for the same job. */
export async function registerEnrolmentJobs(
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'config' | 'mailer'>,
): Promise<void> {
  await deps.jobs.work('enrolment.approve', 1, ({ schemeId, id }) => approveLater(deps, schemeId, id))
  await deps.jobs.work('enrolment.purge', 1, () => {
    const ago = (days: number) => new Date(deps.now().getTime() - days * DAY_MS)
    return acrossSchemes(deps.db, (tx) =>
      purgeEnrolments(tx, { drafts: ago(DRAFT_DAYS), refused: ago(REFUSED_DAYS) }),
    )
  })
}
