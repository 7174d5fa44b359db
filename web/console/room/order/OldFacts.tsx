import { Textarea } from '@mantine/core'
import { useId } from 'react'
import { useText } from '../../../ui/format/text.ts'
import { Reasons } from '../Reasons.tsx'
import classes from './OldFacts.module.css'

/** Asks for the reason to send an alert whose facts are older than the doctrine's limit. */
export function OldFacts(props: {
  /** The scheme's limit, in minutes. */
  lateAfter: number
  reason: string
  /** Whether to take the focus, since it is the next field to fill in. */
  focus?: boolean
  onChange: (reason: string) => void
}) {
  const { t } = useText()
  const id = useId()
  return (
    <div className={classes.old}>
      <p className={classes.warn} role="status">
        {t('old.facts', { minutes: props.lateAfter })}
      </p>
      <label htmlFor={id} className={classes.label}>
        {t('old.reason')}
      </label>
      <Reasons of="old" id={id} value={props.reason} onPick={props.onChange}>
        <Textarea
          id={id}
          description={t('old.how')}
          placeholder={t('reason.other')}
          required
          data-autofocus={props.focus || undefined}
          autosize
          minRows={2}
          maxRows={5}
          maxLength={500}
          value={props.reason}
          onChange={(event) => props.onChange(event.currentTarget.value)}
        />
      </Reasons>
    </div>
  )
}
