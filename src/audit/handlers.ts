import type { Deps } from '../deps.ts'
import { createAnchorFile } from './anchors/anchor-file.ts'
import { queueAnchorMails, sendAnchorMail } from './anchors/anchor-mails.ts'
import { anchorIfDue } from './anchors/anchors.ts'
import type { createStamper } from './anchors/stamp.ts'
import { type CheckDeps, checkDueChains } from './checks.ts'
import { purgeReads } from './reads.ts'
import { sealDue } from './seals.ts'

/** Registers the handlers that check, seal and sign the audit chains. They are idempotent, because a job may run twice. */
export async function registerAuditJobs(
  deps: CheckDeps & Pick<Deps, 'log' | 'jobs' | 'mailer'>,
): Promise<void> {
  await deps.jobs.work('audit.check', 1, async () => {
    await purgeReads(deps.db, deps.now())
    await checkDueChains(deps)
  })
  await deps.jobs.work('audit.seal', 1, async () => {
    await sealDue(deps, deps.seals)
  })
  const { anchorFile } = deps.config.audit
  const file = anchorFile === undefined ? undefined : createAnchorFile(anchorFile)
  let stamper: ReturnType<typeof createStamper> | undefined
  await deps.jobs.work('audit.anchor', 1, async () => {
    await anchorIfDue(deps)
    // Few installations have an authority, and its library takes long to load.
    if (deps.config.audit.timestampUrl !== undefined) {
      stamper ??= (await import('./anchors/stamp.ts')).createStamper()
      await stamper.stampIfDue(deps)
    }
    try {
      await file?.add(deps.db)
    } catch (error) {
      deps.log.error({ err: error }, 'anchors of the audit record could not be written to their file')
    }
    await queueAnchorMails(deps)
  })
  await deps.jobs.work('anchor.mail', 1, (mail) => sendAnchorMail(deps, mail))
}
