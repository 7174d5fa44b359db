import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { withoutMark } from '../../message/mark.ts'
import type { ShopId } from '../../permissions.ts'
import { type Actor, authorizeOwn } from '../../permissions.ts'
import { inShop } from '../../platform/db.ts'
import type { OwnAlertList, OwnAlertQuery, OwnAlertView } from './contract.ts'
import { findOwnAlertRow, insertRead, listOwnAlertRows, type OwnAlertRow } from './store.ts'

/** The alerts that were sent to a shop, latest first. @throws AppError `not_found` for a shop of somebody else's */
export async function listOwnAlerts(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  of: ShopId,
  query: OwnAlertQuery,
): Promise<OwnAlertList> {
  const shop = authorizeOwn(actor, 'own.read', of)
  const rows = await inShop(deps.db, shop, (tx) =>
    listOwnAlertRows(tx, shop, { after: query.after, limit: query.limit + 1 }),
  )
  const shown = rows.slice(0, query.limit)
  return {
    alerts: shown.map(viewOf),
    next: rows.length > query.limit ? (shown.at(-1)?.id ?? null) : null,
  }
}

/** One of them. @throws AppError `not_found`, also for one that was not sent to this shop */
export async function getOwnAlert(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  of: ShopId,
  alertId: string,
): Promise<OwnAlertView> {
  const shop = authorizeOwn(actor, 'own.read', of)
  const row = await inShop(deps.db, shop, (tx) => findOwnAlertRow(tx, shop, alertId))
  if (row === undefined) throw new AppError('not_found')
  return viewOf(row)
}

/**
 * Notes that a contact read an alert: once, however often it is said. Those who watch the alert are told.
 * @throws AppError `not_found` for an alert that was not sent to this shop
 */
export async function confirmRead(
  deps: Pick<Deps, 'db' | 'now' | 'live'>,
  actor: Actor,
  of: ShopId,
  alertId: string,
): Promise<void> {
  const shop = authorizeOwn(actor, 'own.confirm', of)
  const read = await inShop(deps.db, shop, (tx) => insertRead(tx, { ...shop, alertId, at: deps.now() }))
  if (read === undefined) throw new AppError('not_found')
  const { broadcastId, isNew } = read
  // Figures of the alert's page, which are told at a calm pace however many read at once.
  if (isNew) deps.live.publish({ type: 'progress', schemeId: shop.schemeId, alertId, broadcastId })
}

function viewOf(row: OwnAlertRow): OwnAlertView {
  const [first, ...rest] = row.messages
  return {
    id: row.id,
    reference: row.reference,
    category: { code: row.categoryCode, labelFr: row.labelFr, labelEn: row.labelEn },
    severity: row.severity,
    areaLabel: row.areaLabel,
    state: stateOf(row),
    text: withoutMark(first?.text ?? ''),
    sentAt: row.orderedAt.toISOString(),
    closedAt: row.closedAt?.toISOString() ?? null,
    updates: rest.flatMap(({ kind, text, at, ...one }) =>
      kind === 'first' ? [] : [{ ...one, kind, text: withoutMark(text), at: new Date(at).toISOString() }],
    ),
    readAt: row.readAt?.toISOString() ?? null,
  }
}

function stateOf({ state }: OwnAlertRow): OwnAlertView['state'] {
  if (state === 'cancelled') return 'cancelled'
  return state === 'ended' || state === 'expired' ? 'over' : 'open'
}
