import type { Deps } from '../deps.ts'
import type { Actor } from '../permissions.ts'
import { inScheme } from '../platform/db.ts'
import { solicitationSince } from './audience/care.ts'
import { sendDigests } from './audience/digest.ts'
import { countSolicitations } from './audience/solicitations.ts'
import { discardDraftOf } from './compose/draft.ts'
import { answerCaller } from './order/answer.ts'
import { activateAlert, activateSentAlerts } from './order/close.ts'
import { expireAlerts } from './order/expire.ts'

const engine: Actor = { kind: 'system', name: 'engine' }
const clock: Actor = { kind: 'system', name: 'clock' }

/** Registers the background jobs on alerts. Each handler may run twice: the state of the alert decides. */
export async function registerAlertJobs(
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'live' | 'jobs' | 'log' | 'config'>,
): Promise<void> {
  await deps.jobs.work('alert.broadcast_sent', 2, async ({ schemeId, alertId }) => {
    await activateAlert(deps, engine, schemeId, alertId)
    await inScheme(deps.db, schemeId, (tx) =>
      countSolicitations(tx, schemeId, { since: solicitationSince(deps.now()) }),
    )
  })
  await deps.jobs.work('report.refused', 1, async ({ schemeId, reportId }) => {
    await discardDraftOf(deps, engine, schemeId, reportId)
    await answerCaller(deps, engine, schemeId, reportId)
  })
  await deps.jobs.work('digest.send', 1, async () => {
    const messages = await sendDigests(deps, clock)
    if (messages > 0) deps.log.info({ messages }, 'digests of skipped alerts planned')
  })
  await deps.jobs.work('alert.expire', 1, async () => {
    await activateSentAlerts(deps, clock)
    const expired = await expireAlerts(deps, clock)
    if (expired > 0) deps.log.info({ alerts: expired }, 'alerts expired')
  })
}
