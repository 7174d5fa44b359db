import type { FollowUpKind } from '../../schema.ts'
import type { ContentLevel, DoctrineSettings } from '../../schemes/doctrine.ts'
import { needsApproval } from '../compose/doctrine.ts'
import { type AlertSubject, followUpText } from './texts.ts'

/** What the texts and the rules of what follows an alert must know of it. */
export type FollowUpSubject = Parameters<typeof needsApproval>[1] & AlertSubject

/**
 * Whether a follow-up needs a second person to leave: where its alert did, for its category, its severity or what it
 * told, and for what its own text tells. The all-clear in the words that the product proposes needs none: it tells
 * nothing new, and whoever waits behind a closed shutter is told at once. In other words it is judged as an update is.
 */
export function followUpNeedsApproval(
  settings: Pick<DoctrineSettings, 'approval'>,
  alert: FollowUpSubject,
  followUp: { readonly kind: FollowUpKind; readonly text: string; readonly level: ContentLevel },
): boolean {
  if (followUp.kind === 'all_clear' && followUp.text.trim() === followUpText('all_clear', alert)) return false
  const { categoryCode, severity } = alert
  return [alert.doctrine.level, followUp.level].some((level) =>
    needsApproval(settings, { categoryCode, severity, doctrine: { level } }),
  )
}
