import { useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect } from 'react'
import type { ClaimView, ReportView } from '../../../../src/reports/contract.ts'
import type { SchemeView } from '../../../../src/schemes/contract.ts'
import { callApi } from '../../../api/client.ts'
import { alertQuery } from '../../../api/queries.ts'
import { useText } from '../../../ui/format/text.ts'
import { toastOf } from '../../../ui/toasts/toast.ts'
import { LINE_ID, RECORDED_ID } from '../ids.ts'
import { OPEN_TO_CHANGE } from '../order/flow.ts'
import type { Draft, useDrafts } from '../text/draft.ts'
import type { useDesk } from './desk.ts'

/** Returns a function that opens a report in the room, or a new call for null; also opens the one that another screen names. */
export function useTakeUp({
  scheme,
  desk,
  open,
  levelOf,
  onHeld,
  onOpened,
}: {
  readonly scheme: SchemeView
  readonly desk: Pick<ReturnType<typeof useDesk>, 'heldByOther'>
  readonly open: ReturnType<typeof useDrafts>['open']
  readonly levelOf: (categoryCode: string | null) => Draft['doctrine']['level'] | undefined
  /** Another person handles the report. */
  readonly onHeld: (report: ReportView, by: ClaimView) => void
  readonly onOpened: () => void
}) {
  const { signalement } = useSearch({ from: '/shell/salle' })
  const navigate = useNavigate()
  const client = useQueryClient()
  const { t } = useText()
  /** Switches to another call, with the keyboard focus and screen readers. */
  const takeUp = async (report: ReportView | null, back = false, taken = false) => {
    const by = report === null || taken ? null : desk.heldByOther(report)
    if (report !== null && by !== null) return onHeld(report, by)
    const state = report?.alert?.state
    // The second person is deciding on it: a change would take it back from them.
    if (report?.alert != null && state === 'submitted' && !back) {
      return navigate({ to: '/alertes/$alertId', params: { alertId: report.alert.id } })
    }
    if (report?.alert != null && state !== undefined && (back || OPEN_TO_CHANGE.has(state))) {
      // If its alert cannot be read, the report still opens; sending it finds the alert again.
      const page = await client.fetchQuery(alertQuery(scheme.id, report.alert.id)).catch(() => undefined)
      open(report, page?.alert)
    } else open(report, undefined, levelOf(report?.category.code ?? null))
    onOpened()
    setTimeout(() => document.getElementById(report === null ? LINE_ID : RECORDED_ID)?.focus())
  }

  // Another screen asked to continue with a report.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each report asked for
  useEffect(() => {
    if (signalement === undefined) return
    void (async () => {
      const report = await callApi('getReport', { params: { scheme: scheme.id, id: signalement } }).catch(
        () => null,
      )
      await navigate({ to: '/salle', search: {}, replace: true })
      if (report !== null) return takeUp(report, report.alert?.state === 'submitted')
      void toastOf(t('room.report.unread'), () => navigate({ to: '/salle', search: { signalement } }))
    })()
  }, [signalement])
  return takeUp
}
