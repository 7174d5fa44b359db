import { useQuery } from '@tanstack/react-query'
import type { AlertView } from '../../../../src/alerts/contract.ts'
import type { FollowUpView } from '../../../../src/alerts/follow-up/contract.ts'
import { PhonePreview } from '../../../ui/alert/PhonePreview.tsx'
import { timeOf, whenOf } from '../../../ui/format/format.ts'
import { useAtTime, useMinute } from '../../../ui/format/now.ts'
import { useText } from '../../../ui/format/text.ts'
import { Recipients } from '../../alerts/follow-up/FormParts.tsx'
import { followUpPreviewQuery } from '../../alerts/queries.ts'
import { partsAsSent } from '../../room/order/sent.ts'
import { useCurrent } from '../../shell/current.tsx'
import classes from '../Approvals.module.css'
import { ProsecutorStep } from '../authorisation/ProsecutorStep.tsx'
import { FollowUpDecision } from '../decision/FollowUpDecision.tsx'
import { Signed } from '../decision/Signed.tsx'
import { GuardSays } from '../facts/GuardSays.tsx'
import { FollowUpReturnedBefore } from '../facts/ReturnedBefore.tsx'
import { holdsExpiry } from '../mine/mine.ts'
import { CardHead } from './CardHead.tsx'
import { ReviewCard } from './ReviewCard.tsx'

/** Shows a follow-up that needs another person's decision: its text, its recipients, and the decision. */
export function FollowUpCard(props: { alert: AlertView; followUp: FollowUpView; heading?: boolean }) {
  const { t, lang } = useText()
  const now = useMinute()
  const { alert, followUp } = props
  const { approval, state } = followUp
  const kind = t(`message.${followUp.kind}`)
  const when = (at: string | null) => (at === null ? '' : whenOf(lang, at, now))
  const isWaiting = state === 'submitted' || state === 'returned'
  return (
    <article className={classes.card} aria-label={t('followUp.of', { kind, reference: alert.reference })}>
      {props.heading !== false && <CardHead alert={alert} level={3} />}
      <p className={classes.wants}>
        {state === 'submitted'
          ? t('followUp.wants', {
              kind,
              who: approval.submittedBy ?? followUp.createdBy,
              when: when(approval.submittedAt),
            })
          : t(`followUp.${approval.decision ?? 'approved'}`, {
              kind,
              who: approval.decidedBy ?? '',
              when: when(approval.decidedAt),
            })}
      </p>
      {approval.reason !== null && (
        <blockquote className={classes.quote}>{t('text.quote', { text: approval.reason })}</blockquote>
      )}
      {isWaiting ? (
        <Waiting {...props} />
      ) : (
        props.heading !== false && <p className={classes.text}>{followUp.text}</p>
      )}
      {state === 'rejected' && props.heading === false && <p className={classes.text}>{followUp.text}</p>}
      {approval.review === 'open' && <ReviewCard alert={alert} followUp={followUp} heading={false} />}
      {approval.review !== null && approval.review !== 'open' && <Signed approval={approval} />}
    </article>
  )
}

/** Shows the facts needed for the decision, and the decision. */
function Waiting(props: { alert: AlertView; followUp: FollowUpView }) {
  const { t, lang } = useText()
  const now = useMinute()
  const { scheme } = useCurrent()
  const { alert, followUp } = props
  const preview = useQuery(followUpPreviewQuery(scheme.id, alert.id))
  const segments = partsAsSent({ ...alert, text: followUp.text })
  const last = alert.broadcasts.at(-1)
  const isHeld = useAtTime((at) => holdsExpiry(alert, followUp, at))
  return (
    <>
      {followUp.state === 'submitted' && <FollowUpReturnedBefore followUp={followUp} />}
      {isHeld && (
        <p className={classes.warn} role="status">
          {t('followUp.holdsExpiry', { when: whenOf(lang, alert.expiresAt, now) })}
        </p>
      )}
      <div className={classes.grid}>
        <div className={classes.column}>
          <PhonePreview
            label={t('room.preview')}
            sender={alert.sender}
            time={timeOf(lang, now)}
            text={segments.parts.join('')}
            empty={t('alert.hidden')}
          />
          {followUp.state === 'submitted' && <GuardSays alert={alert} followUp={followUp} />}
        </div>
        <div className={classes.column}>
          <Recipients preview={preview} parts={segments.parts.length} />
          <p>
            {t('answer.level', { level: t(`doctrine.level.${followUp.level}`) })}
            <small className={classes.mute}> {t(`doctrine.level.${followUp.level}.what`)}</small>
          </p>
          {last !== undefined && (
            <div>
              <p className={classes.mute}>
                {t('followUp.before', {
                  time: timeOf(lang, last.orderedAt),
                  kind: t(`message.${last.kind}`),
                })}
              </p>
              <p className={classes.text}>{last.text}</p>
            </div>
          )}
        </div>
      </div>
      <ProsecutorStep alert={alert} followUp={followUp} />
      <FollowUpDecision alert={alert} followUp={followUp} preview={preview} segments={segments} />
    </>
  )
}
