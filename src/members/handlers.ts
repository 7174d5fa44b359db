import type { Deps } from '../deps.ts'
import { asOwner } from '../platform/db.ts'
import { UNDO_HOURS } from './changes/contract.ts'
import { forgetBefore } from './changes/store.ts'
import { tellDue } from './changes/tell.ts'
import { countMembers } from './counts.ts'
import { workDues } from './dues/work.ts'
import { DRAFT_DAYS, REFUSED_DAYS } from './enrolment/rules.ts'
import { purgeEnrolments } from './enrolment/store.ts'
import { forgetUndo } from './merge/store.ts'
import { forgetNumbers } from './numbers/health.ts'
import { askNumbers } from './numbers/reconfirm.ts'
import { purgePasskeys } from './portal/passkeys.ts'
import { purgeSessions } from './portal/store.ts'
import { purgeUploads } from './uploads/store.ts'

const DAY_MS = 86_400_000

/** In parts: rows of a great import are written by nobody else meanwhile, but its locks and its log are kept small. */
async function purgeMembers(deps: Pick<Deps, 'db' | 'now'>): Promise<void> {
  const now = deps.now()
  while ((await asOwner(deps.db, (tx) => forgetBefore(tx, now))) > 0);
  await asOwner(deps.db, (tx) => purgeUploads(tx, now))
}

/** Takes the background work on members. Each handler may run twice. */
export async function workMembers(
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'secret' | 'config' | 'log' | 'mailer'>,
): Promise<void> {
  await deps.jobs.work('enrolment.purge', 1, () => {
    const ago = (days: number) => new Date(deps.now().getTime() - days * DAY_MS)
    return asOwner(deps.db, (tx) =>
      purgeEnrolments(tx, { drafts: ago(DRAFT_DAYS), refused: ago(REFUSED_DAYS) }),
    )
  })
  await deps.jobs.work('portal.purge', 1, () =>
    asOwner(deps.db, async (tx) => {
      await purgeSessions(tx, deps.now())
      await purgePasskeys(tx, deps.now())
    }),
  )
  await deps.jobs.work('number.purge', 1, async () => {
    await asOwner(deps.db, forgetNumbers)
  })
  await deps.jobs.work('member.purge', 1, () => purgeMembers(deps))
  await deps.jobs.work('merge.purge', 1, () =>
    asOwner(deps.db, (tx) => forgetUndo(tx, new Date(deps.now().getTime() - UNDO_HOURS * 3_600_000))),
  )
  await deps.jobs.work('member.tell', 1, () => tellDue(deps))
  await deps.jobs.work('member.count', 1, () => asOwner(deps.db, (tx) => countMembers(tx, deps.now())))
  await deps.jobs.work('number.ask', 1, () => askNumbers(deps))
  await deps.jobs.work('dues.work', 1, () => workDues(deps))
}
