import { sql } from 'kysely'
import { recordAudit } from '../../audit/record.ts'
import { planBroadcast } from '../../deliveries/plan/plan.ts'
import { isSimulated } from '../../deliveries/simulation.ts'
import type { Deps } from '../../deps.ts'
import { HOUR_MS } from '../../message/clock.ts'
import { segmentMessage } from '../../message/segment.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { inScheme } from '../../platform/db.ts'
import { findAnswerPhone } from '../../reports/rules.ts'
import { findReport, lockReport } from '../../reports/store.ts'
import { getSchemeFacts } from '../compose/draft.ts'
import { isAnswered } from '../store.ts'

/** Validity of a reply: it is useless later. */
const ANSWER_HOURS = 24

/**
 * Sends the chosen reply to the caller of a refused report, after all alerts. Does nothing if no reply was chosen or it
 * was already sent.
 */
export async function answerCaller(
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'config' | 'live'>,
  actor: Actor,
  schemeId: string,
  reportId: string,
): Promise<void> {
  authorize(actor, 'report.decide', schemeId)
  const now = deps.now()
  const planned = await inScheme(deps.db, schemeId, async (tx) => {
    // A concurrent second run waits here and then finds the reply sent.
    await lockReport(tx, schemeId, reportId)
    const report = await findReport(tx, schemeId, reportId)
    const phone = report && findAnswerPhone(report)
    if (!report?.answerText || phone === undefined || (await isAnswered(tx, schemeId, reportId))) return false
    const scheme = await getSchemeFacts(tx, schemeId)
    // The caller is not a member: the report takes the place of the recipient.
    const memberId = report.callerMemberId ?? reportId
    const { broadcastId } = await planBroadcast(tx, deps, {
      schemeId,
      alertId: null,
      reportId,
      kind: 'answer',
      segmentation: segmentMessage(report.answerText, { fold: true }),
      sender: scheme.sender,
      lane: 'service',
      simulated: report.exercise || isSimulated(deps.config.demo, deps.config.gateways),
      validUntil: new Date(now.getTime() + ANSWER_HOURS * HOUR_MS),
      orderedBy: report.decidedBy ?? actorName(actor),
      recipients: sql`
        select ${reportId}::uuid as contact_id, ${memberId}::uuid as member_id, ${phone} as phone,
          ${report.communeCode} as commune_code, '' as trade`,
    })
    await recordAudit(tx, schemeId, now, {
      actor: actorName(actor),
      action: 'report.answer',
      subject: `report:${reportId}`,
      details: { broadcast: broadcastId },
    })
    return true
  })
  if (planned) deps.live.publish({ type: 'report', schemeId, reportId })
}
