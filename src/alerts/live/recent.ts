import { sql } from 'kysely'
import type { Deps } from '../../deps.ts'
import { DAY_MS } from '../../message/clock.ts'
import { type Actor, authorize } from '../../permissions.ts'
import { inScheme } from '../../platform/db.ts'
import { RECENT_DAYS, RECENT_MAX, type RecentAlert, type RecentAlertList } from '../contract.ts'

/** Lists the alerts sent in the last seven days, latest first, with what the alert room's map shows of them. */
export async function listRecentAlerts(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
): Promise<RecentAlertList> {
  authorize(actor, 'alert.read', schemeId)
  const since = new Date(deps.now().getTime() - RECENT_DAYS * DAY_MS)
  const { rows } = await inScheme(deps.db, schemeId, (tx) =>
    sql<Omit<RecentAlert, 'orderedAt'> & { orderedAt: Date }>`
      select a.id, a.reference, a.ordered_at,
        jsonb_build_object('code', a.category_code, 'labelFr', g.label_fr, 'labelEn', g.label_en, 'severity', a.severity) as category,
        jsonb_build_object('code', c.code, 'name', c.name) as commune
      from alerts a
      join reports r on r.scheme_id = a.scheme_id and r.id = a.report_id
      join categories g on g.scheme_id = a.scheme_id and g.code = a.category_code
      join communes c on c.code = r.commune_code
      where a.scheme_id = ${schemeId} and a.ordered_at >= ${since} and not a.exercise
      order by a.ordered_at desc, a.id desc limit ${RECENT_MAX}`.execute(tx),
  )
  return { alerts: rows.map((row) => ({ ...row, orderedAt: row.orderedAt.toISOString() })) }
}
