import { Modal } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { AlertView } from '../../../../src/alerts/contract.ts'
import { followUpText } from '../../../../src/alerts/follow-up/texts.ts'
import { schemeQuery } from '../../../api/queries.ts'
import { useText } from '../../../ui/format/text.ts'
import { KeepFocus } from '../../../ui/KeepFocus.tsx'
import sheet from '../../room/order/ConfirmSheet.module.css'
import { partsAsSent } from '../../room/order/sent.ts'
import { useCurrent } from '../../shell/current.tsx'
import { followUpPreviewQuery } from '../queries.ts'
import { Departing } from './Departure.tsx'
import { FollowUpRead } from './FollowUpLook.tsx'
import { OutcomeFields, type OutcomeValues } from './OutcomeFields.tsx'
import { useOutcomeOrder } from './useOutcomeOrder.ts'

/**
 * A form for the outcome of an alert. Recipients who never hear what came of alerts stop reading them, so the outcome
 * is sent to them with thanks.
 */
export function OutcomeForm(props: {
  alert: AlertView
  onDone: (said: string) => Promise<void>
  onClose: () => void
}) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const { alert } = props
  const isThanked = alert.broadcasts.some(({ kind }) => kind === 'thanks')
  const form = useForm<OutcomeValues>({
    initialValues: {
      outcome: alert.outcome?.outcome ?? null,
      note: alert.outcome?.note ?? '',
      thank: !isThanked,
    },
  })
  const { outcome, thank } = form.values
  const preview = useQuery({ ...followUpPreviewQuery(scheme.id, alert.id), enabled: !isThanked })
  const cancelSeconds = useQuery(schemeQuery(scheme.id)).data?.doctrine.cancelWindowSeconds ?? 0
  const order = useOutcomeOrder({ alert, form, isThanked, cancelSeconds, onDone: props.onDone })
  const { departure, record } = order
  // Thanks go to all recipients, with the same final check as any other message.
  const [isLooking, setLooking] = useState(false)
  const close = () => {
    if (departure.step === 'leaving') departure.cancel()
    else if (departure.step === 'asking') {
      departure.leave()
      props.onClose()
    } else if (departure.step === 'sending') return
    else if (isLooking) setLooking(false)
    else props.onClose()
  }
  const isThanking = thank && !isThanked && preview.data?.recipients !== 0
  const segments = outcome === null ? null : partsAsSent({ ...alert, text: followUpText(outcome, alert) })
  return (
    <Modal
      opened
      transitionProps={{ duration: 0 }}
      onClose={close}
      size={720}
      title={t('outcome.title')}
      closeOnClickOutside={!isLooking}
      closeButtonProps={{
        'aria-label': t('action.close'),
        className: departure.step === 'read' || departure.step === 'asking' ? '' : (sheet.away ?? ''),
      }}
    >
      <KeepFocus />
      {isLooking && segments !== null && (
        <Departing
          departure={departure}
          cancelSeconds={cancelSeconds}
          label={t('followUp.hold')}
          onBack={() => (departure.step === 'asking' ? close() : setLooking(false))}
        >
          <FollowUpRead alert={alert} segments={segments} preview={preview} />
        </Departing>
      )}
      <OutcomeFields
        alert={alert}
        form={form}
        preview={preview}
        segments={segments}
        isThanked={isThanked}
        isThanking={isThanking}
        hidden={isLooking}
        record={record}
        onSubmit={() => {
          if (outcome === null || record.isPending) return
          if (isThanking) setLooking(true)
          else record.mutate({ outcome, thank: false })
        }}
        onBack={props.onClose}
      />
    </Modal>
  )
}
