import { Button } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import type { AudienceView } from '../../../../src/alerts/contract.ts'
import { ApiError } from '../../../api/client.ts'
import { type InDoubt, isGivenUp, isOrderNotReceived } from '../../../api/doubt.ts'
import { mayPass } from '../../../api/passing.ts'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { ChangedSubmission } from '../../approval/facts/Submission.tsx'
import { AudienceNotice } from '../audience/AudienceNotice.tsx'
import { isAudienceChanged, useLook } from '../audience/seen.ts'
import classes from './ConfirmSheet.module.css'
import { OffenceQuestion } from './OffenceQuestion.tsx'
import { OldFacts } from './OldFacts.tsx'
import { type OrderRead, OrderSheet, titleOf } from './OrderSheet.tsx'
import { SendActions, type SendStep } from './SendActions.tsx'

interface Props extends OrderRead {
  /** Whether the question on the offence has no answer yet and is asked here. */
  unanswered: boolean
  onOffence: () => void
  /** Age in minutes above which the facts require a written reason. */
  lateAfter: number
  /** The facts are already older; otherwise they may become so while the sheet is open. */
  isOld: boolean
  /** The reason, if it was written before the sheet opened. */
  reason?: string
  /** For the second person: whether the content is no longer what was submitted, and the function to return it. */
  returning?: {
    changed: boolean
    /** Number of members counted at the submission. */
    members: number | null
    onReturn: () => void
  }
  /**
   * Sends the report, the alert and the order; settles when the order is accepted. `reason`: why it is sent although
   * the facts are old.
   */
  send: (seen: AudienceView | undefined, reason: string | undefined, doubt: InDoubt) => Promise<void>
  onClose: () => void
}

/** The final check before an alert is sent: read it, confirm it, and a few seconds to cancel. */
export function ConfirmSheet(props: Props) {
  const { t, lang } = useText()
  const { audience, returning } = props
  const look = useLook(audience)
  /** It cannot be sent like this: the author confirms the new figures, the second person returns it. */
  const isBlocked = look.isOther || returning?.changed === true
  const sending = useSending(props, look.seen, isBlocked)
  const { step, failure, isOld } = sending
  return (
    <OrderSheet
      {...props}
      title={titleOf(t, lang, 'confirm.title', audience, props.area)}
      mayClose={step === 'read' || step === 'asking'}
      closesOutside={step === 'read'}
      onClose={sending.close}
      onNearTick={(done) => {
        sending.forgetFinalFailure()
        props.onNearTick(done)
      }}
    >
      {isOld && (
        <OldFacts
          lateAfter={props.lateAfter}
          reason={sending.reason}
          focus={!props.unanswered && props.nearTicked}
          onChange={(text) => {
            sending.forgetFinalFailure()
            sending.setReason(text)
          }}
        />
      )}
      {!returning && <AudienceNotice look={look} onLook={sending.forgetFailure} />}
      {returning && isBlocked && (
        <ChangedSubmission
          before={returning.members ?? look.seen?.members ?? null}
          now={look.now?.members}
          decides
        />
      )}
      {failure !== null && !(isBlocked && isAudienceChanged(failure)) && (
        <div className={step === 'leaving' ? (classes.away ?? '') : ''}>
          <SendFailure sending={sending} />
        </div>
      )}
      {props.unanswered && step === 'read' ? (
        <OffenceQuestion onYes={props.onOffence} onNo={props.onClose} />
      ) : (
        <Send {...props} sending={sending} isBlocked={isBlocked} />
      )}
    </OrderSheet>
  )
}

/** Shows why the alert was not sent, and that it can be sent again unless that would fail again. */
export function SendFailure({ sending }: { sending: Pick<Sending, 'failure' | 'isFinal'> }) {
  const { t } = useText()
  const { failure, isFinal } = sending
  if (failure === null) return null
  return (
    <Failure error={failure}>
      {!isFinal && !isOrderNotReceived(failure) && <p>{t('confirm.failed')}</p>}
    </Failure>
  )
}

