import type { Deps } from '../deps.ts'
import { checkDueChains } from './checks.ts'

/** Registers the handler that checks the audit chains. It is idempotent, because a job may run twice. */
export async function registerAuditJobs(deps: Pick<Deps, 'db' | 'now' | 'log' | 'jobs'>): Promise<void> {
  await deps.jobs.work('audit.check', 1, async () => {
    await checkDueChains(deps)
  })
}
