import { Button, Loader, RingProgress } from '@mantine/core'
import { type KeyboardEvent, type ReactNode, useEffect, useState } from 'react'
import type { OrderKind } from '../../../api/doubt.ts'
import { isTouchDevice } from '../../../ui/account/device.ts'
import { HoldButton } from '../../../ui/fields/HoldButton.tsx'
import { useText } from '../../../ui/format/text.ts'
import { HOLD_MS } from '../text/limits.ts'
import classes from './ConfirmSheet.module.css'

/**
 * `read`: the sheet is read, not confirmed yet; `leaving`: confirmed, and can still be cancelled; `sending`: the order is with the server; `asking`: its response is
 * lost, and the server is asked for the result.
 */
export type SendStep = 'read' | 'leaving' | 'sending' | 'asking'

/**
 * The bottom of a sheet that sends: a back button, and the button to hold. After the confirmation that button keeps its
 * place and counts down, and a cancel button replaces the back button, so that it is never under the finger that holds.
 */
export function SendActions(props: {
  step: SendStep
  /** Seconds in which the order can be cancelled; 0: it is sent at once. */
  cancelSeconds: number
  /** The kind of message, for the texts about its result. */
  kind: OrderKind
  label: string
  /** Shown instead of the button while nothing can be sent; null: only the back button. */
  instead?: ReactNode
  disabled?: boolean
  /** Whether the button takes the focus as it appears (default); false when a field before it must be filled in first. */
  focus?: boolean
  onBack: () => void
  onConfirm: () => void
  onCancel: () => void
  /** Called when the time to cancel is over. */
  onCountdownOver: () => void
}) {
  const { t } = useText()
  const { step, cancelSeconds } = props
  return (
    <>
      {step === 'asking' && (
        <p role="status" className={classes.warn}>
          {t('doubt.asking', { kind: props.kind })}
        </p>
      )}
      <div className={classes.send}>
        <BackOrCancel step={step} onBack={props.onBack} onCancel={props.onCancel} />
        {props.instead}
        {props.instead === undefined && (
          <HoldButton
            holdMs={HOLD_MS}
            focus={props.focus ?? true}
            disabled={props.disabled ?? false}
            label={props.label}
            armedLabel={t('confirm.once', { touch: isTouchDevice() ? 'yes' : 'no' })}
            busy={
              step === 'read' ? null : step === 'leaving' ? (
                <Countdown seconds={cancelSeconds} onCountdownOver={props.onCountdownOver} />
              ) : (
                <Sending isAsking={step === 'asking'} />
              )
            }
            onConfirm={props.onConfirm}
          />
        )}
      </div>
      {props.instead === undefined && (
        <p className={`${classes.how} ${step === 'read' ? '' : classes.away}`}>
          {t('confirm.how', { seconds: cancelSeconds, touch: isTouchDevice() ? 'yes' : 'no' })}
        </p>
      )}
    </>
  )
}

/** The button beside the one to hold: back to the form, or no order at all while it is leaving. */
function BackOrCancel(props: { step: SendStep; onBack: () => void; onCancel: () => void }) {
  const { t } = useText()
  return props.step === 'leaving' ? (
    <Button size="md" variant="default" onClick={props.onCancel} onKeyDown={ignoreEnter}>
      {t('confirm.cancel')} <kbd className={classes.key}>{t('key.escape')}</kbd>
    </Button>
  ) : (
    <Button
      size="md"
      variant="default"
      onClick={props.onBack}
      className={props.step === 'sending' ? (classes.away ?? '') : ''}
    >
      {t('confirm.back')}
    </Button>
  )
}

/** Says that the server has the order, or is asked for its result. */
function Sending({ isAsking }: { isAsking: boolean }) {
  const { t } = useText()
  return (
    <>
      <Loader size={18} aria-hidden /> {t(isAsking ? 'doubt.asked' : 'confirm.sending')}
    </>
  )
}

/** Counts down the seconds in which the order can be cancelled. */
export function Countdown(props: { seconds: number; onCountdownOver: () => void }) {
  const { t } = useText()
  const [left, setLeft] = useState(props.seconds)
  const { onCountdownOver } = props
  // biome-ignore lint/correctness/useExhaustiveDependencies: one countdown, from its first showing
  useEffect(() => {
    const end = performance.now() + props.seconds * 1000
    const timer = setInterval(() => {
      const remaining = (end - performance.now()) / 1000
      if (remaining > 0) return setLeft(remaining)
      clearInterval(timer)
      onCountdownOver()
    }, 50)
    return () => clearInterval(timer)
  }, [])
  return (
    <>
      <RingProgress
        size={32}
        thickness={3}
        roundCaps
        aria-hidden
        sections={[{ value: (100 * left) / props.seconds, color: 'var(--accent)' }]}
        label={<span className={classes.count}>{Math.ceil(left)}</span>}
      />
      {t('confirm.leaving')}
    </>
  )
}

/** One Enter too many must not cancel what was just confirmed; Escape, Space and the pointer do. */
function ignoreEnter(event: KeyboardEvent): void {
  if (event.key === 'Enter') event.preventDefault()
}
