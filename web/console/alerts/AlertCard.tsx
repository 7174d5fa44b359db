import { Link } from '@tanstack/react-router'
import type { AlertView } from '../../../src/alerts/contract.ts'
import { DeliveryBar } from '../../ui/alert/DeliveryBar.tsx'
import { ExerciseTag } from '../../ui/alert/Exercise.tsx'
import { whereOf } from '../../ui/format/event.ts'
import { countOf, momentOf, whenOf } from '../../ui/format/format.ts'
import { useMinute } from '../../ui/format/now.ts'
import { CategoryName } from '../../ui/format/severity.tsx'
import { useText } from '../../ui/format/text.ts'
import { isAuthorisationDenied } from '../approval/authorisation/denied.ts'
import classes from './Alerts.module.css'
import { AlertStateTag } from './state.tsx'

/** Shows an alert in a list: what, where, when, its text, and its delivery. */
export function AlertCard(props: { alert: AlertView }) {
  const { t, lang } = useText()
  const now = useMinute()
  const { alert } = props
  const { progress } = alert
  const latest = alert.broadcasts.length > 1 ? alert.broadcasts.at(-1) : undefined
  return (
    <Link className={classes.card} data-row={alert.id} to="/alertes/$alertId" params={{ alertId: alert.id }}>
      <span className={classes.cardHead}>
        <CategoryName category={alert.category} />
        <AlertStateTag state={alert.state} />
        {alert.exercise && <ExerciseTag />}
        {isAuthorisationDenied(alert) && (
          <span className={classes.denied}>{t('authorisation.denied.tag')}</span>
        )}
        <span className={classes.ref}>{alert.reference}</span>
      </span>
      <span className={classes.text}>{alert.sentText ?? alert.text}</span>
      {alert.state === 'rejected' && alert.approval.reason !== null && (
        <span className={classes.rejected}>
          <small>
            {t('decided.rejected', {
              who: alert.approval.decidedBy ?? '',
              when: alert.approval.decidedAt === null ? '' : whenOf(lang, alert.approval.decidedAt, now),
            })}
          </small>
          {t('text.quote', { text: alert.approval.reason })}
        </span>
      )}
      {latest !== undefined && (
        <span className={classes.latest}>
          <small>
            {t(`message.${latest.kind}`)} · {momentOf(lang, latest.orderedAt, now)}
          </small>
          {latest.text}
        </span>
      )}
      <span className={classes.cardFoot}>
        <small>{[whereOf(alert), momentOf(lang, alert.orderedAt ?? alert.createdAt, now)].join(' · ')}</small>
        {progress !== null && (
          <span className={classes.cardBar}>
            <small>
              {t('alerts.delivered', {
                delivered: countOf(lang, progress.delivered),
                planned: countOf(lang, progress.planned),
              })}
            </small>
            <DeliveryBar progress={progress} label={t('progress.label', { reference: alert.reference })} />
          </span>
        )}
      </span>
    </Link>
  )
}
