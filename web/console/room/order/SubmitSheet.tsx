import { Button, Textarea } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useEffect, useRef, useState } from 'react'
import type { AudienceView } from '../../../../src/alerts/contract.ts'
import type { InDoubt } from '../../../api/doubt.ts'
import { mayPass } from '../../../api/passing.ts'
import { useAction } from '../../../api/useAction.ts'
import { DialogButtons } from '../../../ui/dialog/DialogButtons.tsx'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { AudienceNotice } from '../audience/AudienceNotice.tsx'
import { isAudienceChanged, type Look, useLook } from '../audience/seen.ts'
import classes from '../doctrine/Doctrine.module.css'
import sheet from './ConfirmSheet.module.css'
import { OffenceQuestion } from './OffenceQuestion.tsx'
import { type OrderRead, OrderSheet, titleOf } from './OrderSheet.tsx'
import { SendActions, type SendStep } from './SendActions.tsx'

type Step = 'read' | 'alone' | 'leaving'

interface Props extends OrderRead {
  /** Whether it has identifying details without the prosecutor's authorisation. */
  unauthorised: boolean
  /** Whether the question on the offence is not answered yet. */
  unanswered: boolean
  onOffence: () => void
  submit: (seen: AudienceView | undefined, doubt: InDoubt) => Promise<void>
  /** Null if the user may not send it alone. */
  override: ((reason: string, seen: AudienceView | undefined, doubt: InDoubt) => Promise<void>) | null
  onClose: () => void
}

/** The final check before an alert is submitted to the second person; a chief may also send it alone, with a reason. */
export function SubmitSheet(props: Props) {
  const { t, lang } = useText()
  const look = useLook(props.audience)
  const order = useSubmission(props, look)
  const { step, isAsking, isBusy } = order
  return (
    <OrderSheet
      {...props}
      title={
        step === 'read'
          ? t(props.exercise ? 'submit.title.exercise' : 'submit.title')
          : titleOf(t, lang, 'override.ask', props.audience, props.area)
      }
      mayClose={isAsking || (step !== 'leaving' && !isBusy)}
      closesOutside={step === 'read' && !isBusy}
      onClose={order.close}
      onNearTick={(done) => {
        order.forgetFailures()
        props.onNearTick(done)
      }}
    >
      <p className={classes.note}>{t(props.exercise ? 'submit.why.exercise' : 'submit.why')}</p>
      {props.unauthorised && <p className={sheet.warn}>{t('submit.unauthorised')}</p>}
      <AudienceNotice look={look} onLook={order.forgetFailures} />
      <Progress order={order} isOther={look.isOther} />
      {(!look.isOther || isBusy) && <NextStep {...props} order={order} />}
    </OrderSheet>
  )
}

/** Asks what is not answered yet, and offers to submit the alert or to send it alone. */
function NextStep(props: Props & { order: Submission }) {
  const { order } = props
  if (props.unanswered) return <OffenceQuestion onYes={props.onOffence} onNo={props.onClose} />
  if (order.step === 'read') {
    const mayOverride = props.override !== null && !props.unauthorised
    return <SubmitButtons order={order} isReady={props.nearTicked} mayOverride={mayOverride} />
  }
  return (
    <AloneForm
      order={order}
      isReady={props.nearTicked && (props.audience.data?.members ?? 0) > 0}
      cancelSeconds={props.cancelSeconds}
    />
  )
}

