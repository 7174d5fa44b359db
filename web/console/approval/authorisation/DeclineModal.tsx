import type { AlertView } from '../../../../src/alerts/contract.ts'
import type { FollowUpView } from '../../../../src/alerts/follow-up/contract.ts'
import { callApi } from '../../../api/client.ts'
import { useText } from '../../../ui/format/text.ts'
import { useCurrent } from '../../shell/current.tsx'
import { DecideModal } from '../decision/DecideModal.tsx'
import { useAlertRefresh } from '../useAlertRefresh.ts'

/** Asks a magistrate why they decline the authorisation; the author reads it. */
export function DeclineModal(props: {
  alert: AlertView
  followUp?: FollowUpView | undefined
  onClose: () => void
}) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const { alert, followUp } = props
  const refresh = useAlertRefresh(alert.id)
  return (
    <DecideModal
      verb="reject"
      title={t('authorisation.decline.title')}
      what={t('authorisation.decline.what')}
      confirm={t('authorisation.decline.confirm')}
      decide={async (reason) => {
        const params = { scheme: scheme.id, id: alert.id }
        const body = { version: (followUp ?? alert).version, reason }
        await (followUp === undefined
          ? callApi('declineAuthorisation', { params, body })
          : callApi('declineFollowUpAuthorisation', { params: { ...params, followUp: followUp.id }, body }))
        props.onClose()
        await refresh()
      }}
      onClose={props.onClose}
    />
  )
}
