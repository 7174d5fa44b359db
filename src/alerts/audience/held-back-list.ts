import type { Deps } from '../../deps.ts'
import { refusalOf } from '../../errors.ts'
import { maskPhone } from '../../members/rules.ts'
import { type Actor, authorize } from '../../permissions.ts'
import { inScheme } from '../../platform/db.ts'
import { getSchemeFacts } from '../compose/draft.ts'
import type { AudienceQuery, HeldBackList, HeldBackPage } from '../contract.ts'
import { getRow } from '../live/read.ts'
import { tradeRefusals } from '../rules.ts'
import { resolveAudience } from './audience.ts'
import { careFor } from './care.ts'
import { type HeldBackRow, listHeldBack, listWouldBeHeldBack } from './held-back.ts'
import { countSolicitations } from './solicitations.ts'

/**
 * Lists by name the recipients that a broadcast ordered now would hold back, with the reasons, as the preview counts
 * them. Users who may list the recipients of an alert may list them.
 * @throws AppError as `previewAudience`
 */
export async function previewHeldBack(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  query: AudienceQuery,
  page: HeldBackPage,
): Promise<HeldBackList> {
  authorize(actor, 'audience.preview', schemeId)
  authorize(actor, 'delivery.read', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    const scheme = await getSchemeFacts(tx, schemeId)
    const problems = tradeRefusals(query.trades, scheme.trades)
    if (problems.length > 0) throw refusalOf(problems)
    const now = deps.now()
    const care = careFor(scheme.doctrine.care, query.severity ?? 'alert', { now, timeZone: scheme.timeZone })
    await countSolicitations(tx, schemeId, care)
    const audience = await resolveAudience(tx, query, { schemeId, territory: scheme.territory })
    return listOf(await listWouldBeHeldBack(tx, audience, care, now, page))
  })
}

/**
 * Lists by name the recipients that an alert held back when it was ordered, and when each got its digest.
 * @throws AppError `not_found`
 */
export async function listHeldBackOf(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
  id: string,
  page: HeldBackPage,
): Promise<HeldBackList> {
  authorize(actor, 'delivery.read', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    await getRow(tx, schemeId, id)
    return listOf(await listHeldBack(tx, schemeId, id, page))
  })
}

function listOf(rows: readonly HeldBackRow[]): HeldBackList {
  return {
    total: rows[0]?.total ?? 0,
    recipients: rows.map((row) => ({
      memberId: row.memberId,
      name: row.name,
      commune: row.commune,
      phone: maskPhone(row.phone),
      reason: row.reason,
      alerts: row.alerts,
      dueAt: row.dueAt.toISOString(),
      notifiedAt: row.notifiedAt?.toISOString() ?? null,
    })),
  }
}
