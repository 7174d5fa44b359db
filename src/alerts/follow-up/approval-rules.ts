import type { FollowUpKind } from '../../schema.ts'
import type { ContentLevel, DoctrineSettings } from '../../schemes/doctrine.ts'
import { needsApproval } from '../compose/doctrine.ts'
import { type AlertSubject, followUpText } from './texts.ts'

/** The facts of an alert used by the rules of its follow-ups. */
export type FollowUpSubject = Parameters<typeof needsApproval>[1] & AlertSubject

/**
 * Returns whether a follow-up needs a second person: because of the category, severity or level of its alert, or the level of its
 * own text. The all-clear with the proposed text needs none: it contains nothing new, and shopkeepers waiting behind closed
 * shutters are notified at once. With any other text it is treated like an update.
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
