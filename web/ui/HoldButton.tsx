import { Button } from '@mantine/core'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import classes from './HoldButton.module.css'

/** How long the first Enter waits for the second. */
const ARMED_MS = 4000

/**
 * A button for what cannot be undone: held for a while by mouse or finger, or pressed twice by keyboard (Enter or
 * Space) or assistive technology. One press alone only says what to do.
 */
export function HoldButton(props: {
  holdMs: number
  disabled?: boolean
  /** Not to take the focus when something before it has to be filled. */
  focus?: boolean
  label: ReactNode
  armedLabel: ReactNode
  onConfirm: () => void
}) {
  const { holdMs, onConfirm } = props
  const [holding, setHolding] = useState(false)
  const [armed, setArmed] = useState(false)
  const armedAt = useRef(0)
  const done = useRef(false)
  const button = useRef<HTMLButtonElement>(null)

  // Wherever it appears, it is the next thing to press.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, where it appears
  useEffect(() => {
    if (props.focus ?? true) button.current?.focus()
  }, [])

  const confirm = () => {
    if (done.current || props.disabled) return
    done.current = true
    onConfirm()
  }

  // biome-ignore lint/correctness/useExhaustiveDependencies: confirm is guarded by a ref and reads the latest props
  useEffect(() => {
    if (!holding) return
    const timer = setTimeout(confirm, holdMs)
    return () => clearTimeout(timer)
  }, [holding, holdMs])

  useEffect(() => {
    if (!armed) return
    const timer = setTimeout(() => setArmed(false), ARMED_MS)
    return () => clearTimeout(timer)
  }, [armed])

  return (
    <Button
      ref={button}
      size="md"
      className={classes.hold ?? ''}
      data-holding={holding || undefined}
      data-autofocus={(props.focus ?? true) || undefined}
      disabled={props.disabled ?? false}
      style={{ '--hold': `${holdMs}ms` }}
      onPointerDown={(event) => {
        if (event.button === 0) setHolding(true)
      }}
      onPointerUp={() => setHolding(false)}
      onPointerLeave={() => setHolding(false)}
      onPointerCancel={() => setHolding(false)}
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={(event) => {
        // A key held down repeats: it must not count as a second press.
        if (event.repeat) event.preventDefault()
      }}
      onClick={(event) => {
        // A click without a pointer comes from the keyboard or from assistive technology.
        const byPointer = event.detail > 0
        if (!byPointer && armed && performance.now() - armedAt.current < ARMED_MS) confirm()
        else {
          armedAt.current = performance.now()
          setArmed(true)
        }
      }}
    >
      <span className={classes.fill} aria-hidden />
      <span className={classes.text} aria-live="polite">
        {armed && !holding ? props.armedLabel : props.label}
      </span>
    </Button>
  )
}
