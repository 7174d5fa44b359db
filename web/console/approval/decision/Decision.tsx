import { Button } from '@mantine/core'
import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { grownOldFrom } from '../../../../src/alerts/compose/age.ts'
import type { AlertView, AudienceView } from '../../../../src/alerts/contract.ts'
import type { InDoubt } from '../../../api/doubt.ts'
import { audienceQuery, nearQuery, routesQuery, schemeQuery } from '../../../api/queries.ts'
import { countOf } from '../../../ui/format/format.ts'
import { useAtTime } from '../../../ui/format/now.ts'
import { useText } from '../../../ui/format/text.ts'
import { tradeNameOf } from '../../../ui/format/trade.ts'
import { toast } from '../../../ui/toasts/toast.ts'
import { SendUncalled } from '../../on-call/SendUnanswered.tsx'
import { isPreventionAlert } from '../../room/doctrine/doctrine.ts'
import { OldFacts } from '../../room/order/OldFacts.tsx'
import { partsAsSent } from '../../room/order/sent.ts'
import { useCurrent } from '../../shell/current.tsx'
import { isSendable } from '../../shell/header/RouteStatus.tsx'
import classes from '../Approvals.module.css'
import { Unpassed, useUnpassed } from '../facts/GuardSays.tsx'
import { Submission } from '../facts/Submission.tsx'
import { isAuthor, mayDecide } from '../mine/mine.ts'
import { audienceOf } from '../queries.ts'
import { useAlertRefresh } from '../useAlertRefresh.ts'
import { useDialog } from '../useDialog.ts'
import type { Verb } from './DecideModal.tsx'
import { TakeUp } from './TakeUp.tsx'
import { useApproval } from './useApproval.ts'

const ConfirmSheet = lazy(() =>
  import('../../room/order/ConfirmSheet.tsx').then((module) => ({ default: module.ConfirmSheet })),
)
const ReturnOrReject = lazy(() =>
  import('./ReturnOrReject.tsx').then((module) => ({ default: module.ReturnOrReject })),
)

/** Age from which on the scheme requires a written reason to send it. */
export function grownOldOf(alert: AlertView, lateAfterMinutes: number): number {
  return grownOldFrom(
    {
      isPrevention: isPreventionAlert(alert),
      occurredAt: Date.parse(alert.occurredAt),
      calledAt: Date.parse(alert.calledAt),
      submittedAt: Date.parse(alert.approval.submittedAt ?? alert.createdAt),
    },
    lateAfterMinutes,
  )
}

/** Lets the second person send, return or reject; shows other users that the decision is pending. */
export function Decision(props: { alert: AlertView }) {
  const current = useCurrent()
  return mayDecide(current, props.alert) ? <Decide alert={props.alert} /> : <Pending alert={props.alert} />
}

/** Shows that another user still has to decide. */
function Pending({ alert }: { alert: AlertView }) {
  const { t } = useText()
  const current = useCurrent()
  return (
    <div className={classes.actions}>
      <Submission alert={alert} />
      <p className={`${classes.mute} ${classes.says}`}>
        {isAuthor(current, alert) && current.may('alert.approve')
          ? t('approvals.notYours')
          : t('approvals.waits')}
      </p>
      <SendUncalled alertId={alert.id} followUpId={null} />
      {current.may('alert.compose') && (
        <TakeUp reportId={alert.reportId} variant="default">
          {t('approvals.takeBack')}
        </TakeUp>
      )}
    </div>
  )
}

