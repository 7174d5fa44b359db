import { recordRead } from '../../audit/reads.ts'
import { recordAudit } from '../../audit/record.ts'
import type { DeliveryQuery, DeliveryView } from '../../deliveries/contract.ts'
import { isMemoryFull } from '../../deliveries/settle/evidence.ts'
import { describeFailure } from '../../deliveries/status/failures.ts'
import {
  type BroadcastProgress,
  countByCommune,
  type DeliveryRow,
  listBroadcasts,
  listCurve,
  listDeliveries as listDeliveryRows,
} from '../../deliveries/store.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import type { Lang } from '../../i18n/format.ts'
import { maskPhone } from '../../members/rules.ts'
import { DAY_MS } from '../../message/clock.ts'
import { type Actor, actorName, authorize, may } from '../../permissions.ts'
import { decodeInstantCursor, encodeInstantCursor, UUID } from '../../platform/database/cursor.ts'
import { findTimeZone } from '../../platform/database/time-zone.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { listOwnTrades } from '../../schemes/store.ts'
import type { Trade } from '../../schemes/trades/trades.ts'
import { countHeldBack } from '../audience/held-back.ts'
import {
  type AlertList,
  type AlertPage,
  type AlertQuery,
  type AlertView,
  type CurrentAlerts,
  type DeliveryList,
  ZONE_DAYS,
} from '../contract.ts'
import { listCopies } from '../observers/store.ts'
import { listAlertEvents } from '../order/events.ts'
import {
  type AlertRow,
  findAlert,
  listAlerts as listAlertRows,
  listCurrentAlerts as listCurrentRows,
} from '../store.ts'
import { csvHeader, csvLine } from './export.ts'
import { countReads } from './reads.ts'
import { alertViewOf, type Eyes, eventsOf, firstOf } from './views.ts'

/** Returns which texts of alerts the actor may read. */
export function eyesOf(actor: Actor, schemeId: string): Eyes {
  authorize(actor, 'alert.read', schemeId)
  return may(actor, 'alert.read_precise', schemeId) ? 'precise' : 'masked'
}

/**
 * Reads an alert with its timeline, curve and map.
 * @throws AppError `not_found`
 */
export async function getAlert(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  id: string,
): Promise<AlertPage> {
  const eyes = eyesOf(actor, schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    const { row, broadcasts } = await getRow(tx, schemeId, id)
    const broadcast = firstOf(broadcasts)
    const events = eventsOf(row, broadcast, await listAlertEvents(tx, schemeId, id), eyes)
    const alert = alertViewOf(row, broadcasts, eyes)
    const page = {
      alert,
      events,
      curve: broadcast === undefined ? [] : await listCurve(tx, schemeId, broadcast.broadcastId),
      byCommune: broadcast === undefined ? [] : await countByCommune(tx, schemeId, broadcast.broadcastId),
      heldBack: await countHeldBack(tx, schemeId, id),
      copies: await listCopies(tx, schemeId, id),
      reads: await countReads(tx, schemeId, id),
    }
    if (eyes === 'precise' && alert.doctrine.level === 'precise')
      await recordRead(tx, schemeId, deps.now(), actor, {
        action: 'alert.read_precise',
        subject: `alert:${id}`,
      })
    return page
  })
}

/**
 * Reads an alert without its timeline, as an action returns it.
 * @throws AppError `not_found`
 */
export async function getAlertView(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
  id: string,
): Promise<AlertView> {
  const eyes = eyesOf(actor, schemeId)
  const { row, broadcasts } = await inScheme(deps.db, schemeId, (tx) => getRow(tx, schemeId, id))
  return alertViewOf(row, broadcasts, eyes)
}

function agenciesOf(actor: Actor, schemeId: string): string[] {
  if (actor.kind !== 'user') return []
  return actor.grants.flatMap((grant) =>
    grant.schemeId === schemeId && grant.agencyId !== null ? [grant.agencyId] : [],
  )
}

