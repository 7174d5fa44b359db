import { sql } from 'kysely'
import type { DeliveryExplanation, DeliveryView, Progress } from '../../deliveries/contract.ts'
import { explainDelivery, findNosByPhone } from '../../deliveries/status/explain.ts'
import { findProgress, listBroadcasts, listDeliveries as listDeliveryRows } from '../../deliveries/store.ts'
import type { Deps } from '../../deps.ts'
import { AppError, refusalOf } from '../../errors.ts'
import type { Lang } from '../../i18n/format.ts'
import { type Actor, authorize } from '../../permissions.ts'
import { acrossSchemes, inScheme, type Tx } from '../../platform/db.ts'
import { deliveryViewOf, pickBroadcast, totalOf } from '../live/read.ts'

/**
 * Returns the whole history of one message of an alert, its number masked.
 * @param no its number in the alert, from 1
 * @throws AppError `not_found`
 */
export async function explainAlertDelivery(
  deps: Pick<Deps, 'db' | 'config'>,
  actor: Actor,
  schemeId: string,
  id: string,
  {
    no,
    lang,
    broadcastId,
  }: { readonly no: number; readonly lang: Lang; readonly broadcastId?: string | undefined },
): Promise<DeliveryExplanation> {
  authorize(actor, 'delivery.read', schemeId)
  const broadcasts = await inScheme(deps.db, schemeId, (tx) => listBroadcasts(tx, schemeId, [id]))
  const broadcast = pickBroadcast(broadcasts.get(id) ?? [], broadcastId)
  const found = broadcast && (await explainDelivery(deps, schemeId, broadcast.broadcastId, no, lang))
  if (found === undefined) throw new AppError('not_found')
  return { delivery: deliveryViewOf(found.row, lang, deps.config), steps: found.steps }
}

/** Selects deliveries of one alert: all of them, those in a state, or a single one. */
export interface DeliveryQuestion {
  /** Reference (63-26-0142) or id. */
  readonly alert: string
  /** Required when several schemes have the reference. */
  readonly schemeId?: string | undefined
  readonly no?: number | undefined
  /** E.164 */
  readonly phone?: string | undefined
  readonly state?: DeliveryView['state'] | undefined
  /** Deliveries listed at most. */
  readonly limit: number
}

export interface DeliveryAnswer {
  readonly schemeId: string
  readonly alertId: string
  readonly reference: string
  /** Null: not broadcast yet. */
  readonly progress: Progress | null
  /** Total number of the requested deliveries. */
  readonly total: number
  /** Whether only the figures remain: recipients are removed some time after a broadcast. */
  readonly isForgotten: boolean
  /** The first deliveries, numbers masked; empty when a single one is requested. */
  readonly deliveries: readonly DeliveryView[]
  /** The history of the delivery requested by number or phone, with its full phone number, or of the only delivery. */
  readonly explanations: readonly DeliveryExplanation[]
}

/**
 * Explains the delivery of an alert's messages to the administrator of the server. It shows the full phone number when a single
 * message is requested, so it must never be offered in the console.
 * @throws AppError `not_found` with `deliveries.unknown_alert`, `deliveries.unknown_no` or `deliveries.forgotten`;
 * `invalid_input` with `deliveries.several_schemes`
 */
export async function answerDeliveries(
  deps: Pick<Deps, 'db' | 'config'>,
  actor: Extract<Actor, { kind: 'system' }>,
  question: DeliveryQuestion,
  lang: Lang,
): Promise<DeliveryAnswer> {
  const { schemeId, id: alertId, reference } = await getNamedAlert(deps, question)
  authorize(actor, 'delivery.read', schemeId)
  const { no, phone, state } = question
  const isOne = no !== undefined || phone !== undefined
  const { broadcast, rows, nos } = await inScheme(deps.db, schemeId, (tx) =>
    findAskedDeliveries(tx, schemeId, alertId, question),
  )
  const explanations: DeliveryExplanation[] = []
  for (const one of broadcast === undefined ? [] : nos) {
    const found = await explainDelivery(deps, schemeId, broadcast!.broadcastId, one, lang)
    if (found === undefined) continue
    const view = deliveryViewOf(found.row, lang, deps.config)
    explanations.push({ delivery: isOne ? { ...view, phone: found.row.phone } : view, steps: found.steps })
  }
  if (no !== undefined && explanations.length === 0)
    throw unknownDeliveryError(no, broadcast?.progress.planned ?? 0)
  const total = isOne ? explanations.length : broadcast === undefined ? 0 : totalOf(broadcast, state)
  return {
    schemeId,
    alertId,
    reference,
    progress: broadcast?.progress ?? null,
    total,
    isForgotten: !isOne && total > 0 && rows.length === 0,
    deliveries: explanations.length > 0 ? [] : rows.map((row) => deliveryViewOf(row, lang, deps.config)),
    explanations,
  }
}

function unknownDeliveryError(no: number, planned: number): AppError {
  const code = no <= planned ? 'deliveries.forgotten' : 'deliveries.unknown_no'
  return new AppError('not_found', { problems: [{ code, values: { no: String(no), planned } }] })
}

/** Finds the broadcast of an alert, with the requested rows, and the numbers of the deliveries to explain. */
async function findAskedDeliveries(
  tx: Tx,
  schemeId: string,
  alertId: string,
  { limit, no, phone, state }: DeliveryQuestion,
) {
  const broadcast = (await findProgress(tx, schemeId, [alertId])).get(alertId)
  if (broadcast === undefined) return { broadcast, rows: [], nos: [] }
  const { broadcastId } = broadcast
  if (no !== undefined) return { broadcast, rows: [], nos: [no] }
  if (phone !== undefined)
    return { broadcast, rows: [], nos: await findNosByPhone(tx, schemeId, broadcastId, phone) }
  const rows = await listDeliveryRows(tx, schemeId, broadcastId, { state, after: 0, limit })
  const [only] = rows
  return { broadcast, rows, nos: only && rows.length === 1 ? [only.no] : [] }
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Searches all schemes, since the command line identifies an alert by its reference. */
async function getNamedAlert(
  deps: Pick<Deps, 'db'>,
  { alert, schemeId }: DeliveryQuestion,
): Promise<{ schemeId: string; id: string; reference: string }> {
  const found = await acrossSchemes(deps.db, async (tx) => {
    let alerts = tx.selectFrom('alerts').select(['schemeId', 'id', 'reference'])
    if (schemeId !== undefined) alerts = alerts.where('schemeId', '=', schemeId)
    return UUID.test(alert)
      ? alerts.where('id', '=', alert).execute()
      : alerts.where(sql`upper(reference)`, '=', alert.toUpperCase()).execute()
  })
  const [first] = found
  if (first === undefined) {
    throw new AppError('not_found', { problems: [{ code: 'deliveries.unknown_alert', values: { alert } }] })
  }
  if (found.length > 1) {
    const schemes = found.map((one) => one.schemeId).join(', ')
    throw refusalOf([{ code: 'deliveries.several_schemes', values: { schemes } }])
  }
  return first
}
