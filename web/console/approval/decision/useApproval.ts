import { useQueryClient } from '@tanstack/react-query'
import type { AlertView, AudienceView } from '../../../../src/alerts/contract.ts'
import { ApiError, callApi } from '../../../api/client.ts'
import { type InDoubt, postOrder, untilKnown } from '../../../api/doubt.ts'
import { timeOf } from '../../../ui/format/format.ts'
import { useText } from '../../../ui/format/text.ts'
import { toast } from '../../../ui/toasts/toast.ts'
import { isAudienceChanged, seenAudienceBody } from '../../room/audience/seen.ts'
import { useCurrent } from '../../shell/current.tsx'
import { useAlertRefresh } from '../useAlertRefresh.ts'

export interface ApprovalOrder {
  readonly seen: AudienceView | undefined
  /** Near alerts that were confirmed. */
  readonly confirmNear: readonly string[]
  /** Reason for sending it although the facts are old, or without an answer. */
  readonly reason: string | undefined
}

/** Orders a submitted alert: approved by the second person, or by its author when nobody on call answered. */
export function useApproval(alert: AlertView, by: 'approveAlert' | 'sendUnanswered' = 'approveAlert') {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  const client = useQueryClient()
  const refresh = useAlertRefresh(alert.id)
  const order = async (
    { seen, confirmNear, reason }: ApprovalOrder,
    { onDoubt, signal: closed }: InDoubt,
  ): Promise<void> => {
    let wasLost = false
    const params = { scheme: scheme.id, id: alert.id }
    const request = { version: alert.version, ...seenAudienceBody(seen), confirmNear: [...confirmNear] }
    const send = (signal: AbortSignal) =>
      by === 'approveAlert'
        ? callApi('approveAlert', {
            params,
            body: { ...request, ...(reason !== undefined && { reason }) },
            signal,
          })
        : callApi('sendUnanswered', { params, body: { ...request, reason: reason ?? '' }, signal })
    try {
      // The user who ordered is notified of the result even if this component is gone by then.
      const taken = await untilKnown(() => postOrder(send), {
        kind: 'alert',
        onDoubt: () => {
          wasLost = true
          onDoubt?.()
        },
        ask: async (signal) => {
          const page = await callApi('getAlert', { params, signal })
          return page.alert.orderedAt === null ? null : page.alert
        },
      })
      if (wasLost) {
        const time = timeOf(lang, taken.orderedAt ?? taken.createdAt)
        void toast(t('doubt.left', { kind: 'alert', time }))
      }
    } catch (error) {
      if (wasLost && closed?.aborted && error instanceof ApiError) void toast(error.message)
      // Another user changed or decided it meanwhile, so the screen is out of date.
      if (error instanceof ApiError && error.status === 409) {
        if (!isAudienceChanged(error)) void toast(error.message)
        void client.invalidateQueries({ queryKey: ['audience', scheme.id] })
        void refresh()
      }
      throw error
    }
  }
  return { order, refresh }
}
