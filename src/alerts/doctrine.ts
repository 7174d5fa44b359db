import type { Severity } from '../schema.ts'
import type { DoctrineAnswers, DoctrineSettings } from '../schemes/doctrine.ts'

/** Whether an alert needs a second person to leave. */
export function needsApproval(
  settings: Pick<DoctrineSettings, 'approval'>,
  alert: {
    readonly categoryCode: string
    readonly severity: Severity
    readonly doctrine: Pick<DoctrineAnswers, 'level'>
  },
): boolean {
  return settings.approval.some(
    ({ categories, severities, level }) =>
      (categories === 'all' || categories.includes(alert.categoryCode)) &&
      (severities === 'all' || severities.includes(alert.severity)) &&
      (level === undefined || level === alert.doctrine.level),
  )
}
