import type { Deps } from '../deps.ts'
import { checkDueChains } from './checks.ts'

/** Takes the background work on the audit record. Its handler may run twice. */
export async function workAudit(deps: Pick<Deps, 'db' | 'now' | 'log' | 'jobs'>): Promise<void> {
  await deps.jobs.work('audit.check', 1, async () => {
    await checkDueChains(deps)
  })
}
