import { Textarea } from '@mantine/core'
import { useText } from '../../../ui/text.ts'
import classes from './OldFacts.module.css'

/** The facts are older than the doctrine lets an alert leave without a word: it is written here. */
export function OldFacts(props: {
  /** The measure of the scheme, in minutes. */
  lateAfter: number
  reason: string
  /** It is the next thing to write. */
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