/** Lists alerts, latest first. @throws AppError `invalid_input` for a `before` that no page returned */
export async function listAlerts(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
  query: AlertQuery,
): Promise<AlertList> {
  const eyes = eyesOf(actor, schemeId)
  const before = query.before === undefined ? undefined : decodeInstantCursor(query.before, 'before', UUID)
  return inScheme(deps.db, schemeId, async (tx) => {
    const page = { ...query, limit: query.limit + 1 }
    const rows = await listAlertRows(tx, schemeId, page, { before, inTexts: eyes === 'precise' })
    const shown = rows.slice(0, query.limit)
    const last = shown.at(-1)
    return {
      alerts: await viewsOf(tx, schemeId, shown, eyes),
      next:
        rows.length > query.limit && last !== undefined
          ? encodeInstantCursor({ at: last.createdAt, id: last.id })
          : null,
    }
  })
}

/** Lists the alerts that an open console shows on every screen, in one statement for all of its lists. */
export async function listCurrentAlerts(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
): Promise<CurrentAlerts> {
  const eyes = eyesOf(actor, schemeId)
  const since = new Date(deps.now().getTime() - ZONE_DAYS * DAY_MS)
  return inScheme(deps.db, schemeId, async (tx) => {
    const rows = await listCurrentRows(tx, schemeId, { ids: agenciesOf(actor, schemeId), since })
    return {
      alerts: await viewsOf(tx, schemeId, rows, eyes),
      inZone: rows.filter((row) => row.inZone).map((row) => row.id),
    }
  })
}

async function viewsOf(
  tx: Tx,
  schemeId: string,
  rows: readonly AlertRow[],
  eyes: Eyes,
): Promise<AlertView[]> {
  const broadcasts = await listBroadcasts(
    tx,
    schemeId,
    rows.map((row) => row.id),
  )
  return rows.map((row) => alertViewOf(row, broadcasts.get(row.id) ?? [], eyes))
}

/**
 * Lists a page of the deliveries of a message, numbers masked.
 * @throws AppError `not_found`
 */
export async function listDeliveries(
  deps: Pick<Deps, 'db' | 'now' | 'config'>,
  actor: Actor,
  schemeId: string,
  id: string,
  { query, lang }: { readonly query: DeliveryQuery; readonly lang: Lang },
): Promise<DeliveryList> {
  authorize(actor, 'delivery.read', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    const { broadcasts } = await getRow(tx, schemeId, id)
    const broadcast = pickBroadcast(broadcasts, query.broadcast)
    if (broadcast === undefined) return { deliveries: [], total: 0 }
    const rows = await listDeliveryRows(tx, schemeId, broadcast.broadcastId, query)
    await recordRead(tx, schemeId, deps.now(), actor, { action: 'delivery.read', subject: `alert:${id}` })
    return {
      deliveries: rows.map((row) => deliveryViewOf(row, lang, deps.config)),
      total: totalOf(broadcast, query.state),
    }
  })
}

/** Number of rows read at a time, so that exporting a large broadcast needs little memory. */
const EXPORT_PAGE = 2000

/**
 * Yields all deliveries of one message of an alert as CSV in chunks, numbers masked, and audits who exported them.
 * @throws AppError `not_found`
 */
