import type { AlertView } from '../../../../src/alerts/contract.ts'
import { whenOf } from '../../../ui/format/format.ts'
import { useMinute } from '../../../ui/format/now.ts'
import { useText } from '../../../ui/format/text.ts'
import { AlertStateTag } from '../../alerts/state.tsx'
import classes from '../Approvals.module.css'
import { CardHead } from './CardHead.tsx'

/** Shows an alert that another agency sent about a place in the zone of the user's agency, with its reason. */
export function ZoneCard(props: { alert: AlertView }) {
  const { t, lang } = useText()
  const now = useMinute()
  const { alert } = props
  return (
    <article className={classes.card} aria-label={alert.reference}>
      <CardHead alert={alert} level={3}>
        <AlertStateTag state={alert.state} />
      </CardHead>
      <p className={classes.wants}>
        {t('zone.notified', {
          // Names the user who asked for the alert: the one who approved it may belong to this agency.
          who: alert.approval.submittedBy ?? alert.orderedBy ?? alert.createdBy,
          when: whenOf(lang, alert.orderedAt ?? alert.createdAt, now),
        })}
      </p>
      {alert.zone.reason !== null && (
        <blockquote className={classes.quote}>{t('text.quote', { text: alert.zone.reason })}</blockquote>
      )}
      <p className={classes.text}>{alert.sentText ?? alert.text}</p>
    </article>
  )
}
