import type { AlertEvent } from '../../../../src/alerts/contract.ts'
import { authorOf } from '../../../ui/format/event.ts'
import { preciseTimeOf } from '../../../ui/format/format.ts'
import { useMinute } from '../../../ui/format/now.ts'
import { useText } from '../../../ui/format/text.ts'
import classes from './Timeline.module.css'

/** Shows every step of an alert, with its actor and time. */
export function Timeline(props: { events: readonly AlertEvent[] }) {
  const { t, lang } = useText()
  const now = useMinute()
  return (
    <ol className={classes.timeline}>
      {props.events.map((event) => (
        <li key={`${event.kind}${event.at}`} data-kind={event.kind}>
          <time dateTime={event.at}>{preciseTimeOf(lang, event.at, now)}</time>
          <span>
            {t(`event.${event.kind}`, event.values)}
            {event.by !== null && <small>{authorOf(t, event.by)}</small>}
            {event.reason !== null && <small>{event.reason}</small>}
          </span>
        </li>
      ))}
    </ol>
  )
}
