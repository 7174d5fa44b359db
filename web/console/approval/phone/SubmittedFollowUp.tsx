import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import type { AlertView } from '../../../../src/alerts/contract.ts'
import type { FollowUpView } from '../../../../src/alerts/follow-up/contract.ts'
import { schemeQuery } from '../../../api/queries.ts'
import { Clock } from '../../../ui/alert/Clock.tsx'
import { countOf, timeOf } from '../../../ui/format/format.ts'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { Recipients } from '../../alerts/follow-up/FormParts.tsx'
import { followUpPreviewQuery } from '../../alerts/queries.ts'
import { useAsked } from '../../on-call/Asked.tsx'
import { partsAsSent } from '../../room/order/sent.ts'
import { useCurrent } from '../../shell/current.tsx'
import { ProsecutorStep } from '../authorisation/ProsecutorStep.tsx'
import type { Verb } from '../decision/DecideModal.tsx'
import { useFollowUpApproval } from '../decision/useFollowUpApproval.ts'
import { GuardSays, Unpassed, useUnpassed } from '../facts/GuardSays.tsx'
import { FollowUpReturnedBefore } from '../facts/ReturnedBefore.tsx'
import { mayDecide } from '../mine/mine.ts'
import { useAlertRefresh } from '../useAlertRefresh.ts'
import classes from './ApproverPage.module.css'
import { DecideByHolding, OtherDecisions } from './HoldAndSides.tsx'
import { PinnedAuthorisation } from './PinnedAuthorisation.tsx'
import { WhyYou } from './WhyYou.tsx'

const ReturnOrReject = lazy(() =>
  import('../decision/ReturnOrReject.tsx').then((module) => ({ default: module.ReturnOrReject })),
)

/** A follow-up that waits for its second person: its text, whom it reaches, what came before, and the decision below the thumb. */
export function SubmittedFollowUp(props: { alert: AlertView; followUp: FollowUpView }) {
  const { t, lang } = useText()
  const current = useCurrent()
  const { alert, followUp } = props
  const { approval } = followUp
  const preview = useQuery(followUpPreviewQuery(current.scheme.id, alert.id))
  const segments = partsAsSent({ ...alert, text: followUp.text })
  const last = alert.broadcasts.at(-1)
  const asked = useAsked(followUp.level === 'precise' ? alert.id : null, followUp.id)
  const authorises =
    current.scheme.role === 'magistrate' && followUp.level === 'precise' && !followUp.authorisation?.valid
  return (
    <>
      <div className={classes.scroll}>
        <div className={classes.title}>
          <h1>
            {t('approver.followUp', { kind: t(`message.${followUp.kind}`), commune: alert.commune.name })}
          </h1>
          <Clock since={approval.submittedAt ?? followUp.createdAt} />
          <p>{t('approver.asked', { who: approval.submittedBy ?? followUp.createdBy })}</p>
          <span>{t('approver.sinceAsked')}</span>
        </div>
        <FollowUpReturnedBefore followUp={followUp} />
        <figure className={classes.text} aria-label={t('room.preview')}>
          <figcaption>{t('approver.exact', { sender: alert.sender })}</figcaption>
          <p>{segments.parts.join('')}</p>
        </figure>
        <div className={classes.card}>
          <Recipients preview={preview} parts={segments.parts.length} />
          {last !== undefined && (
            <div>
              <p className={classes.why}>
                {t('followUp.before', {
                  time: timeOf(lang, last.orderedAt),
                  kind: t(`message.${last.kind}`),
                })}
              </p>
              <p>{last.text}</p>
            </div>
          )}
          <p>
            {t('answer.level', { level: t(`doctrine.level.${followUp.level}`) })}
            <small className={classes.why}> {t(`doctrine.level.${followUp.level}.what`)}</small>
          </p>
          {!authorises && <ProsecutorStep alert={alert} followUp={followUp} />}
          <GuardSays alert={alert} followUp={followUp} />
          <WhyYou
            alert={alert}
            followUpId={followUp.id}
            subject={authorises ? 'authorisation' : 'approval'}
          />
        </div>
      </div>
      {authorises ? (
        <PinnedAuthorisation key={followUp.version} alert={alert} followUp={followUp} asked={asked} />
      ) : mayDecide(current, { exercise: alert.exercise, approval }) ? (
        <Pinned
          // A new version is another decision.
          key={followUp.version}
          alert={alert}
          followUp={followUp}
          recipients={preview.data?.recipients}
        />
      ) : (
        <footer className={classes.pinned}>
          <p role="status">{t('approvals.notYours')}</p>
        </footer>
      )}
    </>
  )
}

function Pinned(props: { alert: AlertView; followUp: FollowUpView; recipients: number | undefined }) {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  const { alert, followUp, recipients } = props
  const [dialog, setDialog] = useState<Verb | null>(null)
  const cancelSeconds = useQuery(schemeQuery(scheme.id)).data?.doctrine.cancelWindowSeconds ?? 0
  const refresh = useAlertRefresh(alert.id)
  // The page itself says what became of it.
  const departure = useFollowUpApproval({ alert, followUp }, { cancelSeconds, onSent: refresh })
  const { step, failure } = departure
  /** Another message was sent since it was written, so it no longer follows the latest one. */
  const isOvertaken = alert.broadcasts.at(-1)?.id !== followUp.after
  const lacking = followUp.level === 'precise' && !followUp.authorisation?.valid
  const unpassed = useUnpassed({ alert, followUp })
  return (
    <footer className={classes.pinned}>
      {isOvertaken && <p className={classes.warn}>{t('followUp.overtaken')}</p>}
      {lacking && <p className={classes.warn}>{t('authorisation.lacking')}</p>}
      <Unpassed alert={alert} followUp={followUp} />
      {failure !== null && <Failure error={failure} />}
      <DecideByHolding
        label={t('followUp.hold')}
        small={
          recipients === undefined
            ? t('confirm.counting')
            : t('approver.hold.followUp', { count: recipients, shown: countOf(lang, recipients) })
        }
        step={step}
        disabled={lacking || unpassed !== null || isOvertaken || !recipients}
        cancelSeconds={cancelSeconds}
        onConfirm={departure.confirm}
        onCountdownOver={departure.go}
      />
      <OtherDecisions step={step} onCancel={departure.cancel} onDecide={setDialog} />
      <Suspense>
        {dialog !== null && (
          <ReturnOrReject
            verb={dialog}
            alert={alert}
            followUp={followUp}
            presets
            onDecided={() => {
              setDialog(null)
              return refresh()
            }}
            onClose={() => setDialog(null)}
          />
        )}
      </Suspense>
    </footer>
  )
}
