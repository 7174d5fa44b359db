import { Switch, TextInput } from '@mantine/core'
import { type ReactNode, useId } from 'react'
import { useText } from '../../ui/format/text.ts'
import type { SettingPath } from './doctrine/draft.ts'
import type { DoctrineDraft } from './doctrine/useDoctrineDraft.ts'
import classes from './Settings.module.css'

/** The ids of the label and the description of a setting's control. */
export interface Described {
  readonly 'aria-labelledby': string
  readonly 'aria-describedby': string
}

/** Shows one setting: its name, its effect in one sentence, and its control or its value. */
export function Setting(props: {
  name: string
  what: ReactNode
  /** `wide`: the control takes the full width; `text`: most of it. */
  shape?: 'wide' | 'text'
  children: (described: Described) => ReactNode
}) {
  const id = useId()
  return (
    <div className={classes.setting} data-shape={props.shape}>
      <div className={classes.about}>
        <h3 id={id}>{props.name}</h3>
        <p id={`${id}-sens`}>{props.what}</p>
      </div>
      <div className={classes.control}>
        {props.children({ 'aria-labelledby': id, 'aria-describedby': `${id}-sens` })}
      </div>
    </div>
  )
}

type BooleanPath = Extract<SettingPath, 'emergencyOverride' | 'closingMessage' | 'leakTracing'>
type NumberPath = Extract<SettingPath, 'lateAfterMinutes' | 'cancelWindowSeconds' | 'nextCallSeconds'>

/** A switch. */
export function SwitchSetting(props: {
  draft: DoctrineDraft
  path: BooleanPath
  name: string
  what: ReactNode
}) {
  const { t } = useText()
  const { draft, path } = props
  const isOn = draft.value(path) === true
  return (
    <Setting name={props.name} what={props.what}>
      {(described) =>
        draft.mayChange ? (
          <Switch
            size="md"
            className={classes.switch ?? ''}
            label={t(isOn ? 'settings.on' : 'settings.off')}
            {...described}
            checked={isOn}
            onChange={(event) => draft.change(path, event.currentTarget.checked)}
          />
        ) : (
          <Value>{t(isOn ? 'settings.on' : 'settings.off')}</Value>
        )
      }
    </Setting>
  )
}

/** A whole number with a unit. */
export function NumberSetting(props: {
  draft: DoctrineDraft
  path: NumberPath
  name: string
  what: ReactNode
  unit: string
}) {
  const { draft, path } = props
  return (
    <Setting name={props.name} what={props.what}>
      {(described) =>
        draft.mayChange ? (
          <NumberField
            {...described}
            value={draft.value(path)}
            unit={props.unit}
            error={draft.problem(path)}
            onChange={(value) => draft.change(path, value)}
          />
        ) : (
          <Value>{`${draft.value(path)} ${props.unit}`}</Value>
        )
      }
    </Setting>
  )
}

/** Converts digits to a number; other input stays as typed, for the server to report. */
export function NumberField(
  props: Described & {
    value: number | string | null
    unit: string
    error: ReactNode
    'data-path'?: string
    disabled?: boolean
    onChange: (value: number | string) => void
  },
) {
  const { t } = useText()
  const { value, unit, error, onChange, disabled = false, ...described } = props
  const words = error !== undefined && value === '' ? t('settings.number.missing') : error
  return (
    <TextInput
      {...described}
      className={classes.number ?? ''}
      inputMode="numeric"
      autoComplete="off"
      maxLength={5}
      value={value ?? ''}
      disabled={disabled}
      error={words ?? false}
      rightSection={<span className={classes.unit}>{unit}</span>}
      rightSectionWidth={88}
      rightSectionPointerEvents="none"
      onChange={(event) => {
        const typed = event.currentTarget.value.trim()
        onChange(/^\d+$/.test(typed) ? Number(typed) : typed)
      }}
    />
  )
}

/** Shows a value to users who may not change it. */
export function Value(props: { children: ReactNode }) {
  return <p className={classes.value}>{props.children}</p>
}
