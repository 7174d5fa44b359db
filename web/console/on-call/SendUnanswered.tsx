import { Button, Modal } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { unansweredFrom } from '../../../src/alerts/approval/unanswered.ts'
import type { AlertView } from '../../../src/alerts/contract.ts'
import type { FollowUpView } from '../../../src/alerts/follow-up/contract.ts'
import type { CallOutView } from '../../../src/on-call/contract.ts'
import { serverNow } from '../../api/clock.ts'
import { audienceQuery, currentAlertsQuery, nearQuery, schemeQuery } from '../../api/queries.ts'
import { PhonePreview } from '../../ui/alert/PhonePreview.tsx'
import { clockOf, countOf, timeOf } from '../../ui/format/format.ts'
import { useAtTime } from '../../ui/format/now.ts'
import { useText } from '../../ui/format/text.ts'
import { KeepFocus } from '../../ui/KeepFocus.tsx'
import { Failure } from '../../ui/Notice.tsx'
import { toast } from '../../ui/toasts/toast.ts'
import { Departing } from '../alerts/follow-up/Departure.tsx'
import { FollowUpRead } from '../alerts/follow-up/FollowUpLook.tsx'
import { followUpPreviewQuery } from '../alerts/queries.ts'
import { useApproval } from '../approval/decision/useApproval.ts'
import { useFollowUpApproval } from '../approval/decision/useFollowUpApproval.ts'
import { audienceOf } from '../approval/queries.ts'
import { useAlertRefresh } from '../approval/useAlertRefresh.ts'
import { useLook } from '../room/audience/seen.ts'
import { NearNotice } from '../room/desk/notices/NearNotice.tsx'
import { useSending } from '../room/order/ConfirmSheet.tsx'
import { SendActions } from '../room/order/SendActions.tsx'
import { partsAsSent, textAsSent } from '../room/order/sent.ts'
import { useCurrent } from '../shell/current.tsx'
import classes from './CallOut.module.css'
import { callOutsQuery } from './queries.ts'

/** Counts down to the limit of the scheme, then lets the operator send what nobody on call answered. */
export function SendUnanswered(props: { callOut: Pick<CallOutView, 'alertId' | 'followUpId'> }) {
  const { t, lang } = useText()
  const { scheme, may } = useCurrent()
  const [open, setOpen] = useState(false)
  const { alertId, followUpId } = props.callOut
  const doctrine = useQuery(schemeQuery(scheme.id)).data?.doctrine
  const alert = useQuery({
    ...currentAlertsQuery(scheme.id),
    select: ({ alerts }) => alerts.find(({ id }) => id === alertId),
  }).data
  const followUp = alert?.followUps.find(({ id }) => id === followUpId)
  const message = followUpId === null ? alert : followUp
  const submittedAt = message?.state === 'submitted' ? message.approval.submittedAt : null
  const severity = alert?.category.severity
  const from =
    doctrine === undefined || submittedAt === null || severity === undefined
      ? null
      : unansweredFrom(doctrine, { severity, submittedAt: Date.parse(submittedAt) })
  const left = useAtTime((now) => (from === null ? '' : from <= now ? 'now' : clockOf(lang, from - now)))
  const maySend = may(followUpId === null ? 'alert.broadcast' : 'alert.follow_up')
  if (alert === undefined || submittedAt === null || left === '' || !maySend) return null
  if (left !== 'now') return <span>{t('onCall.unanswered.in', { clock: left })}</span>
  const close = () => setOpen(false)
  return (
    <>
      <Button size="compact-sm" onClick={() => setOpen(true)}>
        {t('onCall.unanswered')}
      </Button>
      {open &&
        (followUp === undefined ? (
          <Sheet alert={alert} submittedAt={submittedAt} onClose={close} />
        ) : (
          <FollowUpSheet alert={alert} followUp={followUp} submittedAt={submittedAt} onClose={close} />
        ))}
    </>
  )
}

/**
 * Offers to send an unanswered message that no person is called about, as when the on-call list of the scheme is empty. Where there
 * are calls, these show the button.
 */
export function SendUncalled(props: Pick<CallOutView, 'alertId' | 'followUpId'>) {
  const { scheme, may } = useCurrent()
  const { alertId, followUpId } = props
  const callOuts = useQuery({ ...callOutsQuery(scheme.id, alertId), enabled: may('call_out.read') }).data
  const isCalled = callOuts?.some(
    (one) => one.subject === 'approval' && one.endedAt === null && one.followUpId === followUpId,
  )
  return isCalled === false ? <SendUnanswered callOut={{ alertId, followUpId }} /> : null
}

