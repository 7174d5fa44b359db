import { type ReactNode, useRef, useState } from 'react'
import { type InDoubt, isGivenUp } from '../../../api/doubt.ts'
import { mayPass } from '../../../api/passing.ts'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import sheet from '../../room/order/ConfirmSheet.module.css'
import { SendActions, type SendStep } from '../../room/order/SendActions.tsx'

/** The state of an order to send, and the functions that change it. */
export interface Departure {
  readonly step: SendStep
  readonly failure: unknown
  readonly confirm: () => void
  readonly go: () => void
  readonly cancel: () => void
  /** Stops asking for the result of an order with a lost response. */
  readonly leave: () => void
}

/**
 * Runs an order from its confirmation to its result.
 * @param cancelSeconds seconds in which the order can be cancelled; 0: it is sent at once
 * @param send settles when the order has been accepted
 */
export function useDeparture(cancelSeconds: number, send: (doubt: InDoubt) => Promise<void>): Departure {
  const [step, setStep] = useState<SendStep>('read')
  const [failure, setFailure] = useState<unknown>(null)
  const asking = useRef<AbortController | null>(null)
  const go = async () => {
    setFailure(null)
    setStep('sending')
    asking.current = new AbortController()
    try {
      await send({ onDoubt: () => setStep('asking'), signal: asking.current.signal })
    } catch (error) {
      if (isGivenUp(error)) return
      setFailure(error)
      setStep('read')
    }
  }
  return {
    step,
    failure,
    confirm: () => {
      if (cancelSeconds > 0) setStep('leaving')
      else void go()
    },
    go: () => void go(),
    cancel: () => setStep('read'),
    leave: () => asking.current?.abort(),
  }
}

/** The final check before something is sent: read it, hold or press twice, and a few seconds to cancel. */
export function Departing(props: {
  departure: Departure
  cancelSeconds: number
  label: string
  disabled?: boolean
  /** Whether not to take the focus, since a field before the button must be filled in first. */
  focus?: boolean
  onBack: () => void
  children: ReactNode
}) {
  const { t } = useText()
  const { departure, cancelSeconds } = props
  const { failure } = departure
  return (
    <>
      {props.children}
      {failure !== null && (
        <div className={departure.step === 'leaving' ? (sheet.away ?? '') : ''}>
          <Failure error={failure} />
        </div>
      )}
      <SendActions
        step={departure.step}
        cancelSeconds={cancelSeconds}
        kind="message"
        focus={props.focus ?? true}
        disabled={props.disabled ?? false}
        label={failure === null ? props.label : t('confirm.holdAgain')}
        {...(failure !== null && !mayPass(failure) && { instead: null })}
        onBack={props.onBack}
        onConfirm={departure.confirm}
        onCancel={departure.cancel}
        onCountdownOver={departure.go}
      />
    </>
  )
}
