import { useQuery } from '@tanstack/react-query'
import type { AlertView } from '../../../src/alerts/contract.ts'
import { waitingQuery } from '../../api/queries.ts'
import { whenOf } from '../../ui/format/format.ts'
import { useMinute } from '../../ui/format/now.ts'
import { useText } from '../../ui/format/text.ts'
import { useCurrent } from '../shell/current.tsx'
import classes from './Approvals.module.css'
import { ProsecutorStep } from './authorisation/ProsecutorStep.tsx'
import { ReviewCard } from './cards/ReviewCard.tsx'
import { Decision } from './decision/Decision.tsx'
import { Signed } from './decision/Signed.tsx'
import { TakeUp } from './decision/TakeUp.tsx'
import { DoctrineAnswers } from './facts/DoctrineAnswers.tsx'
import { stillToDecide } from './mine/mine.ts'

/** Shows the decision on an alert and who made it, or the controls to decide. */
export function ApprovalPanel(props: { alert: AlertView }) {
  const { t } = useText()
  const { may, scheme } = useCurrent()
  const { alert } = props
  const { approval, state } = alert
  // Its report may still wait for another decision.
  const waiting = useQuery({ ...waitingQuery(scheme.id), enabled: state === 'rejected' }).data
  const isRejected = state === 'rejected' && stillToDecide([alert], waiting ?? []).length > 0
  return (
    <div className={classes.panel}>
      <DoctrineAnswers alert={alert} />
      <ProsecutorStep alert={alert} />
      <Decided alert={alert} />
      {state === 'submitted' && <Decision alert={alert} />}
      {(state === 'draft' || state === 'returned' || isRejected) && may('alert.compose') && (
        <div className={classes.actions}>
          <TakeUp reportId={alert.reportId}>{t('returned.takeUp')}</TakeUp>
        </div>
      )}
      {approval.review === 'open' && <ReviewCard alert={alert} heading={false} />}
      {approval.review !== null && approval.review !== 'open' && <Signed approval={approval} />}
    </div>
  )
}

/** Shows the latest decision of the second person, with its reason. */
function Decided(props: { alert: AlertView }) {
  const { t, lang } = useText()
  const now = useMinute()
  const { approval, state } = props.alert
  if (state === 'submitted' || approval.decision === null || approval.review === 'open') return null
  return (
    <div>
      <p className={classes.wants}>
        {t(`decided.${approval.decision}`, {
          who: approval.decidedBy ?? '',
          when: approval.decidedAt === null ? '' : whenOf(lang, approval.decidedAt, now),
        })}
      </p>
      {approval.reason !== null && (
        <blockquote className={classes.quote}>{t('text.quote', { text: approval.reason })}</blockquote>
      )}
    </div>
  )
}
