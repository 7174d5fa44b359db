import { Button, Textarea } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import type { UseQueryResult } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import type { AlertView } from '../../../../src/alerts/contract.ts'
import type { FollowUpPreview } from '../../../../src/alerts/follow-up/contract.ts'
import type { Segmentation } from '../../../../src/message/segment.ts'
import type { Action } from '../../../api/useAction.ts'
import { ExerciseBanner } from '../../../ui/alert/Exercise.tsx'
import { PhonePreview } from '../../../ui/alert/PhonePreview.tsx'
import { DialogButtons } from '../../../ui/dialog/DialogButtons.tsx'
import { timeOf } from '../../../ui/format/format.ts'
import { useMinute } from '../../../ui/format/now.ts'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import doctrine from '../../room/doctrine/Doctrine.module.css'
import sheet from '../../room/order/ConfirmSheet.module.css'
import { Departing, type Departure } from './Departure.tsx'
import { Cost, Recipients } from './FormParts.tsx'
import classes from './Forms.module.css'

/** Holds the reason to send a follow-up without the second person. */
export type AloneForm = UseFormReturnType<{ reason: string }>

/** Shows a follow-up before it is sent: on a phone, and its number of recipients. */
export function FollowUpRead(props: {
  alert: AlertView
  segments: Segmentation
  preview: UseQueryResult<FollowUpPreview>
}) {
  const { t, lang } = useText()
  const now = useMinute()
  const { alert, segments } = props
  return (
    <>
      {alert.exercise && <ExerciseBanner />}
      <div className={classes.look}>
        <PhonePreview
          label={t('room.preview')}
          sender={alert.sender}
          time={timeOf(lang, now)}
          text={segments.parts.join('')}
          empty=""
        />
        <div>
          <Recipients preview={props.preview} parts={segments.parts.length} />
          <p className={classes.under}>
            <Cost segments={segments} />
          </p>
        </div>
      </div>
    </>
  )
}

/** The final check of a follow-up: it is sent, or submitted to the second person; a chief may also send it alone. */
export function FollowUpLook(props: {
  alert: AlertView
  segments: Segmentation
  preview: UseQueryResult<FollowUpPreview>
  needed: boolean
  authorised: boolean
  cancelSeconds: number
  departure: Departure
  submit: Action<unknown>
  /** The response to the submission is lost, and the server is being asked for the result. */
  isAsking: boolean
  /** Null if the user may not send it alone, or the message does not allow it. */
  alone: {
    departure: Departure
    isOpen: boolean
    form: AloneForm
    open: (step: 'look' | 'alone') => void
  } | null
  onBack: () => void
}) {
  const { t } = useText()
  const { alone, submit } = props
  const read = <FollowUpRead alert={props.alert} segments={props.segments} preview={props.preview} />
  const nobody = props.preview.data === undefined || props.preview.data.recipients === 0
  if (!props.needed) {
    return (
      <Departing
        departure={props.departure}
        cancelSeconds={props.cancelSeconds}
        label={t('followUp.hold')}
        disabled={nobody}
        onBack={props.onBack}
      >
        {read}
      </Departing>
    )
  }
  if (alone?.isOpen) {
    return (
      <Departing
        departure={alone.departure}
        cancelSeconds={Math.max(1, props.cancelSeconds)}
        label={t('override.confirm')}
        disabled={nobody || alone.form.values.reason.trim() === ''}
        focus={false}
        onBack={alone.departure.step === 'asking' ? props.onBack : () => alone.open('look')}
      >
        {read}
        <div className={doctrine.override}>
          <b>{t('override.title')}</b>
          <p>{t('override.what')}</p>
          <Textarea
            mt={10}
            label={t('override.reason')}
            required
            autoFocus
            autosize
            minRows={2}
            maxRows={5}
            maxLength={500}
            {...alone.form.getInputProps('reason')}
          />
          <p className={doctrine.warn}>{t('override.review')}</p>
        </div>
      </Departing>
    )
  }
  return (
    <>
      {read}
      <p className={doctrine.note}>{t('followUp.submit.why')}</p>
      {!props.authorised && <p className={sheet.warn}>{t('submit.unauthorised')}</p>}
      {props.isAsking && (
        <p role="status" className={sheet.warn}>
          {t('doubt.asking', { kind: 'message' })}
        </p>
      )}
      {submit.isError && <Failure error={submit.error} />}
      <DialogButtons
        size="md"
        disabled={submit.isPending && !props.isAsking}
        onBack={props.onBack}
        lead={
          alone !== null && (
            <Button
              variant="subtle"
              color="red"
              size="md"
              disabled={submit.isPending}
              onClick={() => alone.open('alone')}
            >
              {t('override.open')}
            </Button>
          )
        }
      >
        <SubmitButton busy={submit.isPending} onClick={() => submit.mutate()} />
      </DialogButtons>
    </>
  )
}

/** Takes the focus where it appears, since it is the next button to press. */
function SubmitButton(props: { busy: boolean; onClick: () => void }) {
  const { t } = useText()
  const button = useRef<HTMLButtonElement>(null)
  useEffect(() => button.current?.focus(), [])
  return (
    <Button ref={button} size="md" loading={props.busy} onClick={props.onClick}>
      {t('submit.confirm')}
    </Button>
  )
}
