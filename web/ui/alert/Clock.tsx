import { clockOf, timeOf } from '../format/format.ts'
import { useNow } from '../format/now.ts'
import { useText } from '../format/text.ts'
import classes from './Clock.module.css'

const AMBER_AFTER_MS = 5 * 60_000
const RED_AFTER_MS = 60 * 60_000

/**
 * Shows the time since a call, or since the facts: amber from 5 minutes, red from 60, since it waits for a decision;
 * grey if `calm`. It stops at `until` if given.
 */
export function Clock(props: {
  since: string
  until?: string | null | undefined
  calm?: boolean
  of?: 'call' | 'facts'
}) {
  const { t, lang } = useText()
  const now = useNow()
  const end = props.until ? Date.parse(props.until) : now
  const run = end - Date.parse(props.since)
  const level = props.calm
    ? 'calm'
    : run >= RED_AFTER_MS
      ? 'red'
      : run >= AMBER_AFTER_MS
        ? 'amber'
        : undefined
  return (
    <time
      className={classes.clock}
      data-level={level}
      dateTime={props.since}
      title={t(props.of === 'facts' ? 'clock.since.facts' : 'clock.since', {
        time: timeOf(lang, props.since),
      })}
    >
      {clockOf(lang, run)}
    </time>
  )
}
