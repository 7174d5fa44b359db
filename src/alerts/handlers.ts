import { checkDueChains } from '../audit/checks.ts'
import type { Deps } from '../deps.ts'
import type { Actor } from '../permissions.ts'
import { inScheme } from '../platform/db.ts'
import { answerCaller } from './actions/answer.ts'
import { activateAlert } from './actions/close.ts'
import { tellHeldBack } from './actions/digest.ts'
import { discardDraftOf } from './actions/draft.ts'
import { expireAlerts } from './actions/expire.ts'
import { solicitationSince } from './care.ts'
import { purgeOld } from './retention/purge.ts'
import { countSolicitations } from './solicitations.ts'

const engine: Actor = { kind: 'system', name: 'engine' }
const clock: Actor = { kind: 'system', name: 'clock' }

/** Takes the background work on alerts. Each handler may run twice: the state of the alert decides. */
export async function workAlerts(
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
  await deps.jobs.work('care.tell', 1, async () => {
    const messages = await tellHeldBack(deps, clock)
    if (messages > 0) deps.log.info({ messages }, 'digests of what was held back')
  })
  await deps.jobs.work('data.purge', 1, async () => {
    const removed = await purgeOld(deps)
    if (Object.values(removed).some((rows) => rows > 0)) deps.log.info(removed, 'data whose time is over')
  })
  await deps.jobs.work('audit.check', 1, async () => {
    await checkDueChains(deps)
  })
  await deps.jobs.work('alert.expire', 1, async () => {
    const expired = await expireAlerts(deps, clock)
    if (expired > 0) deps.log.info({ alerts: expired }, 'alerts expired')
  })
}