/** Submits the alert or sends it alone, and tracks how far that is. */
function useSubmission(props: Pick<Props, 'submit' | 'override' | 'unanswered' | 'onClose'>, look: Look) {
  const [step, setStep] = useState<Step>('read')
  /** The response is lost, and the server is being asked for the result. */
  const [isAsking, setAsking] = useState(false)
  const asking = useRef<AbortController | null>(null)
  const doubt = (): InDoubt => {
    asking.current = new AbortController()
    return { onDoubt: () => setAsking(true), signal: asking.current.signal }
  }
  const submit = useAction(() => props.submit(look.seen, doubt()), {
    onSettled: () => setAsking(false),
  })
  /** The reason to send it alone, kept when the form is closed and opened again. */
  const form = useForm({ initialValues: { reason: '' } })
  const override = useAction(
    (why: string) => props.override?.(why, look.seen, doubt()) ?? Promise.resolve(),
    {
      form,
      onError: () => setStep('alone'),
      onSettled: () => setAsking(false),
    },
  )
  const main = useRef<HTMLButtonElement>(null)
  // After the answer to the question, the next Enter submits.
  useEffect(() => {
    if (!props.unanswered && step === 'read') main.current?.focus()
  }, [props.unanswered, step])
  // The area was changed while it was being sent.
  useEffect(() => {
    if (look.isOther && !override.isPending) setStep((now) => (now === 'leaving' ? 'read' : now))
  }, [look.isOther, override.isPending])
  const isBusy = submit.isPending || override.isPending
  const leave = () => {
    asking.current?.abort()
    props.onClose()
  }
  return {
    step,
    setStep,
    form,
    main,
    submit,
    override,
    isAsking,
    isBusy,
    forgetFailures: () => {
      submit.reset()
      override.reset()
    },
    leave,
    /** Cancels what is leaving, or leaves the sheet unless it is sending. */
    close: () => {
      if (isBusy && !isAsking) return
      if (step === 'leaving' && !isAsking) setStep('alone')
      else leave()
    },
  }
}

type Submission = ReturnType<typeof useSubmission>

/** Shows why the alert was refused, or that the server is asked for the result of a submission. */
function Progress(props: { order: Submission; isOther: boolean }) {
  const { t } = useText()
  const { step, submit, override, isAsking } = props.order
  return (
    <>
      {submit.isError && <Refusal error={submit.error} isOther={props.isOther} />}
      {override.isError && (
        <div className={step === 'leaving' ? (sheet.away ?? '') : ''}>
          <Refusal error={override.failure} isOther={props.isOther} />
        </div>
      )}
      {isAsking && submit.isPending && (
        <p role="status" className={sheet.warn}>
          {t('doubt.asking', { kind: 'submission' })}
        </p>
      )}
    </>
  )
}

/** Shows the button that submits the alert, and the one that opens the form to send it alone. */
function SubmitButtons(props: { order: Submission; isReady: boolean; mayOverride: boolean }) {
  const { t } = useText()
  const { main, submit, isAsking, isBusy, leave, setStep } = props.order
  return (
    <DialogButtons
      size="md"
      disabled={isBusy && !isAsking}
      onBack={leave}
      lead={
        props.mayOverride && (
          <Button variant="subtle" color="red" size="md" disabled={isBusy} onClick={() => setStep('alone')}>
            {t('override.open')}
          </Button>
        )
      }
    >
      <Button
        size="md"
        ref={main}
        data-autofocus
        loading={isBusy}
        disabled={!props.isReady}
        onClick={() => submit.mutate()}
      >
        {t('submit.confirm')}
      </Button>
    </DialogButtons>
  )
}

/** Asks for the reason to send the alert without the second person, and sends it. */
function AloneForm(props: { order: Submission; isReady: boolean; cancelSeconds: number }) {
  const { t } = useText()
  const { step, setStep, form, override, isAsking, leave } = props.order
  const reason = form.values.reason.trim()
  const pending: SendStep = isAsking ? 'asking' : 'sending'
  return (
    <div className={classes.override}>
      <b>{t('override.title')}</b>
      <p>{t('override.what')}</p>
      <Textarea
        mt={10}
        label={t('override.reason')}
        required
        data-autofocus
        autosize
        minRows={2}
        maxRows={5}
        maxLength={500}
        {...form.getInputProps('reason')}
        onChange={(event) => {
          override.reset()
          form.setFieldValue('reason', event.currentTarget.value)
        }}
      />
      <p className={classes.warn}>{t('override.review')}</p>
      <SendActions
        step={override.isPending ? pending : step === 'leaving' ? 'leaving' : 'read'}
        kind="alert"
        cancelSeconds={Math.max(1, props.cancelSeconds)}
        focus={false}
        disabled={reason === '' || !props.isReady}
        label={t('override.confirm')}
        {...(override.isError && !mayPass(override.error) && { instead: null })}
        onBack={() => (isAsking ? leave() : setStep('read'))}
        onConfirm={() => setStep('leaving')}
        onCancel={() => setStep('alone')}
        onCountdownOver={() => override.mutate(reason)}
      />
    </div>
  )
}

/** The notice about another audience gives the figures, so they are not repeated. */
function Refusal(props: { error: unknown; isOther: boolean }) {
  return props.isOther && isAudienceChanged(props.error) ? null : <Failure error={props.error} />
}
