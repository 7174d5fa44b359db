import { hourOf, localTimeOf } from '../../message/clock.ts'
import { withReference } from '../../message/reference.ts'
import type { HoldReason } from '../../schema.ts'

/** An alert that was held back from one recipient. */
export interface HeldBackAlert {
  readonly reference: string
  /** "Faux billets, agglomération d'Issoire", "Vol à main armée à Billom". */
  readonly event: string
  readonly heldAt: Date
  readonly reason: HoldReason
  /** Whether the alert has ended by now. */
  readonly closed: boolean
}

const why: Readonly<Record<HoldReason | 'both', string>> = {
  quiet: 'pendant vos heures calmes',
  fatigue: 'pour ne pas trop vous solliciter',
  both: 'pour vous',
}

/**
 * Returns the text of a digest: how many alerts were held back, and the kind and place of the first. The alerts' own
 * texts are left out, since they may contain details that were only meant for that moment.
 * @param alerts at least one, oldest first
 */
export function digestText(alerts: readonly [HeldBackAlert, ...HeldBackAlert[]], timeZone: string): string {
  const [first] = alerts
  const reasons = new Set(alerts.map(({ reason }) => reason))
  const reason = why[reasons.size === 1 ? first.reason : 'both']
  const { day, month } = localTimeOf(first.heldAt.getTime(), timeZone)
  const at = `${day}/${month} à ${hourOf(first.heldAt.getTime(), timeZone)}`
  const over = first.closed ? ' (terminée)' : ''
  const headline = `${first.event}, ${at}${over}`
  const text =
    alerts.length === 1
      ? `1 alerte gardée ${reason} : ${headline}. Détail sur votre page.`
      : `${alerts.length} alertes gardées ${reason}, dont : ${headline}. Détail sur votre page.`
  return withReference(text, first.reference)
}
