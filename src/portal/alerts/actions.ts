import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { withoutMark } from '../../message/mark.ts'
import type { ShopId } from '../../permissions.ts'
import { type Actor, authorizeOwn } from '../../permissions.ts'
import { inShop } from '../../platform/db.ts'
import { alertPlaceWords } from '../../schemes/texts/whereabouts.ts'
import type { OwnAlertList, OwnAlertQuery, OwnAlertView } from './contract.ts'
import { findOwnAlertRow, listOwnAlertRows, type OwnAlertRow, recordRead } from './store.ts'

/** Lists the alerts that were sent to a shop, latest first. @throws AppError `not_found` for another member's shop */
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
    alerts: shown.map(toOwnAlertView),
    next: rows.length > query.limit ? (shown.at(-1)?.id ?? null) : null,
  }
}

/** Returns one of these alerts. @throws AppError `not_found`, also for an alert that was not sent to this shop */
export async function getOwnAlert(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  of: ShopId,
  alertId: string,
): Promise<OwnAlertView> {
  const shop = authorizeOwn(actor, 'own.read', of)
  const row = await inShop(deps.db, shop, (tx) => findOwnAlertRow(tx, shop, alertId))
  if (row === undefined) throw new AppError('not_found')
  return toOwnAlertView(row)
}

/**
 * Records that a contact read an alert; repeated confirmations change nothing. Users who watch the alert are notified.
 * @throws AppError `not_found` for an alert that was not sent to this shop
 */
export async function confirmRead(
  deps: Pick<Deps, 'db' | 'now' | 'live'>,
  actor: Actor,
  of: ShopId,
  alertId: string,
): Promise<void> {
  const shop = authorizeOwn(actor, 'own.confirm', of)
  const read = await inShop(deps.db, shop, (tx) => recordRead(tx, { ...shop, alertId, at: deps.now() }))
  if (read === undefined) throw new AppError('not_found')
  const { broadcastId, isNew } = read
  // Updates the counts on the alert's page; they are sent at a limited rate however many contacts confirm at once.
  if (isNew) deps.live.publish({ type: 'progress', schemeId: shop.schemeId, alertId, broadcastId })
}

function toOwnAlertView(row: OwnAlertRow): OwnAlertView {
  const [first, ...rest] = row.messages
  return {
    id: row.id,
    reference: row.reference,
    category: { code: row.categoryCode, labelFr: row.labelFr, labelEn: row.labelEn },
    severity: row.severity,
    placeWords: alertPlaceWords(row.template, {
      commune: { name: row.communeName, formerName: row.formerName },
      areaLabel: row.areaLabel,
    }),
    areaLabel: row.areaLabel,
    state: toOwnAlertState(row),
    text: withoutMark(first?.text ?? ''),
    sentAt: row.orderedAt.toISOString(),
    closedAt: row.closedAt?.toISOString() ?? null,
    expiresAt: row.expiresAt.toISOString(),
    updates: rest.flatMap(({ kind, text, at, ...one }) =>
      kind === 'first' ? [] : [{ ...one, kind, text: withoutMark(text), at: new Date(at).toISOString() }],
    ),
    readAt: row.readAt?.toISOString() ?? null,
  }
}

function toOwnAlertState({ state }: OwnAlertRow): OwnAlertView['state'] {
  if (state === 'cancelled') return 'cancelled'
  return state === 'ended' || state === 'expired' ? 'over' : 'open'
}
