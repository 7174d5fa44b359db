import { Button, Loader } from '@mantine/core'
import { isTouchDevice } from '../../../ui/account/device.ts'
import { HoldButton } from '../../../ui/fields/HoldButton.tsx'
import { useText } from '../../../ui/format/text.ts'
import { Countdown, type SendStep } from '../../room/order/SendActions.tsx'
import { HOLD_MS } from '../../room/text/limits.ts'
import type { Verb } from '../decision/DecideModal.tsx'
import classes from './ApproverPage.module.css'

/** The button that is held to decide, 60 px high, with its way back while the order waits to leave. */
export function DecideByHolding(props: {
  label: string
  /** The second line: whom it reaches, or what it covers. */
  small: string
  step: SendStep
  disabled: boolean
  cancelSeconds: number
  onConfirm: () => void
  onCountdownOver: () => void
}) {
  const { t } = useText()
  const { step } = props
  return (
    <div className={classes.hold}>
      <HoldButton
        holdMs={HOLD_MS}
        focus={false}
        disabled={props.disabled}
        label={
          <span className={classes.label}>
            {props.label}
            <small>{props.small}</small>
          </span>
        }
        armedLabel={t('confirm.once', { touch: isTouchDevice() ? 'yes' : 'no' })}
        busy={
          step === 'leaving' ? (
            <Countdown seconds={props.cancelSeconds} onCountdownOver={props.onCountdownOver} />
          ) : step === 'read' ? null : (
            <>
              <Loader size={18} aria-hidden /> {t(step === 'asking' ? 'doubt.asked' : 'confirm.sending')}
            </>
          )
        }
        onConfirm={props.onConfirm}
      />
    </div>
  )
}

/** The two other decisions, side by side; while the order waits to leave, the button that cancels it. */
export function OtherDecisions(props: {
  step: SendStep
  onCancel: () => void
  onDecide: (verb: Verb) => void
}) {
  const { t } = useText()
  const { step } = props
  if (step === 'leaving') {
    return (
      <Button variant="default" className={classes.side ?? ''} onClick={props.onCancel}>
        {t('confirm.cancel')}
      </Button>
    )
  }
  return (
    <div className={classes.sides}>
      <Button
        variant="default"
        className={classes.side ?? ''}
        disabled={step !== 'read'}
        onClick={() => props.onDecide('return')}
      >
        {t('approver.return')}
      </Button>
      <Button
        variant="default"
        className={`${classes.side ?? ''} ${classes.refuse ?? ''}`}
        disabled={step !== 'read'}
        onClick={() => props.onDecide('reject')}
      >
        {t('approver.reject')}
      </Button>
    </div>
  )
}
