import { type ReactNode, useRef, useState } from 'react'
import { type Doubt, isGivenUp } from '../../api/doubt.ts'
import { mayPass } from '../../api/passing.ts'
import { Failure } from '../../ui/Notice.tsx'
import { useText } from '../../ui/text.ts'
import sheet from '../room/order/ConfirmSheet.module.css'
import { SendActions, type SendStep } from '../room/order/SendActions.tsx'

/** Where the order to send something stands, and what moves it. */
export interface Departure {
  readonly step: SendStep
  readonly failure: unknown
  readonly confirm: () => void
  readonly go: () => void
  readonly cancel: () => void
  /** Ends the questions about an order whose answer was lost, here. */
  readonly leave: () => void
}

/** What a sheet does while the answer to its order is lost. */
export type InDoubt = Pick<Doubt<unknown>, 'onDoubt' | 'signal'>

/**
 * @param cancelSeconds during which the order can be taken back; 0: it leaves at once
 * @param send settles when the order is taken
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
        onGone={departure.go}
      />
    </>
  )
}
