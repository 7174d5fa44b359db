import type { AlertView } from '../../../../src/alerts/contract.ts'
import { whenOf } from '../../../ui/format/format.ts'
import { useMinute } from '../../../ui/format/now.ts'
import { useText } from '../../../ui/format/text.ts'
import { useCurrent } from '../../shell/current.tsx'
import classes from '../Approvals.module.css'
import { TakeUp } from '../decision/TakeUp.tsx'
import { CardHead } from './CardHead.tsx'

/** Shows an alert that was returned or rejected, with the reason, and leads back to the alert room. */
export function ReturnedCard(props: { alert: AlertView }) {
  const { t, lang } = useText()
  const now = useMinute()
  const { may } = useCurrent()
  const { alert } = props
  const { approval } = alert
  return (
    <article className={classes.card} aria-label={alert.reference}>
      <CardHead alert={alert} level={3} />
      <p className={classes.wants}>
        {t(alert.state === 'rejected' ? 'decided.rejected' : 'returned.by', {
          who: approval.decidedBy ?? '',
          when: approval.decidedAt === null ? '' : whenOf(lang, approval.decidedAt, now),
        })}
      </p>
      {approval.reason !== null && (
        <blockquote className={classes.quote}>{t('text.quote', { text: approval.reason })}</blockquote>
      )}
      <p className={classes.text}>{alert.text}</p>
      <div className={classes.actions}>
        <p className={`${classes.mute} ${classes.says}`}>{t('returned.author', { who: alert.createdBy })}</p>
        {may('alert.compose') && <TakeUp reportId={alert.reportId}>{t('returned.takeUp')}</TakeUp>}
      </div>
    </article>
  )
}
