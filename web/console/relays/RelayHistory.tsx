import type { RelayView } from '../../../src/relays/contract.ts'
import { preciseTimeOf } from '../../ui/format/format.ts'
import { useMinute } from '../../ui/format/now.ts'
import { useText } from '../../ui/format/text.ts'
import classes from './Relays.module.css'

/** Shows what both schemes did about one incident: the same on both sides. */
export function RelayHistory(props: { relay: RelayView; ownId: string }) {
  const { t, lang } = useText()
  const now = useMinute()
  return (
    <ol className={classes.history}>
      {props.relay.history.map((step) => (
        <li key={`${step.kind}${step.at}${step.scheme.id}`} data-own={step.scheme.id === props.ownId}>
          <time dateTime={step.at}>{preciseTimeOf(lang, step.at, now)}</time>
          <div>
            <p>
              <b>{step.scheme.name}</b> {t(`relay.step.${step.kind}`)}
            </p>
            {step.by !== null && <small>{step.by}</small>}
            {step.reason !== null && <p className={classes.reason}>{step.reason}</p>}
            {step.text !== null && step.kind !== 'first' && <p className={classes.reason}>{step.text}</p>}
          </div>
        </li>
      ))}
    </ol>
  )
}