/** Shows the button that sends the alert, or what can be done instead when it cannot be sent like this. */
function Send(
  props: Pick<Props, 'audience' | 'cancelSeconds' | 'exercise' | 'nearTicked' | 'returning'> & {
    sending: Sending
    isBlocked: boolean
  },
) {
  const { t } = useText()
  const { sending, returning, isBlocked } = props
  const { step, setStep, lacksReason } = sending
  const isCounted = (props.audience.data?.members ?? 0) > 0
  return (
    <SendActions
      step={step}
      cancelSeconds={props.cancelSeconds}
      kind="alert"
      focus={props.nearTicked && !sending.isOld}
      disabled={!isCounted || !props.nearTicked || lacksReason}
      label={t(labelOfSend(lacksReason, sending.failure !== null, props.exercise))}
      {...(step === 'read' &&
        (isBlocked || sending.isFinal) && {
          instead:
            returning && isBlocked ? (
              <Button size="md" onClick={returning.onReturn}>
                {t('approvals.return')}
              </Button>
            ) : null,
        })}
      onBack={sending.leave}
      onConfirm={() => {
        if (props.cancelSeconds > 0) setStep('leaving')
        else void sending.send()
      }}
      onCancel={() => setStep('read')}
      onCountdownOver={() => void sending.send()}
    />
  )
}

function labelOfSend(lacksReason: boolean, hasFailed: boolean, isExercise: boolean) {
  if (lacksReason) return 'old.hold'
  if (hasFailed) return 'confirm.holdAgain'
  return isExercise ? 'confirm.hold.exercise' : 'confirm.hold'
}

/**
 * Sends the alert, and tracks how far that is: read, leaving while it can be cancelled, sending, or asking for the
 * result when the response was lost.
 */
export function useSending(
  props: Pick<Props, 'isOld' | 'reason' | 'send' | 'onClose'>,
  seen: AudienceView | undefined,
  isBlocked: boolean,
) {
  const [step, setStep] = useState<SendStep>('read')
  const [failure, setFailure] = useState<unknown>(null)
  const [reason, setReason] = useState(props.reason ?? '')
  const [refusedAsOld, setRefusedAsOld] = useState(false)
  // The reason can still be given here.
  const isFinal = failure !== null && !mayPass(failure) && !isRefusedAsOld(failure)
  // The server's clock may be ahead of this one.
  const isOld = props.isOld || refusedAsOld
  const lacksReason = isOld && reason.trim() === ''
  // If the facts became old or the area changed while the order could be cancelled, it waits for a reason or another
  // confirmation.
  useEffect(() => {
    if (step === 'leaving' && (lacksReason || isBlocked)) setStep('read')
  }, [step, lacksReason, isBlocked])

  /** Stops asking for the result of an order with a lost response. */
  const asking = useRef<AbortController | null>(null)
  const send = async () => {
    setFailure(null)
    setStep('sending')
    asking.current = new AbortController()
    try {
      await props.send(seen, isOld ? reason.trim() : undefined, {
        onDoubt: () => setStep('asking'),
        signal: asking.current.signal,
      })
    } catch (error) {
      if (isGivenUp(error)) return
      setFailure(error)
      if (isRefusedAsOld(error)) setRefusedAsOld(true)
      setStep('read')
    }
  }
  const leave = () => {
    asking.current?.abort()
    props.onClose()
  }

  return {
    step,
    setStep,
    failure,
    /** Whether sending the same again would fail again. */
    isFinal,
    forgetFailure: () => setFailure(null),
    /** Another content may pass. */
    forgetFinalFailure: () => {
      if (isFinal) setFailure(null)
    },
    isOld,
    reason,
    setReason,
    lacksReason,
    send,
    leave,
    /** Cancels what is leaving, or leaves the sheet unless it is sending. */
    close: () => {
      if (step === 'leaving') setStep('read')
      else if (step !== 'sending') leave()
    },
  }
}

type Sending = ReturnType<typeof useSending>

function isRefusedAsOld(error: unknown): boolean {
  return error instanceof ApiError && error.problems.some(({ code }) => code === 'doctrine.grown_old')
}
