import { findNearness } from '../../../../../src/alerts/near/rules.ts'
import type { ReportView } from '../../../../../src/reports/contract.ts'
import type { Draft } from '../../text/draft.ts'
import { occurredAt } from '../../text/message.ts'

/**
 * Lists the calls that wait and may be about the incident being entered, so that two operators do not write the same alert. By
 * the rule of near alerts: within half an hour, in the same commune with the same category or similar words, or in words alone.
 */
export function alikeCalls(draft: Draft, waiting: readonly ReportView[], now: Date): ReportView[] {
  const { report, categoryCode, commune } = draft
  if (categoryCode === null || commune === null) return []
  const incident = {
    categoryCode,
    communeCode: commune.code,
    point: null,
    occurredAt: new Date(report?.occurredAt ?? occurredAt(draft)),
    words: report?.facts ?? draft.facts,
  }
  return waiting.filter(
    (one) =>
      one.id !== report?.id &&
      one.exercise === draft.exercise &&
      findNearness(
        incident,
        {
          categoryCode: one.category.code,
          communeCode: one.commune.code,
          point: null,
          occurredAt: new Date(one.occurredAt),
          words: one.facts ?? '',
          leftAt: new Date(one.calledAt),
        },
        now,
        [commune.name, one.commune.name],
      ) !== undefined,
  )
}
