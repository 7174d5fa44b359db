import { recordAudit } from '../audit/record.ts'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { type Actor, actorName, authorize } from '../permissions.ts'
import { inScheme } from '../platform/db.ts'
import { getReportRow, lockWaitingReport, toReportView } from './actions.ts'
import type { ClaimReport, ReportView } from './contract.ts'
import { validClaimAt } from './rules.ts'
import { ownerIdOf, signatureOf } from './signature.ts'
import { lockReport, updateClaim } from './store.ts'

type ClaimDeps = Pick<Deps, 'db' | 'now' | 'live'>

/**
 * Claims a waiting report for the actor, so that no other operator starts on it, or renews the actor's claim. A claim blocks
 * only another claim, unless that one takes it over: any operator may decide on the report.
 * @throws AppError `not_found`, `already_decided`; `report_claimed` if another user has the claim and `take` is not set
 */
export async function claimReport(
  deps: ClaimDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  input: ClaimReport,
): Promise<ReportView> {
  authorize(actor, 'report.decide', schemeId)
  const now = deps.now()
  const view = await inScheme(deps.db, schemeId, async (tx) => {
    const report = await lockWaitingReport(tx, schemeId, id)
    const userId = ownerIdOf(actor)
    const valid = validClaimAt(report, now)
    const heldByOther = valid !== null && valid.userId !== userId ? valid : null
    if (heldByOther !== null && !input.take)
      throw new AppError('report_claimed', { values: { by: heldByOther.by } })
    await updateClaim(tx, schemeId, id, {
      userId,
      by: (await signatureOf(tx, actor, schemeId)).text,
      at: now,
    })
    if (valid?.userId !== userId) {
      await recordAudit(tx, schemeId, now, {
        actor: actorName(actor),
        action: 'report.claim',
        subject: `report:${id}`,
        details: heldByOther === null ? {} : { from: `user:${heldByOther.userId}` },
      })
    }
    return toReportView(await getReportRow(tx, schemeId, id), now)
  })
  deps.live.publish({ type: 'report', schemeId, reportId: id })
  return view
}

/**
 * Releases the actor's own claim; another user's claim stays.
 * @throws AppError `not_found`
 */
export async function releaseReport(
  deps: ClaimDeps,
  actor: Actor,
  schemeId: string,
  id: string,
): Promise<ReportView> {
  authorize(actor, 'report.decide', schemeId)
  const now = deps.now()
  const { view, released } = await inScheme(deps.db, schemeId, async (tx) => {
    const report = await lockReport(tx, schemeId, id)
    const released = report?.claimedById === ownerIdOf(actor) && report.state === 'waiting'
    if (released) {
      await updateClaim(tx, schemeId, id, null)
      await recordAudit(tx, schemeId, now, {
        actor: actorName(actor),
        action: 'report.release',
        subject: `report:${id}`,
      })
    }
    return { view: toReportView(await getReportRow(tx, schemeId, id), now), released }
  })
  if (released) deps.live.publish({ type: 'report', schemeId, reportId: id })
  return view
}
