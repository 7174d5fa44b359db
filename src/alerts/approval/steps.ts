import { recordAudit } from '../../audit/record.ts'
import { type Actor, actorName } from '../../permissions.ts'
import type { Tx } from '../../platform/db.ts'
import type { Mandate } from '../compose/doctrine.ts'
import { recordAlertEvent } from '../order/events.ts'
import type { MessageVersion } from './messages.ts'

/** The steps of a message, each with the verb of its audit action. */
const VERBS = {
  submitted: 'submit',
  returned: 'return',
  rejected: 'reject',
  discarded: 'discard',
  reviewed: 'review',
} as const

interface Step {
  readonly step: keyof typeof VERBS
  readonly at: Date
  readonly by: string
  readonly reason?: string
  /** Details for the timeline. */
  readonly shown?: Readonly<Record<string, string>>
  /** Details for the audit record. */
  readonly audited: Readonly<Record<string, string | number>>
}

/** Records a step of the approval of a message in the timeline of its alert and in the audit log. */
export async function recordStep(
  tx: Tx,
  actor: Actor,
  message: MessageVersion,
  { step, at, by, reason, shown, audited }: Step,
): Promise<void> {
  const { schemeId, alertId, followUpId, kind, version } = message
  await recordAlertEvent(tx, schemeId, alertId, {
    at,
    kind: kind === null ? step : `follow_up_${step}`,
    by,
    ...(reason !== undefined && { reason }),
    details: { ...(kind !== null && { kind }), ...shown },
  })
  await recordAudit(tx, schemeId, at, {
    actor: actorName(actor),
    action: kind === null ? `alert.${VERBS[step]}` : `follow_up.${VERBS[step]}`,
    subject: `alert:${alertId}`,
    details: { ...(kind !== null && { followUp: followUpId, kind, version }), ...audited },
  })
}

/** Records in the timeline that a message left by a second person's approval, or without it. The order has its own audit record. */
export async function recordMandate(
  tx: Tx,
  { schemeId, alertId, kind }: Pick<MessageVersion, 'schemeId' | 'alertId' | 'kind'>,
  mandate: Mandate,
  { at, by }: { readonly at: Date; readonly by: string },
): Promise<void> {
  if (mandate.kind === 'own') return
  const reason = mandate.reason?.trim()
  await recordAlertEvent(tx, schemeId, alertId, {
    at,
    kind: kind === null ? mandate.kind : `follow_up_${mandate.kind}`,
    by,
    ...(reason && { reason }),
    ...(kind !== null && { details: { kind } }),
  })
}
