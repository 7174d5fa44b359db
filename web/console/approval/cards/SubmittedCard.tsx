import type { AlertView } from '../../../../src/alerts/contract.ts'
import { Clock } from '../../../ui/alert/Clock.tsx'
import { ExerciseBanner } from '../../../ui/alert/Exercise.tsx'
import { PhonePreview } from '../../../ui/alert/PhonePreview.tsx'
import { timeOf, whenOf } from '../../../ui/format/format.ts'
import { useMinute } from '../../../ui/format/now.ts'
import { useText } from '../../../ui/format/text.ts'
import { isPreventionAlert } from '../../room/doctrine/doctrine.ts'
import { textAsSent } from '../../room/order/sent.ts'
import classes from '../Approvals.module.css'
import { ProsecutorStep } from '../authorisation/ProsecutorStep.tsx'
import { Decision } from '../decision/Decision.tsx'
import { DoctrineAnswers } from '../facts/DoctrineAnswers.tsx'
import { GuardSays } from '../facts/GuardSays.tsx'
import { Reach } from '../facts/Reach.tsx'
import { ReturnedBefore } from '../facts/ReturnedBefore.tsx'
import { CardHead } from './CardHead.tsx'

/** Shows an alert that waits for a second person: the facts needed for the decision, and the decision. */
export function SubmittedCard(props: { alert: AlertView }) {
  const { t, lang } = useText()
  const now = useMinute()
  const { alert } = props
  const { submittedAt, submittedBy } = alert.approval
  return (
    <article className={classes.card} aria-label={alert.reference}>
      <CardHead alert={alert}>
        <span className={classes.clock}>
          {!isPreventionAlert(alert) && (
            <span>
              {t('approvals.sinceFacts')} <Clock since={alert.occurredAt} of="facts" />
            </span>
          )}
          <span>
            {t('room.sinceCall')} <Clock since={alert.calledAt} />
          </span>
        </span>
      </CardHead>
      {alert.exercise && <ExerciseBanner />}
      <p className={classes.wants}>
        {t('approvals.wants', {
          who: submittedBy ?? alert.createdBy,
          when: whenOf(lang, submittedAt ?? alert.createdAt, now),
        })}
      </p>
      <ReturnedBefore alert={alert} />
      <div className={classes.grid}>
        <div className={classes.column}>
          <PhonePreview
            label={t('room.preview')}
            sender={alert.sender}
            time={timeOf(lang, now)}
            text={textAsSent(alert)}
            empty=""
          />
          <GuardSays alert={alert} />
          <DoctrineAnswers alert={alert} />
        </div>
        <Reach alert={alert} />
      </div>
      <ProsecutorStep alert={alert} />
      <Decision alert={alert} />
    </article>
  )
}
