import { Button, Modal } from '@mantine/core'
import type { UseQueryResult } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import type { AudienceView, NearAlert } from '../../../../src/alerts/contract.ts'
import type { AreaChoice } from '../../../../src/territory/contract.ts'
import { ApiError } from '../../../api/client.ts'
import { type InDoubt, isGivenUp, isOrderNotReceived } from '../../../api/doubt.ts'
import { mayPass } from '../../../api/passing.ts'
import { ExerciseBanner } from '../../../ui/Exercise.tsx'
import { countOf, moneyOf, timeOf } from '../../../ui/format/format.ts'
import { useNow } from '../../../ui/format/now.ts'
import { type FormatMessage, useText } from '../../../ui/format/text.ts'
import { KeepFocus } from '../../../ui/KeepFocus.tsx'
import { Failure } from '../../../ui/Notice.tsx'
import { PhonePreview } from '../../../ui/PhonePreview.tsx'
import { ChangedSubmission } from '../../approval/Submission.tsx'
import { AudienceNotice } from '../audience/AudienceNotice.tsx'
import { ofArea } from '../audience/areas.ts'
import { finishOf, secondsOf } from '../audience/Consequences.tsx'
import { isAudienceChanged, useLook } from '../audience/seen.ts'
import { NearNotice } from '../desk/NearNotice.tsx'
import type { Message } from '../text/message.ts'
import classes from './ConfirmSheet.module.css'
import { OffenceQuestion } from './OffenceQuestion.tsx'
import { OldFacts } from './OldFacts.tsx'
import { SendActions, type SendStep } from './SendActions.tsx'

interface Props {
  area: AreaChoice
  trades: readonly string[]
  audience: UseQueryResult<AudienceView>
  message: Message
  exercise: boolean
  sender: string
  routeDown: boolean
  /** Warnings to consider before confirming; null: none. */
  caution: string | null
  /** Whether the question on the offence has no answer yet and is asked here. */
  unanswered: boolean
  onOffence: () => void
  near: readonly NearAlert[]
  /** Whether the operator confirmed all near alerts that were sent. */
  nearTicked: boolean
  onNearTick: (done: boolean) => void
  /** Seconds in which the order can be cancelled; 0: it is sent at once. */
  cancelSeconds: number
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
  const title = titleOf(t, lang, 'confirm.title', audience, props.area)
  return (
    <Modal
      opened
      transitionProps={{ duration: 0 }}
      onClose={sending.close}
      size={620}
      title={title}
      closeOnClickOutside={step === 'read'}
      closeButtonProps={{
        'aria-label': t('action.close'),
        className: step === 'read' || step === 'asking' ? '' : (classes.away ?? ''),
      }}
      classNames={{ title: classes.title ?? '', content: classes.content ?? '', inner: classes.inner ?? '' }}
    >
      <KeepFocus />
      {props.exercise && <ExerciseBanner />}
      <Reading {...props} />
      <NearNotice
        alerts={props.near}
        tick={{
          done: props.nearTicked,
          onChange: (done) => {
            sending.forgetFinalFailure()
            props.onNearTick(done)
          },
        }}
      />
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
    </Modal>
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
      onGone={() => void sending.send()}
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

/** Asks for the confirmation, with the exact number of recipients. */
export function titleOf(
  t: FormatMessage,
  lang: 'fr' | 'en',
  question: 'confirm.title' | 'override.ask',
  audience: Props['audience'],
  area: AreaChoice,
): string {
  if (audience.data === undefined) return t(audience.isError ? 'room.send.plain' : 'confirm.counting')
  const { members } = audience.data
  const words = lang === 'fr' ? ofArea(area.words) : area.words
  return t(question, { count: members, shown: countOf(lang, members), area: words })
}

/** Shows the text, the area, the number of recipients and the time. */
export function Reading(
  props: Pick<
    Props,
    'area' | 'trades' | 'audience' | 'message' | 'sender' | 'routeDown' | 'caution' | 'cancelSeconds'
  >,
) {
  const { t, lang } = useText()
  const now = useNow()
  const { audience, message } = props
  const parts = message.segments.parts.length
  const figures = audience.data
  const seconds = figures === undefined ? null : secondsOf(figures, parts)
  return (
    <div className={classes.reading}>
      <PhonePreview
        label={t('room.preview')}
        sender={props.sender}
        time={timeOf(lang, now)}
        text={message.sent}
        empty=""
      />
      <dl className={classes.figures}>
        <Line name={t('confirm.area')} value={props.area.name} />
        <Line
          name={t('room.trades')}
          value={props.trades.length === 0 ? t('room.trades.all') : props.trades.join(', ')}
        />
        <Line
          name={t('figure.sms')}
          value={figures && t('confirm.sms', { sms: countOf(lang, figures.channels.sms * parts), parts })}
        />
        {figures !== undefined && figures.leftOut.quiet + figures.leftOut.fatigue > 0 && (
          <Line
            name={t('confirm.leftOut.name')}
            value={t('confirm.leftOut', {
              count: figures.leftOut.quiet + figures.leftOut.fatigue,
              ...figures.leftOut,
            })}
          />
        )}
        <Line name={t('figure.cost')} value={figures && moneyOf(lang, figures.costCents * parts)} />
        <Line
          name={t('figure.finish')}
          value={
            figures &&
            (seconds === null
              ? t('figure.unknown')
              : t('confirm.finish', {
                  span: finishOf(t, lang, seconds),
                  time: timeOf(lang, now + (seconds + props.cancelSeconds) * 1000),
                }))
          }
        />
      </dl>
      {audience.isError && <Failure error={audience.error} retry={() => void audience.refetch()} />}
      {props.caution !== null && <p className={classes.warn}>{props.caution}</p>}
      {props.routeDown && <p className={classes.warn}>{t('confirm.routeDown')}</p>}
    </div>
  )
}

function Line(props: { name: string; value: string | undefined }) {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.value ?? '…'}</dd>
    </div>
  )
}
