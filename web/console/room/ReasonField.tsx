import { TextInput } from '@mantine/core'
import type { ReactNode } from 'react'
import { useText } from '../../ui/format/text.ts'
import fields from './call/Fields.module.css'
import { Reasons } from './Reasons.tsx'

/** The field of a reason that a call needs, with its usual ones: it was entered late, or lies outside the zone of the service. */
export function ReasonField(props: {
  of: 'late' | 'zone'
  id: string
  label: string
  /** The explanation beside the label: how late, or whose zone. */
  why: string
  value: string
  error?: ReactNode
  onChange: (reason: string) => void
}) {
  const { t } = useText()
  const { id, value, onChange } = props
  return (
    <div>
      <div className={fields.label}>
        <label htmlFor={id}>{props.label}</label>
        <span className={fields.aside} id={`${id}-pourquoi`}>
          {props.why}
        </span>
      </div>
      <Reasons of={props.of} id={id} value={value} onPick={onChange}>
        <TextInput
          id={id}
          aria-describedby={`${id}-pourquoi`}
          placeholder={t('reason.other')}
          required
          maxLength={500}
          value={value}
          error={props.error}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      </Reasons>
    </div>
  )
}
