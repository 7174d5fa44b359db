import { Button } from '@mantine/core'
import {
  type KeyboardEvent,
  type PointerEvent,
  type ReactNode,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react'
import classes from './HoldButton.module.css'

/** Time for which the first Enter waits for the second. */
const ARMED_MS = 4000
/** Shortly after a letter, Enter belongs to the typing and is ignored. */
const TYPING_MS = 1000

/**
 * A button for irreversible actions: held for a while by mouse or finger, or confirmed by two presses of Enter (or of
 * assistive technology). A single press only shows what to do, and other keys are ignored, so that accidental typing
 * sends nothing.
 */
export function HoldButton(props: {
  holdMs: number
  disabled?: boolean
  /** Whether the button takes the focus as it appears (default); false when a field before it must be filled in first. */
  focus?: boolean
  label: ReactNode
  armedLabel: ReactNode
  /** Shown while the confirmed action is in progress: the button keeps its place and focus, and does nothing. */
  busy?: ReactNode
  onConfirm: () => void
}) {
  const { holdMs, onConfirm } = props
  const [holding, setHolding] = useState(false)
  const [armed, setArmed] = useState(false)
  const armedAt = useRef(0)
  const typedAt = useRef(Number.NEGATIVE_INFINITY)
  const done = useRef(false)
  const button = useRef<HTMLButtonElement>(null)
  const isBusy = props.busy !== undefined && props.busy !== null

  // Takes the focus as it appears, since it is the next button to press: an Enter right after must not be lost.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, where it appears
  useLayoutEffect(() => {
    if (props.focus ?? true) button.current?.focus()
  }, [])

  // Cancelled or failed, it can be confirmed again.
  useEffect(() => {
    if (isBusy) return
    done.current = false
    setArmed(false)
  }, [isBusy])

  const confirm = () => {
    if (done.current || isBusy || props.disabled) return
    done.current = true
    onConfirm()
  }

  // biome-ignore lint/correctness/useExhaustiveDependencies: confirm is guarded by a ref and reads the latest props
  useEffect(() => {
    if (!holding) return
    const timer = setTimeout(() => {
      ignoreRestOfPress()
      setHolding(false)
      confirm()
    }, holdMs)
    return () => clearTimeout(timer)
  }, [holding, holdMs])

  useEffect(() => {
    if (!armed) return
    const timer = setTimeout(() => setArmed(false), ARMED_MS)
    return () => clearTimeout(timer)
  }, [armed])

  const stopOutside = ({ currentTarget, clientX, clientY }: PointerEvent) => {
    // A touch keeps its first target wherever the finger slides.
    const { left, right, top, bottom } = currentTarget.getBoundingClientRect()
    if (clientX < left || clientX > right || clientY < top || clientY > bottom) setHolding(false)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const now = performance.now()
    if (event.key === 'Enter') {
      // A key held down repeats: it must not count as a second press.
      if (event.repeat || now - typedAt.current < TYPING_MS) event.preventDefault()
      return
    }
    if (event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    typedAt.current = now
    setArmed(false)
  }

  return (
    <Button
      ref={button}
      size="md"
      className={classes.hold ?? ''}
      data-holding={holding || undefined}
      data-busy={isBusy || undefined}
      data-autofocus={(props.focus ?? true) || undefined}
      disabled={(props.disabled ?? false) && !isBusy}
      aria-disabled={isBusy || undefined}
      style={{ '--hold': `${holdMs}ms` }}
      onPointerDown={(event) => {
        if (event.button === 0 && event.isPrimary && !isBusy) setHolding(true)
      }}
      onPointerMove={stopOutside}
      onPointerUp={() => setHolding(false)}
      onPointerLeave={() => setHolding(false)}
      onPointerCancel={() => setHolding(false)}
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={onKeyDown}
      onKeyUp={(event) => {
        if (event.key === ' ') event.preventDefault()
      }}
      onClick={(event) => {
        if (isBusy) return
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
        {isBusy ? props.busy : armed && !holding ? props.armedLabel : props.label}
      </span>
    </Button>
  )
}

const ENDS_OF_A_PRESS = ['mousedown', 'mouseup', 'click', 'contextmenu'] as const

/**
 * Keeps the end of a press from clicking what has appeared under the finger meanwhile: browsers click on what is there
 * when it is lifted. The next press counts again.
 */
function ignoreRestOfPress(): void {
  const swallow = (event: Event) => {
    // Keyboards and assistive technology press without a pointer.
    if (event.type === 'click' && (event as MouseEvent).detail === 0) return
    event.preventDefault()
    event.stopPropagation()
  }
  for (const type of ENDS_OF_A_PRESS) addEventListener(type, swallow, { capture: true })
  const stop = () => {
    for (const type of ENDS_OF_A_PRESS) removeEventListener(type, swallow, { capture: true })
  }
  addEventListener('pointerdown', stop, { capture: true, once: true })
}