export async function exportDeliveries(
  deps: Pick<Deps, 'db' | 'now' | 'config'>,
  actor: Actor,
  schemeId: string,
  id: string,
  {
    labels,
    broadcastId,
  }: {
    readonly labels: {
      readonly lang: Lang
      readonly tradeName: (code: string, own: readonly Trade[]) => string
    }
    readonly broadcastId?: string | undefined
  },
): Promise<{ reference: string; pieces: AsyncGenerator<string> }> {
  authorize(actor, 'delivery.read', schemeId)
  const { row, broadcast, timeZone, ownTrades } = await inScheme(deps.db, schemeId, async (tx) => {
    const { row, broadcasts } = await getRow(tx, schemeId, id)
    const broadcast = pickBroadcast(broadcasts, broadcastId)
    await recordAudit(tx, schemeId, deps.now(), {
      actor: actorName(actor),
      action: 'delivery.export',
      subject: `alert:${id}`,
      ...(broadcastId === undefined ? {} : { details: { broadcast: broadcastId } }),
    })
    const ownTrades = await listOwnTrades(tx, schemeId)
    return { row, broadcast, timeZone: await findTimeZone(tx, schemeId), ownTrades }
  })
  const tradeName = (code: string) => labels.tradeName(code, ownTrades)
  async function* pieces(): AsyncGenerator<string> {
    yield csvHeader(labels)
    if (broadcast === undefined) return
    for (let after = 0; ; ) {
      const rows = await inScheme(deps.db, schemeId, (tx) =>
        listDeliveryRows(tx, schemeId, broadcast.broadcastId, { after, limit: EXPORT_PAGE }),
      )
      if (rows.length > 0)
        yield rows
          .map((one) =>
            csvLine(deliveryViewOf(one, labels.lang, deps.config), {
              lang: labels.lang,
              tradeName,
              timeZone,
            }),
          )
          .join('')
      if (rows.length < EXPORT_PAGE) return
      after = rows.at(-1)!.no
    }
  }
  return { reference: row.reference, pieces: pieces() }
}

/** The settings that say which failures are a full memory, and when such a phone is tried again. */
type DeliveryConfig = Pick<Deps['config'], 'gateways' | 'memoryFullSeconds'>

/** Converts a delivery to the shape shown to users: the number masked, the failure as text. */
export function deliveryViewOf(
  row: DeliveryRow,
  lang: Lang,
  { gateways, memoryFullSeconds }: DeliveryConfig,
): DeliveryView {
  const isFull = isMemoryFull(gateways, row)
  const refusedAt = row.refusedFirstAt ?? (isFull && row.isRetrying ? row.settledAt : null)
  const dueAt =
    refusedAt === null || memoryFullSeconds === 'never'
      ? null
      : new Date(refusedAt.getTime() + memoryFullSeconds * 1000)
  const isSent = row.refusedFirstAt !== null && row.state !== 'planned'
  return {
    no: row.no,
    member: { id: row.memberId, name: row.memberName },
    commune: { code: row.communeCode, name: row.communeName },
    trade: row.trade,
    phone: maskPhone(row.phone),
    state: row.state,
    possibleDuplicate: row.possibleDuplicate,
    attempts: row.attempts,
    error: describeFailure(lang, { ...row, isMemoryFull: isFull }),
    second: dueAt && { at: ((isSent && row.acceptedAt) || dueAt).toISOString(), isSent },
    acceptedAt: row.acceptedAt?.toISOString() ?? null,
    settledAt: row.settledAt?.toISOString() ?? null,
  }
}

/** Counts the deliveries of a broadcast in a state, or all of them if no state is given. */
export function totalOf({ progress }: BroadcastProgress, state: DeliveryRow['state'] | undefined): number {
  if (state === undefined) return progress.planned
  if (state === 'planned') return progress.waiting
  return state === 'in_doubt' ? progress.inDoubt : progress[state]
}

/**
 * Finds an alert with its broadcasts.
 * @throws AppError `not_found`
 */
export async function getRow(
  tx: Tx,
  schemeId: string,
  id: string,
): Promise<{ row: AlertRow; broadcasts: readonly BroadcastProgress[] }> {
  const row = await findAlert(tx, schemeId, id)
  if (row === undefined) throw new AppError('not_found')
  return { row, broadcasts: (await listBroadcasts(tx, schemeId, [id])).get(id) ?? [] }
}

/**
 * Finds one message of an alert: the first if no id is given, undefined if none was sent.
 * @throws AppError `not_found` for a message of another alert
 */
export function pickBroadcast(
  broadcasts: readonly BroadcastProgress[],
  broadcastId: string | undefined,
): BroadcastProgress | undefined {
  if (broadcastId === undefined) return firstOf(broadcasts)
  const found = broadcasts.find((one) => one.broadcastId === broadcastId)
  if (found === undefined) throw new AppError('not_found')
  return found
}