/** Lets the second person send, return or reject the alert. */
function Decide({ alert }: { alert: AlertView }) {
  const { t, lang } = useText()
  const current = useCurrent()
  const { scheme } = current
  const refresh = useAlertRefresh(alert.id)
  const { dialog, open, swap, close, leave } = useDialog<'approve' | Verb>()
  const unpassed = useUnpassed({ alert })
  const audience = useQuery(audienceQuery(scheme.id, audienceOf(alert)))
  const whole = useQuery(schemeQuery(scheme.id)).data
  const [reason, setReason] = useState('')
  const lateAfter = whole?.doctrine.lateAfterMinutes
  const isOld = useAtTime((now) => lateAfter !== undefined && now > grownOldOf(alert, lateAfter))
  const changed = alert.submission?.changed === true
  const members = audience.data?.members
  const lacking = alert.doctrine.level === 'precise' && !alert.authorisation?.valid
  return (
    <>
      {isOld && lateAfter !== undefined && (
        <OldFacts lateAfter={lateAfter} reason={reason} onChange={setReason} />
      )}
      <div className={classes.actions}>
        {isAuthor(current, alert) && (
          <p className={`${classes.mute} ${classes.says}`}>{t('approvals.exercise')}</p>
        )}
        <Submission alert={alert} />
        {lacking && <p className={`${classes.warn} ${classes.says}`}>{t('authorisation.lacking')}</p>}
        <Unpassed alert={alert} />
        <Button variant="subtle" color="red" onClick={open('reject')}>
          {t('approvals.reject')}
        </Button>
        <Button variant={changed ? 'filled' : 'default'} onClick={open('return')}>
          {t('approvals.return')}
        </Button>
        {!changed && (
          <Button
            disabled={lacking || unpassed !== null || (isOld && reason.trim() === '')}
            onClick={open('approve')}
          >
            {members === undefined
              ? t(alert.exercise ? 'room.send.plain.exercise' : 'room.send.plain')
              : t(alert.exercise ? 'room.send.exercise' : 'room.send', {
                  count: members,
                  shown: countOf(lang, members),
                })}
          </Button>
        )}
        <Suspense>
          <Approval
            isOpen={dialog === 'approve'}
            alert={alert}
            audience={audience}
            isOld={isOld}
            reason={reason}
            onReturn={() => swap('return')}
            onClose={close}
          />
          {(dialog === 'return' || dialog === 'reject') && (
            <ReturnOrReject
              verb={dialog}
              alert={alert}
              onDecided={(said) => {
                void toast(said)
                return leave(refresh)
              }}
              onClose={close}
            />
          )}
        </Suspense>
      </div>
    </>
  )
}

/** The last check of the second person, with the near alerts that were confirmed, which are kept while it is closed. */
function Approval(props: {
  isOpen: boolean
  alert: AlertView
  audience: UseQueryResult<AudienceView>
  isOld: boolean
  reason: string
  onReturn: () => void
  onClose: () => void
}) {
  const { lang } = useText()
  const { scheme } = useCurrent()
  const { isOpen, alert, audience } = props
  const { order, refresh } = useApproval(alert)
  const navigate = useNavigate()
  const [confirmed, setConfirmed] = useState<string[]>([])
  const near =
    useQuery(nearQuery(scheme.id, isOpen ? { reportId: alert.reportId, words: alert.text } : null)).data ?? []
  const whole = useQuery(schemeQuery(scheme.id)).data
  const routes = useQuery(routesQuery(scheme.id)).data?.routes
  const segments = partsAsSent(alert)
  const approve = async (seen: AudienceView | undefined, why: string | undefined, doubt: InDoubt) => {
    await order({ seen, confirmNear: confirmed, reason: why }, doubt)
    if (!doubt.signal?.aborted) await navigate({ to: '/alertes/$alertId', params: { alertId: alert.id } })
    void refresh()
  }
  if (!isOpen) return null
  return (
    <ConfirmSheet
      area={{
        area: alert.area,
        name: alert.areaLabel,
        words: alert.areaLabel,
        communes: audience.data?.communes ?? 0,
        withoutPoint: [],
      }}
      trades={alert.trades.map((code) => tradeNameOf(lang, whole?.trades ?? [], code))}
      audience={audience}
      message={{ text: alert.text, byHand: true, segments, sent: segments.parts.join('') }}
      sender={alert.sender}
      routeDown={routes !== undefined && !isSendable(routes, alert.exercise)}
      caution={null}
      exercise={alert.exercise}
      unanswered={false}
      onOffence={() => {}}
      near={near}
      nearTicked={near.every((one) => !one.mustConfirm || confirmed.includes(one.id))}
      onNearTick={(done) => setConfirmed(done ? near.map((one) => one.id) : [])}
      lateAfter={whole?.doctrine.lateAfterMinutes ?? 0}
      isOld={props.isOld}
      reason={props.reason}
      cancelSeconds={whole?.doctrine.cancelWindowSeconds ?? 0}
      returning={{
        changed: alert.submission?.changed === true,
        members: alert.submission?.members ?? null,
        onReturn: props.onReturn,
      }}
      send={approve}
      onClose={props.onClose}
    />
  )
}
