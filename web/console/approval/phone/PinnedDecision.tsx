import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import type { AlertView } from '../../../../src/alerts/contract.ts'
import { audienceQuery, nearQuery, schemeQuery } from '../../../api/queries.ts'
import { countOf } from '../../../ui/format/format.ts'
import { useAtTime } from '../../../ui/format/now.ts'
import { useText } from '../../../ui/format/text.ts'
import { useLook } from '../../room/audience/seen.ts'
import { NearNotice } from '../../room/desk/notices/NearNotice.tsx'
import { SendFailure, useSending } from '../../room/order/ConfirmSheet.tsx'
import { OldFacts } from '../../room/order/OldFacts.tsx'
import { useCurrent } from '../../shell/current.tsx'
import type { Verb } from '../decision/DecideModal.tsx'
import { grownOldOf } from '../decision/Decision.tsx'
import { useApproval } from '../decision/useApproval.ts'
import { Unpassed, useUnpassed } from '../facts/GuardSays.tsx'
import { ChangedSubmission } from '../facts/Submission.tsx'
import { audienceOf } from '../queries.ts'
import classes from './ApproverPage.module.css'
import { DecideByHolding, OtherDecisions } from './HoldAndSides.tsx'

const ReturnOrReject = lazy(() =>
  import('../decision/ReturnOrReject.tsx').then((module) => ({ default: module.ReturnOrReject })),
)

/** The decision, pinned at the reach of a thumb: hold to send, return or reject with a reason. */
export function PinnedDecision(props: {
  alert: AlertView
  /** Whether it was submitted in another version since it was opened here; the button waits until it is read. */
  isChanged: boolean
  onRead: () => void
}) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const { alert } = props
  const { order, refresh } = useApproval(alert)
  const [dialog, setDialog] = useState<Verb | null>(null)
  const nearby = useNearby(alert)
  const audience = useQuery(audienceQuery(scheme.id, audienceOf(alert)))
  const doctrine = useQuery(schemeQuery(scheme.id)).data?.doctrine
  const look = useLook(audience)
  const lateAfter = doctrine?.lateAfterMinutes
  const isOld = useAtTime((now) => lateAfter !== undefined && now > grownOldOf(alert, lateAfter))
  const hasOtherAudience = look.isOther || alert.submission?.changed === true
  const isBlocked = hasOtherAudience || props.isChanged
  const sending = useSending(
    {
      isOld,
      send: async (seen, reason, doubt) => {
        await order({ seen, confirmNear: nearby.confirmed, reason }, doubt)
        void refresh()
      },
      onClose: () => {},
    },
    look.seen,
    isBlocked,
  )
  const lacksAuthorisation = alert.doctrine.level === 'precise' && !alert.authorisation?.valid
  return (
    <footer className={classes.pinned}>
      <NearNotice
        alerts={nearby.alerts}
        tick={{
          done: nearby.isTicked,
          onChange: (done) => {
            sending.forgetFinalFailure()
            nearby.tick(done)
          },
        }}
      />
      {sending.isOld && (
        <OldFacts lateAfter={lateAfter ?? 0} reason={sending.reason} onChange={sending.setReason} />
      )}
      {hasOtherAudience && (
        <ChangedSubmission
          before={alert.submission?.members ?? look.seen?.members ?? null}
          now={look.now?.members}
          decides
        />
      )}
      {lacksAuthorisation && <p className={classes.warn}>{t('authorisation.lacking')}</p>}
      <Unpassed alert={alert} />
      <SendFailure sending={sending} />
      {props.isChanged ? (
        <Button className={classes.main ?? ''} onClick={props.onRead}>
          {t('approver.read')}
        </Button>
      ) : (
        !isBlocked && (
          <HoldToSend
            alert={alert}
            members={look.now?.members}
            sending={sending}
            disabled={lacksAuthorisation || !nearby.isTicked}
            cancelSeconds={doctrine?.cancelWindowSeconds ?? 0}
          />
        )
      )}
      <OtherDecisions step={sending.step} onCancel={() => sending.setStep('read')} onDecide={setDialog} />
      <Suspense>
        {dialog !== null && (
          <ReturnOrReject
            verb={dialog}
            alert={alert}
            presets
            // The page itself says what became of it.
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

/** Returns the alerts near the place of this one, and those that the approver confirmed to have seen. */
function useNearby(alert: AlertView) {
  const { scheme } = useCurrent()
  const alerts = useQuery(nearQuery(scheme.id, { reportId: alert.reportId, words: alert.text })).data ?? []
  const [confirmed, setConfirmed] = useState<readonly string[]>([])
  return {
    alerts,
    confirmed,
    isTicked: alerts.every((one) => !one.mustConfirm || confirmed.includes(one.id)),
    tick: (done: boolean) => setConfirmed(done ? alerts.map(({ id }) => id) : []),
  }
}

/** The button that sends when it is held, as long as nothing is against it. */
function HoldToSend(props: {
  alert: AlertView
  /** Undefined while they are counted. */
  members: number | undefined
  sending: ReturnType<typeof useSending>
  disabled: boolean
  cancelSeconds: number
}) {
  const { t, lang } = useText()
  const { alert, members, sending, cancelSeconds } = props
  const unpassed = useUnpassed({ alert })
  return (
    <DecideByHolding
      label={t(alert.exercise ? 'confirm.hold.exercise' : 'approver.hold')}
      small={
        members === undefined
          ? t('confirm.counting')
          : t('approver.hold.to', { count: members, shown: countOf(lang, members) })
      }
      step={sending.step}
      disabled={props.disabled || unpassed !== null || sending.lacksReason || sending.isFinal || !members}
      cancelSeconds={cancelSeconds}
      onConfirm={() => {
        if (cancelSeconds > 0) sending.setStep('leaving')
        else void sending.send()
      }}
      onCountdownOver={() => void sending.send()}
    />
  )
}
