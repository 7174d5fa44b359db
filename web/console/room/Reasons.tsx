import { type KeyboardEvent, type ReactNode, useRef } from 'react'
import { useText } from '../../ui/format/text.ts'
import { OneOf } from './call/Chips.tsx'
import { digitOf } from './hotkeys.ts'
import classes from './Reasons.module.css'

const usual = {
  late: ['reason.late.found', 'reason.late.prevented', 'reason.late.near', 'reason.late.series'],
  zone: ['reason.zone.asked', 'reason.zone.unreachable', 'reason.zone.fleeing', 'reason.zone.here'],
  old: ['reason.old.near', 'reason.old.series', 'reason.old.approved'],
} as const

/**
 * The usual reasons for what a convention lets pass with one: each is one key away, its number, and nothing has to be typed. The
 * field inside takes any other reason; letters go there from the choices too.
 */
export function Reasons(props: {
  of: keyof typeof usual
  /** The id of the field; the first choice has the id of `firstReasonOf`. */
  id: string
  value: string
  onPick: (reason: string) => void
  children: ReactNode
}) {
  const { t } = useText()
  const field = useRef<HTMLDivElement>(null)
  const reasons = usual[props.of].map((key) => t(key))
  const picked = reasons.indexOf(props.value.trim())
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.nativeEvent.isComposing) return
    const isInField = field.current?.contains(event.target as Node) === true
    const isLetter = /^\p{L}$/u.test(event.key)
    const reason = reasons[(digitOf(event.nativeEvent) ?? 0) - 1]
    // In the field, a digit is a choice as long as nothing is typed; on a French keyboard the key of 2 types a letter.
    if (reason !== undefined && (!isInField || (props.value === '' && !isLetter))) {
      event.preventDefault()
      props.onPick(reason)
    } else if (!isInField && isLetter) field.current?.querySelector<HTMLElement>('input, textarea')?.focus()
    else return
    // The keys of the room are not meant.
    event.stopPropagation()
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys of the choices and the field inside
    <div className={classes.reasons} onKeyDown={onKeyDown}>
      <span hidden id={`${props.id}-usuels`}>
        {t(`reason.${props.of}`)}
      </span>
      <OneOf
        labelledBy={`${props.id}-usuels`}
        prefix={props.id}
        value={picked < 0 ? null : String(picked + 1)}
        choices={reasons.map((label, index) => ({
          value: String(index + 1),
          hotkey: String(index + 1),
          label,
        }))}
        onPick={(value) => props.onPick(reasons[Number(value) - 1] ?? '')}
      />
      <div ref={field} className={classes.other}>
        {props.children}
      </div>
    </div>
  )
}

/** Returns the id of the first usual reason of a field, which takes the focus. */
export function firstReasonOf(id: string): string {
  return `${id}-1`
}
