import { Button, Modal } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useEffect, useRef, useState } from 'react'
import type { AlertView } from '../../../../src/alerts/contract.ts'
import type { FollowUpKind, FollowUpView } from '../../../../src/alerts/follow-up/contract.ts'
import { callApi } from '../../../api/client.ts'
import { useAction } from '../../../api/useAction.ts'
import { DialogButtons } from '../../../ui/dialog/DialogButtons.tsx'
import { useText } from '../../../ui/format/text.ts'
import { KeepFocus } from '../../../ui/KeepFocus.tsx'
import { Failure } from '../../../ui/Notice.tsx'
import sheet from '../../room/order/ConfirmSheet.module.css'
import { useCurrent } from '../../shell/current.tsx'
import { FollowUpLook } from './FollowUpLook.tsx'
import { FollowUpWriting, TEXT_ID } from './FollowUpWriting.tsx'
import { useFollowUpDraft } from './useFollowUpDraft.ts'
import { useFollowUpOrder } from './useFollowUpOrder.ts'

/**
 * `look`: the final check before it is sent or submitted; `alone`: a chief gives the reason to send it without a second
 * person; `quiet`: asks whether to end the alert without notifying the recipients.
 */
type Step = 'write' | 'look' | 'alone' | 'quiet'

/** A form for a message to exactly the recipients of the alert: its text, its look on a phone, its reach. */
export function FollowUpForm(props: {
  kind: FollowUpKind
  alert: AlertView
  /** A pending follow-up, opened to be changed. */
  from: FollowUpView | null
  /** Keys typed before the form had loaded. */
  typed: () => string
  onDone: (said: string) => Promise<void>
  onClose: () => void
}) {
  const { t } = useText()
  const { scheme, may } = useCurrent()
  const { kind, alert, from } = props
  const [step, setStep] = useState<Step>('write')
  const form = useForm({ initialValues: { reason: '' } })
  const writing = useFollowUpDraft({ kind, alert, from })
  const { whole, needed, isAuthorised } = writing
  const cancelSeconds = whole?.doctrine.cancelWindowSeconds ?? 0
  const order = useFollowUpOrder({ kind, alert, writing, form, cancelSeconds, onDone: props.onDone })
  const { departure, alone, isInDoubt } = order
  const end = useAction(() => callApi('endAlert', { params: { scheme: scheme.id, id: alert.id } }), {
    onSuccess: () => order.done(t('followUp.endedQuietly')),
  })
  const isBusy = order.isSending || end.isPending

  // Waits until the form is visible again, since a hidden element takes no focus.
  const isBack = useRef(false)
  useEffect(() => {
    if (step !== 'write' || !isBack.current) return
    isBack.current = false
    document.getElementById(TEXT_ID)?.focus()
  }, [step])
  const write = () => {
    isBack.current = true
    setStep('write')
  }
  const close = () => {
    if (isInDoubt) {
      order.leave()
      return props.onClose()
    }
    if (isBusy) return
    if (departure.step === 'leaving') departure.cancel()
    else if (alone.step === 'leaving') alone.cancel()
    else if (step === 'write') props.onClose()
    else if (step === 'alone') setStep('look')
    else write()
  }
  const look = () => {
    if (!writing.missing && !isBusy) setStep('look')
  }

  return (
    <Modal
      opened
      transitionProps={{ duration: 0 }}
      onClose={close}
      size={720}
      title={step === 'look' && needed ? t('followUp.submit.title') : t(`followUp.${kind}.title`)}
      closeOnClickOutside={step === 'write'}
      closeButtonProps={{
        'aria-label': t('action.close'),
        className:
          isInDoubt || (!isBusy && departure.step !== 'leaving' && alone.step !== 'leaving')
            ? ''
            : (sheet.away ?? ''),
      }}
    >
      <KeepFocus />
      <FollowUpWriting
        kind={kind}
        alert={alert}
        from={from}
        writing={writing}
        hidden={step !== 'write'}
        lost={order.lost}
        typed={props.typed}
        onLook={look}
        onRestart={write}
        onQuiet={() => setStep('quiet')}
        onClose={props.onClose}
      />
      {(step === 'look' || step === 'alone') && (
        <FollowUpLook
          alert={alert}
          segments={writing.segments}
          preview={writing.preview}
          needed={needed}
          authorised={isAuthorised}
          cancelSeconds={cancelSeconds}
          departure={departure}
          submit={order.submit}
          isAsking={order.isAsking}
          alone={
            needed && may('alert.override') && whole?.doctrine.emergencyOverride === true && isAuthorised
              ? { departure: alone, isOpen: step === 'alone', form, open: setStep }
              : null
          }
          onBack={isInDoubt ? close : write}
        />
      )}
      {step === 'quiet' && (
        <>
          <p>{t('followUp.endQuietly.what')}</p>
          <Failure error={end.failure} />
          <DialogButtons onBack={write} startsOnBack>
            <Button color="red" loading={end.isPending} onClick={() => end.mutate()}>
              {t('followUp.endQuietly')}
            </Button>
          </DialogButtons>
        </>
      )}
    </Modal>
  )
}
