import type { AlertView } from '../../../../src/alerts/contract.ts'
import type { FollowUpView } from '../../../../src/alerts/follow-up/contract.ts'
import { callApi } from '../../../api/client.ts'
import { postOrder, untilKnown } from '../../../api/doubt.ts'
import { timeOf } from '../../../ui/format/format.ts'
import { useText } from '../../../ui/format/text.ts'
import { type Departure, useDeparture } from '../../alerts/follow-up/Departure.tsx'
import { useCurrent } from '../../shell/current.tsx'

/**
 * Sends a submitted follow-up: approved by the second person, or by its author when nobody on call answered.
 * @param unanswered the reason, when nobody answered
 * @param onSent gets what to say to the user
 */
export function useFollowUpApproval(
  { alert, followUp }: { readonly alert: AlertView; readonly followUp: FollowUpView },
  {
    cancelSeconds,
    unanswered,
    onSent,
  }: {
    readonly cancelSeconds: number
    readonly unanswered?: string
    readonly onSent: (said: string) => Promise<void>
  },
): Departure {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  return useDeparture(cancelSeconds, async ({ onDoubt }) => {
    let wasLost = false
    const params = { scheme: scheme.id, id: alert.id, followUp: followUp.id }
    const { version } = followUp
    const view = await untilKnown(
      () =>
        postOrder((signal) =>
          unanswered === undefined
            ? callApi('approveFollowUp', { params, body: { version }, signal })
            : callApi('sendUnansweredFollowUp', { params, body: { version, reason: unanswered }, signal }),
        ),
      {
        kind: 'message',
        onDoubt: () => {
          wasLost = true
          onDoubt?.()
        },
        ask: async (signal) => {
          const page = await callApi('getAlert', { params: { scheme: scheme.id, id: alert.id }, signal })
          const now = page.alert.followUps.find(({ id }) => id === followUp.id)
          return now?.state === 'ordered' ? page.alert : null
        },
      },
    )
    const sentAt = view.broadcasts.at(-1)?.orderedAt ?? view.createdAt
    await onSent(
      wasLost
        ? t('doubt.left', { kind: 'message', time: timeOf(lang, sentAt) })
        : t(unanswered === undefined ? 'followUp.approvedNow' : 'followUp.unansweredNow'),
    )
  })
}
