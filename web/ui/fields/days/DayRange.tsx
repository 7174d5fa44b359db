import { valueOfText } from '../../format/dates.ts'
import { useText } from '../../format/text.ts'
import { DateField } from './DateField.tsx'
import classes from './DayRange.module.css'

/** First and last day, 2026-03-12; either may be absent. */
export function DayRange(props: {
  from: string | undefined
  to: string | undefined
  /** Labels of the fields if the days are not those of calls. */
  labels?: { from: string; to: string }
  onChange: (range: { from: string | undefined; to: string | undefined }) => void
}) {
  const { t } = useText()
  const { from, to, onChange } = props
  return (
    <span className={classes.days}>
      <DateField
        kind="day"
        aria-label={props.labels?.from ?? t('journal.from.label')}
        leftSection={<span aria-hidden>{t('journal.from')}</span>}
        leftSectionWidth={44}
        value={from ?? ''}
        max={to}
        onChange={(day) => onChange({ from: valueOfText('day', day), to })}
      />
      <DateField
        kind="day"
        aria-label={props.labels?.to ?? t('journal.to.label')}
        leftSection={<span aria-hidden>{t('journal.to')}</span>}
        leftSectionWidth={44}
        value={to ?? ''}
        min={from}
        onChange={(day) => onChange({ from, to: valueOfText('day', day) })}
      />
    </span>
  )
}
