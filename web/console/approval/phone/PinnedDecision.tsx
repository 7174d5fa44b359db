import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import type { AlertView } from '../../../../src/alerts/contract.ts'
import { callApi } from '../../../api/client.ts'
import { audienceQuery, nearQuery, schemeQuery } from '../../../api/queries.ts'
import { countOf } from '../../../ui/format/format.ts'
import { useAtTime } from '../../../ui/format/now.ts'
import { useText } from '../../../ui/format/text.ts'
import { useLook } from '../../room/audience/seen.ts'
import { NearNotice } from '../../room/desk/NearNotice.tsx'
import { SendFailure, useSending } from '../../room/order/ConfirmSheet.tsx'
import { OldFacts } from '../../room/order/OldFacts.tsx'
import { useCurrent } from '../../shell/current.tsx'
import { grownOldOf, type Verb } from '../Decision.tsx'
import { Unpassed, useUnpassed } from '../GuardSays.tsx'
import { audienceOf } from '../queries.ts'
import { ChangedSubmission } from '../Submission.tsx'
import { useApproval } from '../useApproval.ts'
import classes from './ApproverPage.module.css'
import { DecideByHolding, OtherDecisions } from './HoldAndSides.tsx'

const DecideModal = lazy(() =>
  import('../DecideModal.tsx').then((module) => ({ default: module.DecideModal })),
)

/** The decision, pinned at the reach of a thumb: hold to send, return or reject with a reason. */
export function PinnedDecision(props: {
  alert: AlertView
  /** Whether it was submitted in another version since it was opened here; the button waits until it is read. */
  isChanged: boolean
  onRead: () => void
}) {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  const { alert } = props
  const { order, refresh } = useApproval(alert)
  const [dialog, setDialog] = useState<Verb | null>(null)
  const [confirmed, setConfirmed] = useState<readonly string[]>([])
  const audience = useQuery(audienceQuery(scheme.id, audienceOf(alert)))
  const near = useQuery(nearQuery(scheme.id, { reportId: alert.reportId, words: alert.text })).data ?? []
  const doctrine = useQuery(schemeQuery(scheme.id)).data?.doctrine
  const look = useLook(audience)
  const lateAfter = doctrine?.lateAfterMinutes
  const isOld = useAtTime((now) => lateAfter !== undefined && now > grownOldOf(alert, lateAfter))
  const isBlocked = look.isOther || alert.submission?.changed === true || props.isChanged
  const sending = useSending(
    {
      isOld,
      send: async (seen, reason, doubt) => {
        await order({ seen, confirmNear: confirmed, reason }, doubt)
        void refresh()
      },
      onClose: () => {},
    },
    look.seen,
    isBlocked,
  )
  const { step } = sending
  const nearTicked = near.every((one) => !one.mustConfirm || confirmed.includes(one.id))
  const lacking = alert.doctrine.level === 'precise' && !alert.authorisation?.valid
  const unpassed = useUnpassed({ alert })
  const members = look.now?.members
  const cancelSeconds = doctrine?.cancelWindowSeconds ?? 0
  const decide = async (verb: Verb, reason: string) => {
    await callApi(verb === 'return' ? 'returnAlert' : 'rejectAlert', {
      params: { scheme: scheme.id, id: alert.id },
      body: { version: alert.version, reason },
    })
    setDialog(null)
    await refresh()
  }
  return (
    <footer className={classes.pinned}>
      <NearNotice
        alerts={near}
        tick={{
          done: nearTicked,
          onChange: (done) => {
            sending.forgetFinalFailure()
            setConfirmed(done ? near.map(({ id }) => id) : [])
          },
        }}
      />
      {sending.isOld && (
        <OldFacts lateAfter={lateAfter ?? 0} reason={sending.reason} onChange={sending.setReason} />
      )}
      {(look.isOther || alert.submission?.changed === true) && (
        <ChangedSubmission
          before={alert.submission?.members ?? look.seen?.members ?? null}
          now={members}
          decides
        />
      )}
      {lacking && <p className={classes.warn}>{t('authorisation.lacking')}</p>}
      <Unpassed alert={alert} />
      <SendFailure sending={sending} />
      {props.isChanged ? (
        <Button className={classes.main ?? ''} onClick={props.onRead}>
          {t('approver.read')}
        </Button>
      ) : (
        !isBlocked && (
          <DecideByHolding
            label={t(alert.exercise ? 'confirm.hold.exercise' : 'approver.hold')}
            small={
              members === undefined
                ? t('confirm.counting')
                : t('approver.hold.to', { count: members, shown: countOf(lang, members) })
            }
            step={step}
            disabled={
              lacking ||
              unpassed !== null ||
              !nearTicked ||
              sending.lacksReason ||
              sending.isFinal ||
              !members
            }
            cancelSeconds={cancelSeconds}
            onConfirm={() => {
              if (cancelSeconds > 0) sending.setStep('leaving')
              else void sending.send()
            }}
            onCountdownOver={() => void sending.send()}
          />
        )
      )}
      <OtherDecisions step={step} onCancel={() => sending.setStep('read')} onDecide={setDialog} />
      <Suspense>
        {dialog !== null && (
          <DecideModal
            verb={dialog}
            presets
            decide={(reason) => decide(dialog, reason)}
            onClose={() => setDialog(null)}
          />
        )}
      </Suspense>
    </footer>
  )
}
