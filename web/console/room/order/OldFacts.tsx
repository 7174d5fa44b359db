import { Textarea } from '@mantine/core'
import { useText } from '../../../ui/text.ts'
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
  return (
    <div className={classes.old}>
      <p className={classes.warn} role="status">
        {t('old.facts', { minutes: props.lateAfter })}
      </p>
      <Textarea
        label={t('old.reason')}
        description={t('old.how')}
        required
        data-autofocus={props.focus || undefined}
        autosize
        minRows={2}
        maxRows={5}
        maxLength={500}
        value={props.reason}
        onChange={(event) => props.onChange(event.currentTarget.value)}
      />
    </div>
  )
}
