import type { Problem } from '../../errors.ts'
import { MINUTE_MS } from '../../message/clock.ts'
import type { Severity } from '../../schema.ts'
import type { DoctrineSettings } from '../../schemes/doctrine.ts'

/** Returns when an alert that nobody answered may leave; null: never, the scheme sets no limit for its severity. */
export function unansweredFrom(
  { unansweredMinutes }: Pick<DoctrineSettings, 'unansweredMinutes'>,
  { severity, submittedAt }: { readonly severity: Severity; readonly submittedAt: number },
): number | null {
  const minutes = unansweredMinutes[severity]
  return minutes === null ? null : submittedAt + minutes * MINUTE_MS
}

/** Returns why what was submitted cannot leave without an answer of the second person. */
export function unansweredRefusals(
  settings: Pick<DoctrineSettings, 'unansweredMinutes'>,
  alert: {
    readonly severity: Severity
    /** Milliseconds; null: it is not submitted. */
    readonly submittedAt: number | null
    /** Whether the content is what was submitted. */
    readonly same: boolean
  },
  now: number,
): Problem[] {
  const { severity, submittedAt, same } = alert
  if (submittedAt === null) return [{ code: 'doctrine.approval_needed', path: 'approval' }]
  const from = unansweredFrom(settings, { severity, submittedAt })
  if (from === null) return [{ code: 'doctrine.unanswered_off' }]
  const problems: Problem[] = []
  if (now < from) {
    problems.push({
      code: 'doctrine.unanswered_early',
      values: { minutes: Math.ceil((from - now) / MINUTE_MS) },
    })
  }
  if (!same) problems.push({ code: 'doctrine.changed_since_approval', path: 'approval' })
  return problems
}
