import { Chip } from '@mantine/core'
import { useCallbackRef } from '@mantine/hooks'
import { memo, type ReactNode } from 'react'
import classes from './Chips.module.css'

export interface ChipChoice {
  value: string
  label: ReactNode
  /** The shortcut key, shown before the label. */
  hotkey?: string | undefined
  /** Whether the key works only together with Alt. */
  withAlt?: boolean
  title?: string | undefined
}

const parts = {
  label: classes.label ?? '',
  iconWrapper: classes.icon ?? '',
  root: classes.root ?? '',
  input: classes.input ?? '',
}

function Item(props: ChipChoice & { id?: string | undefined }) {
  return (
    <Chip
      value={props.value}
      classNames={parts}
      variant="outline"
      {...(props.id !== undefined && { id: props.id })}
      {...(props.title !== undefined && { title: props.title })}
      {...(props.hotkey !== undefined && {
        'aria-keyshortcuts': props.withAlt ? `Alt+${props.hotkey}` : props.hotkey,
      })}
    >
      {props.hotkey !== undefined && (
        <kbd className={classes.key} aria-hidden>
          {props.hotkey}
        </kbd>
      )}
      {props.label}
    </Chip>
  )
}

interface Group {
  /** Options by the value that they select; null: none. */
  readonly value: string | null | readonly string[]
  /** The first part of the inputs' ids; undefined: they have none. */
  readonly prefix?: string
  readonly choices: readonly ChipChoice[]
  readonly onPick: (value: string | string[]) => void
}

/** The options, rendered again only when one of them or the selection changes: the room changes with each key. */
const Items = memo(
  function Items({ value, prefix, choices, onPick }: Group) {
    const items = choices.map((choice) => (
      <Item key={choice.value} {...choice} {...(prefix && { id: `${prefix}-${choice.value}` })} />
    ))
    return typeof value === 'object' && value !== null ? (
      <Chip.Group multiple value={[...value]} onChange={onPick}>
        {items}
      </Chip.Group>
    ) : (
      <Chip.Group value={value} onChange={onPick}>
        {items}
      </Chip.Group>
    )
  },
  (before, after) =>
    String(before.value) === String(after.value) &&
    before.prefix === after.prefix &&
    before.choices.length === after.choices.length &&
    before.choices.every((one, i) => isSameChoice(one, after.choices[i])),
)

function isSameChoice(a: ChipChoice, b: ChipChoice | undefined): boolean {
  return (
    a.value === b?.value &&
    a.label === b.label &&
    a.hotkey === b.hotkey &&
    a.withAlt === b.withAlt &&
    a.title === b.title
  )
}

/**
 * Selects one of several options by mouse, Tab and arrows, or shortcut. `prefix` makes the id of each input
 * predictable.
 */
export function OneOf(props: {
  labelledBy: string
  prefix: string
  value: string | null
  choices: readonly ChipChoice[]
  onPick: (value: string) => void
}) {
  const pick = useCallbackRef((value: string | string[]) => props.onPick(String(value)))
  return (
    <div className={classes.row} role="radiogroup" aria-labelledby={props.labelledBy}>
      <Items value={props.value} prefix={props.prefix} choices={props.choices} onPick={pick} />
    </div>
  )
}

/** Selects any number of options; none selected means all, as the first chip says. */
export function AnyOf(props: {
  labelledBy: string
  all: string
  value: readonly string[]
  choices: readonly ChipChoice[]
  onPick: (value: string[]) => void
  children?: ReactNode
}) {
  const pick = useCallbackRef((value: string | string[]) => props.onPick([value].flat()))
  return (
    <fieldset className={classes.row} aria-labelledby={props.labelledBy}>
      <Chip
        checked={props.value.length === 0}
        onChange={() => props.onPick([])}
        classNames={parts}
        variant="outline"
      >
        {props.all}
      </Chip>
      <Items value={props.value} choices={props.choices} onPick={pick} />
      {props.children}
    </fieldset>
  )
}
