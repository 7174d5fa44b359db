import type { AlertState, DeliveryState } from '../../api/queries.ts'
import { useText } from '../../ui/format/text.ts'
import { StateTag, type Tone } from '../../ui/StateTag.tsx'

const tones: Record<AlertState, Tone> = {
  draft: 'neutral',
  submitted: 'open',
  returned: 'warn',
  rejected: 'bad',
  approved: 'good',
  broadcasting: 'live',
  active: 'open',
  updated: 'open',
  ended: 'neutral',
  cancelled: 'warn',
  expired: 'neutral',
  discarded: 'neutral',
}

export function AlertStateTag(props: { state: AlertState }) {
  const { t } = useText()
  return <StateTag tone={tones[props.state]}>{t(`alert.state.${props.state}`)}</StateTag>
}

const deliveryTones: Record<DeliveryState, Tone> = {
  planned: 'neutral',
  accepted: 'neutral',
  delivered: 'good',
  in_doubt: 'warn',
  failed: 'bad',
  expired: 'neutral',
  withdrawn: 'neutral',
}

export function DeliveryStateTag(props: { state: DeliveryState }) {
  const { t } = useText()
  return <StateTag tone={deliveryTones[props.state]}>{t(`delivery.state.${props.state}`)}</StateTag>
}
