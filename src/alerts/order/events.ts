import { markForSealing } from '../../cipher/marked.ts'
import type { Tx } from '../../platform/db.ts'
import type { AlertEvent } from '../contract.ts'

/** A step of an alert that is not stored in its own columns. */
export interface RecordedEvent {
  readonly at: Date
  readonly kind: AlertEvent['kind']
  /** Display name of the actor; null: no user did it. */
  readonly by: string | null
  readonly reason?: string
  /** Names and figures for its text. */
  readonly details?: Readonly<Record<string, string | number>>
}

/** Adds a step to the timeline of an alert, in the transaction that takes it. */
export async function recordAlertEvent(
  tx: Tx,
  schemeId: string,
  alertId: string,
  event: RecordedEvent,
): Promise<void> {
  const { at, kind, by } = event
  const { reason = null, details = {} } = ABOUT_AUTHORISATIONS.includes(kind)
    ? sealEvent(schemeId, event)
    : event
  await tx
    .insertInto('alertEvents')
    .values({
      schemeId,
      alertId,
      at,
      kind,
      by,
      reason,
      details: JSON.stringify(details),
    })
    .execute()
}

/** Steps that say who authorised what. */
const ABOUT_AUTHORISATIONS: readonly AlertEvent['kind'][] = [
  'authorised',
  'authorisation_asked',
  'authorisation_declined',
  'authorisation_confirmed',
  'authorisation_denied',
]

function sealEvent(schemeId: string, { reason, details = {} }: RecordedEvent) {
  const seal = (text: string) => markForSealing(schemeId, 'authorisation', text)
  const entries = Object.entries(details).map(([name, value]) => [
    name,
    typeof value === 'string' ? seal(value) : value,
  ])
  return {
    reason: reason === undefined ? null : seal(reason),
    details: Object.fromEntries(entries) as Record<string, string | number>,
  }
}

/** Lists the steps of an alert in the order they were recorded. */
export async function listAlertEvents(tx: Tx, schemeId: string, alertId: string): Promise<AlertEvent[]> {
  const rows = await tx
    .selectFrom('alertEvents')
    .select(['at', 'kind', 'by', 'reason', 'details'])
    .where('schemeId', '=', schemeId)
    .where('alertId', '=', alertId)
    .orderBy('seq')
    .execute()
  return rows.map(({ at, kind, by, reason, details }) => ({
    at: at.toISOString(),
    kind: kind as AlertEvent['kind'],
    by,
    reason,
    values: details,
  }))
}
