import type { Deps } from '../deps.ts'
import { createAnchorFile } from './anchor-file.ts'
import { mailLastAnchor } from './anchor-mails.ts'
import { anchorIfDue } from './anchors.ts'
import { checkDueChains } from './checks.ts'

/** Registers the handlers that check and sign the audit chains. They are idempotent, because a job may run twice. */
export async function registerAuditJobs(
  deps: Pick<Deps, 'db' | 'now' | 'log' | 'jobs' | 'auditKeys' | 'config' | 'mailer'>,
): Promise<void> {
  await deps.jobs.work('audit.check', 1, async () => {
    await checkDueChains(deps)
  })
  const { anchorFile } = deps.config.audit
  const file = anchorFile === undefined ? undefined : createAnchorFile(anchorFile)
  await deps.jobs.work('audit.anchor', 1, async () => {
    await anchorIfDue(deps)
    try {
      await file?.add(deps.db)
    } catch (error) {
      deps.log.error({ err: error }, 'anchors of the audit record could not be written to their file')
    }
    await mailLastAnchor(deps)
  })
}
