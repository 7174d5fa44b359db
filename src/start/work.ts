import { registerAlertJobs } from '../alerts/handlers.ts'
import { registerAuditJobs } from '../audit/handlers.ts'
import { registerBackupJobs } from '../backup/handlers.ts'
import { registerBreakGlassJobs } from '../break-glass/handlers.ts'
import { registerChangeJobs } from '../changes/handlers.ts'
import { revertInterruptedChanges } from '../changes/undo.ts'
import { SEALS } from '../commands/audit/seals.ts'
import { registerDeliveryJobs } from '../deliveries/handlers.ts'
import type { Deps } from '../deps.ts'
import { registerDuesJobs } from '../dues/handlers.ts'
import { registerEnrolmentJobs } from '../enrolment/handlers.ts'
import { registerImportJobs } from '../imports/handlers.ts'
import { PERIODS, type PeriodicJob } from '../jobs.ts'
import { registerMemberJobs } from '../members/handlers.ts'
import { registerMessageJobs } from '../messages/handlers.ts'
import { registerOnCallJobs } from '../on-call/handlers.ts'
import { registerOutboxJobs } from '../outbox/handlers.ts'
import { version } from '../platform/process/version.ts'
import { registerPortalJobs } from '../portal/handlers.ts'
import { registerPrivacyJobs } from '../privacy/handlers.ts'

/** Starts the background work of every room; it stops with `deps.jobs`. */
export async function startWork(deps: Deps): Promise<void> {
  await revertInterruptedChanges(deps)
  for (const work of [
    (all: Deps) => registerAuditJobs({ ...all, seals: SEALS }),
    registerOutboxJobs,
    registerMemberJobs,
    registerChangeJobs,
    registerImportJobs,
    registerEnrolmentJobs,
    registerDuesJobs,
    registerDeliveryJobs,
    registerOnCallJobs,
    registerMessageJobs,
    registerAlertJobs,
    registerPrivacyJobs,
    registerPortalJobs,
    registerBreakGlassJobs,
    (all: Deps) => registerBackupJobs(all, version),
  ])
    await work(deps)
  const periodic = Object.keys(PERIODS) as PeriodicJob[]
  const isDone = (name: PeriodicJob) => {
    // PostgreSQL maintains its tables itself, by autovacuum.
    if (name === 'database.upkeep') return deps.database.embedded
    return name !== 'backup.make' || deps.config.backup.directory !== undefined
  }
  deps.jobs.repeat(periodic.filter(isDone))
}