/** Says that the prosecutor's authorisation is still missing: the limit waives the second person alone. */
function Lacking() {
  const { t } = useText()
  return <p className={classes.gap}>{t('authorisation.lacking')}</p>
}

function FollowUpSheet(props: {
  alert: AlertView
  followUp: FollowUpView
  submittedAt: string
  onClose: () => void
}) {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  const { alert, followUp, submittedAt, onClose } = props
  const refresh = useAlertRefresh(alert.id)
  const preview = useQuery(followUpPreviewQuery(scheme.id, alert.id))
  const cancelSeconds = useQuery(schemeQuery(scheme.id)).data?.doctrine.cancelWindowSeconds ?? 0
  const lacking = followUp.level === 'precise' && !followUp.authorisation?.valid
  const departure = useFollowUpApproval(
    { alert, followUp },
    {
      cancelSeconds,
      unanswered: t('onCall.unanswered.reason', { time: timeOf(lang, submittedAt) }),
      onSent: async (said) => {
        void toast(said)
        onClose()
        await refresh()
      },
    },
  )
  return (
    <Modal
      opened
      transitionProps={{ duration: 0 }}
      onClose={() => {
        if (departure.step === 'leaving') return departure.cancel()
        departure.leave()
        onClose()
      }}
      size={620}
      title={t('onCall.unanswered.title')}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <KeepFocus />
      <p className={classes.what}>{t('onCall.unanswered.what')}</p>
      {lacking && <Lacking />}
      <Departing
        departure={departure}
        cancelSeconds={cancelSeconds}
        label={t('followUp.hold')}
        disabled={lacking || !preview.data?.recipients}
        onBack={onClose}
      >
        <FollowUpRead
          alert={alert}
          segments={partsAsSent({ ...alert, text: followUp.text })}
          preview={preview}
        />
      </Departing>
    </Modal>
  )
}

function Sheet(props: { alert: AlertView; submittedAt: string; onClose: () => void }) {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  const { alert, submittedAt, onClose } = props
  const { order, refresh } = useApproval(alert, 'sendUnanswered')
  const audience = useQuery(audienceQuery(scheme.id, audienceOf(alert)))
  const cancelSeconds = useQuery(schemeQuery(scheme.id)).data?.doctrine.cancelWindowSeconds ?? 0
  const lacking = alert.doctrine.level === 'precise' && !alert.authorisation?.valid
  const near = useQuery(nearQuery(scheme.id, { reportId: alert.reportId, words: alert.text })).data ?? []
  const [confirmed, setConfirmed] = useState<readonly string[]>([])
  const look = useLook(audience)
  const isBlocked = look.isOther || alert.submission?.changed === true
  const sending = useSending(
    {
      isOld: false,
      send: async (seen, _, doubt) => {
        const reason = t('onCall.unanswered.reason', { time: timeOf(lang, submittedAt) })
        await order({ seen, confirmNear: confirmed, reason }, doubt)
        void refresh()
        onClose()
      },
      onClose,
    },
    look.seen,
    isBlocked,
  )
  const nearTicked = near.every((one) => !one.mustConfirm || confirmed.includes(one.id))
  const members = look.now?.members
  return (
    <Modal
      opened
      transitionProps={{ duration: 0 }}
      onClose={sending.close}
      size={560}
      title={t('onCall.unanswered.title')}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <KeepFocus />
      <p className={classes.what}>{t('onCall.unanswered.what')}</p>
      <PhonePreview
        label={t('room.preview')}
        sender={alert.sender}
        time={timeOf(lang, serverNow())}
        text={textAsSent(alert)}
        empty=""
      />
      <NearNotice
        alerts={near}
        tick={{ done: nearTicked, onChange: (done) => setConfirmed(done ? near.map(({ id }) => id) : []) }}
      />
      {isBlocked && <p role="alert">{t('submission.changed')}</p>}
      {lacking && <Lacking />}
      <Failure error={sending.failure} />
      <SendActions
        step={sending.step}
        cancelSeconds={cancelSeconds}
        kind="alert"
        disabled={isBlocked || lacking || !nearTicked || !members || sending.isFinal}
        label={
          members === undefined
            ? t('confirm.counting')
            : `${t('approver.hold')} ${t('approver.hold.to', { count: members, shown: countOf(lang, members) })}`
        }
        onBack={sending.close}
        onConfirm={() => {
          if (cancelSeconds > 0) sending.setStep('leaving')
          else void sending.send()
        }}
        onCancel={() => sending.setStep('read')}
        onCountdownOver={() => void sending.send()}
      />
    </Modal>
  )
}
