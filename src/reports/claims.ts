import { recordAudit } from '../audit/record.ts'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { type Actor, actorName, authorize } from '../permissions.ts'
import { inScheme } from '../platform/db.ts'
import { getRow, getWaiting, viewOf } from './actions.ts'
import type { ClaimReport, ReportView } from './contract.ts'
import { claimAt } from './rules.ts'
import { signatureOf, userIdOf } from './signature.ts'
import { updateClaim } from './store.ts'

type ClaimDeps = Pick<Deps, 'db' | 'now' | 'live'>

/**
 * Says that the actor is on a waiting report, so that nobody else begins it; said again, that they still are. The
 * claim tells, and forbids nothing: in an emergency whoever is there goes on.
 * @throws AppError `not_found`, `already_decided`; `report_claimed` when somebody else is on it and it is not taken
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
    const report = await getWaiting(tx, schemeId, id)
    const userId = userIdOf(actor)
    const held = claimAt(report, now)
    const others = held !== null && held.userId !== userId ? held : null
    if (others !== null && !input.take) throw new AppError('report_claimed', { values: { by: others.by } })
    await updateClaim(tx, schemeId, id, {
      userId,
      by: (await signatureOf(tx, actor, schemeId)).text,
      at: now,
    })
    if (held?.userId !== userId) {
      await recordAudit(tx, schemeId, now, {
        actor: actorName(actor),
        action: 'report.claim',
        subject: `report:${id}`,
        details: others === null ? {} : { from: `user:${others.userId}` },
      })
    }
    return viewOf(await getRow(tx, schemeId, id), now)
  })
  deps.live.publish({ type: 'report', schemeId, reportId: id })
  return view
}

/**
 * Gives up one's claim; somebody else's stays.
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
    const row = await getRow(tx, schemeId, id)
    const released = row.claimedById === userIdOf(actor) && row.state === 'waiting'
    if (!released) return { view: viewOf(row, now), released }
    await updateClaim(tx, schemeId, id, null)
    await recordAudit(tx, schemeId, now, {
      actor: actorName(actor),
      action: 'report.release',
      subject: `report:${id}`,
    })
    return { view: viewOf(await getRow(tx, schemeId, id), now), released }
  })
  if (released) deps.live.publish({ type: 'report', schemeId, reportId: id })
  return view
}
