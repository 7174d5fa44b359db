import { Button, Loader } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { HoldButton } from '../../ui/HoldButton.tsx'
import { Failure } from '../../ui/Notice.tsx'
import { useText } from '../../ui/text.ts'
import sheet from '../room/ConfirmSheet.module.css'
import { Leaving } from '../room/ConfirmSheet.tsx'
import { HOLD_MS } from '../room/limits.ts'

/** Where the order to send something stands, and what moves it. */
export interface Departure {
  readonly step: 'read' | 'leaving' | 'sending'
  readonly failure: unknown
  readonly confirm: () => void
  readonly go: () => void
  readonly cancel: () => void
}

/**
 * @param cancelSeconds during which the order can be taken back; 0: it leaves at once
 * @param send settles when the order is taken
 */
export function useDeparture(cancelSeconds: number, send: () => Promise<void>): Departure {
  const [step, setStep] = useState<Departure['step']>('read')
  const [failure, setFailure] = useState<unknown>(null)
  const go = async () => {
    setStep('sending')
    try {
      await send()
    } catch (error) {
      setFailure(error)
      setStep('read')
    }
  }
  return {
    step,
    failure,
    confirm: () => {
      setFailure(null)
      if (cancelSeconds > 0) setStep('leaving')
      else void go()
    },
    go: () => void go(),
    cancel: () => setStep('read'),
  }
}

/** The last look before something leaves: read, hold or press twice, and a few seconds to take it back. */
export function Departing(props: {
  departure: Departure
  cancelSeconds: number
  label: string
  disabled?: boolean
  /** Not to take the focus when something before it has to be filled. */
  focus?: boolean
  onBack: () => void
  children: ReactNode
}) {
  const { t } = useText()
  const { departure, cancelSeconds } = props
  const { step, failure } = departure
  if (step === 'leaving') {
    return <Leaving seconds={cancelSeconds} onGone={departure.go} onCancel={departure.cancel} />
  }
  return (
    <>
      {props.children}
      {failure !== null && <Failure error={failure} />}
      <div className={sheet.actions}>
        {step === 'sending' ? (
          <p role="status" className={sheet.sending}>
            <Loader /> {t('confirm.sending')}
          </p>
        ) : (
          <>
            <Button variant="default" size="md" onClick={props.onBack}>
              {t('confirm.back')}
            </Button>
            <HoldButton
              holdMs={HOLD_MS}
              focus={props.focus ?? true}
              disabled={props.disabled ?? false}
              label={failure === null ? props.label : t('confirm.holdAgain')}
              armedLabel={t('confirm.once')}
              onConfirm={departure.confirm}
            />
          </>
        )}
      </div>
      {step === 'read' && <p className={sheet.how}>{t('confirm.how', { seconds: cancelSeconds })}</p>}
    </>
  )
}
