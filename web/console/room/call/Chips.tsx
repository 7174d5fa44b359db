import { Chip } from '@mantine/core'
import type { ReactNode } from 'react'
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
  return (
    <Chip.Group value={props.value} onChange={props.onPick}>
      <div className={classes.row} role="radiogroup" aria-labelledby={props.labelledBy}>
        {props.choices.map((choice) => (
          <Item key={choice.value} {...choice} id={`${props.prefix}-${choice.value}`} />
        ))}
      </div>
    </Chip.Group>
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
      <Chip.Group multiple value={[...props.value]} onChange={props.onPick}>
        {props.choices.map((choice) => (
          <Item key={choice.value} {...choice} />
        ))}
      </Chip.Group>
      {props.children}
    </fieldset>
  )
}
