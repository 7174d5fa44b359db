import type { AlertView } from '../../../../src/alerts/contract.ts'
import type { FollowUpView } from '../../../../src/alerts/follow-up/contract.ts'
import { callApi } from '../../../api/client.ts'
import { useText } from '../../../ui/format/text.ts'
import { useCurrent } from '../../shell/current.tsx'
import { DecideModal, type Verb } from './DecideModal.tsx'

/** Asks for the reason, and returns or rejects what was submitted: an alert, or the follow-up. */
export function ReturnOrReject(props: {
  verb: Verb
  alert: AlertView
  followUp?: FollowUpView
  /** Whether to offer the usual reasons. */
  presets?: boolean
  /** Called once the server has accepted it, with what to say to the user. */
  onDecided: (said: string) => Promise<void>
  onClose: () => void
}) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const { verb, alert, followUp } = props
  const shared = { verb, onClose: props.onClose, presets: props.presets === true }
  const params = { scheme: scheme.id, id: alert.id }
  if (followUp === undefined)
    return (
      <DecideModal
        {...shared}
        decide={async (reason) => {
          await callApi(verb === 'return' ? 'returnAlert' : 'rejectAlert', {
            params,
            body: { version: alert.version, reason },
          })
          await props.onDecided(t(`approvals.done.${verb}`))
        }}
      />
    )
  return (
    <DecideModal
      {...shared}
      title={t(`followUp.${verb}.title`)}
      what={t(`followUp.${verb}.what`)}
      decide={async (reason) => {
        await callApi(verb === 'return' ? 'returnFollowUp' : 'rejectFollowUp', {
          params: { ...params, followUp: followUp.id },
          body: { version: followUp.version, reason },
        })
        await props.onDecided(t(`followUp.done.${verb}`))
      }}
    />
  )
}
