import { withReference } from '../../message/reference.ts'
import type { HoldReason } from '../../schema.ts'

/** An alert that was held back from one recipient. */
export interface HeldBackAlert {
  readonly reference: string
  /** "Faux billets" */
  readonly category: string
  readonly commune: string
  readonly heldAt: Date
  readonly reason: HoldReason
  /** Whether the alert has ended by now. */
  readonly closed: boolean
}

const paris = new Intl.DateTimeFormat('fr-FR', {
  timeZone: 'Europe/Paris',
  day: '2-digit',
  month: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
})

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
export function digestText(alerts: readonly [HeldBackAlert, ...HeldBackAlert[]]): string {
  const [first] = alerts
  const reasons = new Set(alerts.map(({ reason }) => reason))
  const reason = why[reasons.size === 1 ? first.reason : 'both']
  const part = new Map(paris.formatToParts(first.heldAt).map(({ type, value }) => [type, value]))
  const at = `${part.get('day')}/${part.get('month')} à ${part.get('hour')}h${part.get('minute')}`
  const over = first.closed ? ' (terminée)' : ''
  const headline = `${first.category}, ${first.commune}, ${at}${over}`
  const text =
    alerts.length === 1
      ? `1 alerte mise de côté ${reason} : ${headline}. Détail sur votre page.`
      : `${alerts.length} alertes mises de côté ${reason}, dont : ${headline}. Détail sur votre page.`
  return withReference(text, first.reference)
}
